/** Entry of profile core: command line, runner, query face, catalog, sync, built-in connectors. */
import { coreCommands } from "./core-commands.ts";
import { programOf, start } from "./start.ts";

await start(programOf("core", coreCommands));
