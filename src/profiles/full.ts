/** Entry of profile full: core, and the node daemon, MCP, WASM host, indexes, remote catalogs. */
import { programOf, start } from "./start.ts";

await start(programOf("full", async () => (await import("./full-commands.ts")).fullCommands));
