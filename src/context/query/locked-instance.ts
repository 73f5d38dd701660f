/**
 * An instance of DuckDB for one statement, which sees the views that it was given and the files
 * behind them, and nothing else: no other file, no network, no extension, and no setting that could
 * be changed back.
 */
import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { DuckDBInstance, type DuckDBConnection } from "@duckdb/node-api";
import { quoteText } from "../../core/identifier.ts";
import type { QueryLimits } from "./protocol.ts";

/** What an instance is made of. */
export interface LockedInstanceOptions {
  readonly limits: QueryLimits;
  /** Statements that make the views. */
  readonly views: string;
  /** Absolute paths of every file that may be opened, for writing too. */
  readonly paths: readonly string[];
  /** Absolute path of a folder for what doesn't fit into memory; DuckDB makes it at need. */
  readonly temporaryFolder: string;
}

/** An instance with its one connection. */
export interface LockedInstance {
  readonly connection: DuckDBConnection;
  /** Frees it. Nothing of it may be under way. */
  close(): void;
}

/**
 * Opens an instance. `opened` is told of the connection before anything runs on it, to interrupt
 * it. Errors of its sessions are JSON (`errors_as_json`). Throws what DuckDB throws.
 */
export async function openLockedInstance(
  { limits, views, paths, temporaryFolder }: LockedInstanceOptions,
  opened: (connection: DuckDBConnection) => void,
): Promise<LockedInstance> {
  // DuckDB makes the folder when it spills, but none above it, and says so where that can't be.
  await mkdir(dirname(temporaryFolder), { recursive: true }).catch(() => undefined);
  const instance = await DuckDBInstance.create(":memory:", {
    threads: String(limits.threads),
    memory_limit: limits.memoryLimit,
    temp_directory: temporaryFolder,
    autoinstall_known_extensions: "false",
    autoload_known_extensions: "false",
    errors_as_json: "true",
  });
  try {
    const connection = await instance.connect();
    opened(connection);
    await connection.run("SET TimeZone = 'UTC'; SET parquet_metadata_cache = true");
    // As an option of the instance DuckDB 1.5 tells it and doesn't keep to it.
    await connection.run(`SET max_temp_directory_size = ${quoteText(limits.spillLimit)}`);
    // While files may still be opened: a view is bound when it is made.
    if (views !== "") await connection.run(views);
    const allowed = paths.map(quoteText).join(", ");
    await connection.run(`SET allowed_paths = [${allowed}]::VARCHAR[]`);
    await connection.run("SET enable_external_access = false; SET lock_configuration = true");
    return { connection, close: () => close(instance, connection) };
  } catch (error) {
    instance.closeSync();
    throw error;
  }
}

function close(instance: DuckDBInstance, connection: DuckDBConnection): void {
  connection.closeSync();
  instance.closeSync();
}
