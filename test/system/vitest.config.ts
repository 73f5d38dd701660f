import { defineConfig } from "vitest/config";
import { postgresHomeVariable } from "../../scripts/servers/postgres-program.ts";

/**
 * The tests that need Debian's packages or root: real servers, network namespaces, C guests.
 * `.ci/install` installs what they need. Nothing is skipped: what is missing fails and is named.
 * The tests of PostgreSQL that npm test runs on the newest server run here on Debian's.
 * One file at a time: the servers share the machine's cores, and a file has them to itself.
 */
export default defineConfig({
  test: {
    include: [
      "test/system/**/*.test.ts",
      "test/connectors/postgres/{source,types,wire}/**/*.test.ts",
    ],
    env: { [postgresHomeVariable]: "/usr/lib/postgresql/15" },
    globalSetup: ["test/system/global-setup.ts"],
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
