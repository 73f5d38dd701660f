/** The commands and libraries of profile core; full has these and more. */
import type { Command } from "../cli/command.ts";
import type { Library } from "../cli/doctor.ts";
import { doctorOver, storeCommands } from "./store-commands.ts";

/** Libraries that core carries, each loaded by its check only. */
export const coreLibraries: readonly Library[] = [
  {
    name: "duckdb",
    purpose: "query face",
    check: async () => (await import("./libraries/duckdb.ts")).checkSelect(),
  },
  {
    name: "duckdb-copy",
    purpose: "big files and compaction",
    check: async () => (await import("./libraries/duckdb.ts")).checkCopy(),
  },
  {
    name: "parquet",
    purpose: "batches to Parquet files",
    check: async () => (await import("./libraries/parquet.ts")).checkParquet(),
  },
  {
    name: "sqlite",
    purpose: "catalog",
    check: async () => (await import("./libraries/sqlite.ts")).checkSqlite(),
  },
  {
    name: "s3",
    purpose: "sync with a bucket",
    check: async () => (await import("./libraries/s3.ts")).checkS3(),
  },
  {
    name: "http",
    purpose: "connectors' requests",
    check: async () => (await import("./libraries/http.ts")).checkHttp(),
  },
  {
    name: "tracing",
    purpose: "spans of a run",
    check: async () => (await import("./libraries/tracing.ts")).checkTracing(),
  },
  {
    name: "pools",
    purpose: "encoders and the query worker",
    check: async () => (await import("./libraries/pools.ts")).checkPools(),
  },
  {
    name: "config",
    purpose: "pipeline files",
    check: async () => (await import("./libraries/config.ts")).checkConfig(),
  },
];

/** The command line of core. */
export const coreCommands: readonly Command[] = [...storeCommands, doctorOver(coreLibraries)];
