/** Entry of profile core: command line, runner, query face, catalog, sync, built-in connectors. */
import { programOf, start } from "./start.ts";

await start(programOf("core", async () => (await import("./core-commands.ts")).coreCommands));
