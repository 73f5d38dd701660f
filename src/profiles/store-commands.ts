/** The commands over a store, which profiles core and full have. */
import type { Command } from "../cli/command.ts";
import type { Library } from "../cli/doctor.ts";
import type { Engine } from "../cli/commands/engine.ts";
import { historyCommands } from "../cli/commands/history/history-commands.ts";
import { ingestCommand } from "../cli/commands/ingest-command.ts";
import { initCommand } from "../cli/commands/init-command.ts";
import { pipelineCommands } from "../cli/commands/pipelines/pipeline-commands.ts";
import { queryCommand } from "../cli/commands/query/query-command.ts";
import { runCommand } from "../cli/commands/run-command.ts";
import { sourceCommands } from "../cli/commands/source/source-commands.ts";
import { stateCommands } from "../cli/commands/state/state-commands.ts";
import { storeDoctorCommand } from "../cli/commands/upkeep/store-doctor-command.ts";
import { upkeepCommands } from "../cli/commands/upkeep/upkeep-commands.ts";

/** One engine a process, made when the first command asks for it. */
let made: Promise<Engine> | undefined;

async function engine(): Promise<Engine> {
  made ??= import("./engine/engine.ts").then(({ processEngine }) => processEngine());
  return made;
}

/** `hakiri doctor` of a profile that carries these libraries. */
export function doctorOver(libraries: readonly Library[]): Command {
  return storeDoctorCommand(engine, { libraries, stopwatch: () => performance.now() });
}

/** In the order of their help. */
export const storeCommands: readonly Command[] = [
  initCommand,
  ingestCommand(engine),
  runCommand(engine),
  ...sourceCommands(engine),
  queryCommand(engine),
  ...pipelineCommands(engine),
  ...historyCommands(engine),
  ...stateCommands(engine),
  ...upkeepCommands(engine),
];
