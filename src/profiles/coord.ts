/** Entry of profile coord: coordinators, which hold the catalog and hand out leases. */
import { doctorCommand, type Library } from "../cli/doctor.ts";
import { programOf, start } from "./start.ts";

const libraries: readonly Library[] = [
  {
    name: "frames",
    purpose: "entries on the wire",
    check: async () => (await import("./libraries/frames.ts")).checkFrames(),
  },
  {
    name: "sqlite",
    purpose: "replicated catalog",
    check: async () => (await import("./libraries/sqlite.ts")).checkSqlite(),
  },
  {
    name: "tls",
    purpose: "mutual TLS between members",
    check: async () => (await import("./libraries/tls.ts")).checkTls(),
  },
];

await start(programOf("coord", [doctorCommand(libraries, () => performance.now())]));
