/**
 * `hakiri run` as profile core has it, whose run actors have DuckDB read a named pipe in place of
 * one file: nobody writes to it, and so that read is stuck in native code for ever.
 */
import { runCommand } from "../../../src/cli/commands/run-command.ts";
import { processEngine } from "../../../src/profiles/engine/engine.ts";
import { programOf, start } from "../../../src/profiles/start.ts";
import { pipeVariable } from "./stalling-source.ts";

const engine = processEngine();
const place = {
  ...engine.actorPlace(),
  entry: new URL("./stalling-thread.ts", import.meta.url),
  env: { [pipeVariable]: process.env[pipeVariable] ?? "" },
};
const commands = [runCommand(async () => ({ ...engine, actorPlace: () => place }))];
await start(programOf("core", async () => commands));
