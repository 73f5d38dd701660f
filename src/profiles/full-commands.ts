/** The commands and libraries of profile full: what core has, and more. */
import type { Command } from "../cli/command.ts";
import type { Library } from "../cli/doctor.ts";
import { coreLibraries } from "./core-commands.ts";
import { doctorOver, storeCommands } from "./store-commands.ts";

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

/** The command line of full. */
export const fullCommands: readonly Command[] = [...storeCommands, doctorOver(libraries)];
