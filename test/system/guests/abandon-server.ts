/** Starts a server in the folder given first, says its process id and lives until it's killed. */
import { programs } from "../servers/program.ts";
import { startServer } from "../servers/server.ts";

const [folder = ""] = process.argv.slice(2);
const server = await startServer({
  name: "abandoned",
  program: programs.unshare,
  args: ["--", "sleep", "infinity"],
  folder,
  isReady: () => true,
});
process.stdout.write(`${server.pid}\n`);
