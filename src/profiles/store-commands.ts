/** The commands over a store, which profiles core and full have. */
import type { Command } from "../cli/command.ts";
import type { Engine } from "../cli/commands/engine.ts";
import { ingestCommand } from "../cli/commands/ingest-command.ts";

/** One engine a process, made when the first command asks for it. */
let made: Promise<Engine> | undefined;

async function engine(): Promise<Engine> {
  made ??= import("./engine/engine.ts").then(({ processEngine }) => processEngine());
  return made;
}

/** In the order of their help. */
export const storeCommands: readonly Command[] = [ingestCommand(engine)];
