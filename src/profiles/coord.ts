/** Entry of profile coord: coordinators, which hold the catalog and hand out leases. */
import { programOf, start } from "./start.ts";

await start(programOf("coord", async () => (await import("./coord-commands.ts")).coordCommands));
