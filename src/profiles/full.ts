/** Entry of profile full: core, and the node daemon, MCP, WASM host, indexes, remote catalogs. */
import { doctorCommand, type Library } from "../cli/doctor.ts";
import { coreLibraries } from "./core-commands.ts";
import { programOf, start } from "./start.ts";

const libraries: readonly Library[] = [
  ...coreLibraries,
  {
    name: "components",
    purpose: "WASM connectors",
    check: async () => (await import("./libraries/components.ts")).checkComponents(),
  },
  {
    name: "author",
    purpose: "connector build",
    check: async () => (await import("./libraries/author.ts")).checkAuthor(),
  },
  {
    name: "mcp",
    purpose: "agents",
    check: async () => (await import("./libraries/mcp.ts")).checkMcp(),
  },
  {
    name: "vectors",
    purpose: "search by embedding",
    check: async () => (await import("./libraries/vectors.ts")).checkVectors(),
  },
  {
    name: "tokens",
    purpose: "rights of agents",
    check: async () => (await import("./libraries/tokens.ts")).checkTokens(),
  },
  {
    name: "postgres",
    purpose: "catalog on Postgres",
    check: async () => (await import("./libraries/postgres.ts")).checkPostgres(),
  },
  {
    name: "dynamodb",
    purpose: "catalog on DynamoDB",
    check: async () => (await import("./libraries/dynamodb.ts")).checkDynamodb(),
  },
];

await start(programOf("full", [doctorCommand(libraries, () => performance.now())]));
