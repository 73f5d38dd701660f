/** A program that starts a server, says its process id, and never stops it. */
import { startPostgres } from "../../../scripts/servers/embedded-postgres.ts";

const server = await startPostgres();
process.stdout.write(`${server.processId()}\n`);
setInterval(() => {}, 60_000);
