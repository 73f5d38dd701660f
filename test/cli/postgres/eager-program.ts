/** Profile core whose retries follow at once: no wait of the policy's, and all of its attempts. */
import type { Engine } from "../../../src/cli/commands/engine.ts";
import { ingestCommand } from "../../../src/cli/commands/ingest-command.ts";
import { runCommand } from "../../../src/cli/commands/run-command.ts";
import type { Program } from "../../../src/cli/program.ts";
import { systemRandom } from "../../../src/platform/system-random.ts";
import { processEngine } from "../../../src/profiles/engine/engine.ts";
import { storeCommands } from "../../../src/profiles/store-commands.ts";
import { program } from "../commands/command-line.ts";

const random = { ...systemRandom, fraction: () => 0 };

async function eagerEngine(): Promise<Engine> {
  const engine = processEngine();
  const place = {
    ...engine.actorPlace(),
    entry: new URL("./eager-thread.ts", import.meta.url),
  };
  return {
    ...engine,
    actorPlace: () => place,
    openStore: async (project, opening) => ({
      ...(await engine.openStore(project, opening)),
      random,
    }),
  };
}

const runs = [ingestCommand(eagerEngine), runCommand(eagerEngine)];
const names = new Set(runs.map(({ name }) => name));

/** Its `ingest` and `run` don't wait; all else is the profile's. */
export const eagerProgram: Program = {
  ...program,
  commands: async () => [...runs, ...storeCommands.filter(({ name }) => !names.has(name))],
};
