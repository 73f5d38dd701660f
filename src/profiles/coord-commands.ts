/** The commands and libraries of profile coord. */
import type { Command } from "../cli/command.ts";
import { doctorCommand, type Library } from "../cli/doctor.ts";

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

/** The command line of coord. */
export const coordCommands: readonly Command[] = [
  doctorCommand({ libraries, stopwatch: () => performance.now() }),
];
