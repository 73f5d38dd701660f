/**
 * DuckDB as the store uses it: an instance in memory with bounded threads and memory, one statement
 * at a time. Loaded lazily: the native library takes 40 MB.
 */
import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { DuckDBInstance, type DuckDBConnection } from "@duckdb/node-api";
import { quoteText } from "../../core/identifier.ts";
import type { Json } from "../../core/json.ts";
import type { DataType, Field } from "../../core/type.ts";
import { dataTypeOf } from "./data-type.ts";
import { duckDbFault } from "./duckdb-fault.ts";

/** Bounds of an instance. */
export interface DuckDbOptions {
  readonly threads: number;
  /** As DuckDB takes it: `1GB`, `512MiB`. */
  readonly memoryLimit: string;
  /** Absolute path of a folder for what doesn't fit into memory; made when it is needed. */
  readonly temporaryFolder: string;
}

/** A row by column name, values as JSON: 64-bit integers and decimals are texts. */
export type DuckDbRow = { readonly [column: string]: Json };

/** An open instance. Calls wait for each other. */
export interface DuckDb {
  /** Runs one statement. Throws as `duckDbFault` maps what DuckDB says. */
  run(sql: string): Promise<void>;
  /** Runs one statement and gathers its rows: for small answers only. */
  rows(sql: string): Promise<readonly DuckDbRow[]>;
  /** The columns that a query yields, without running it. */
  columns(query: string): Promise<readonly Field[]>;
  /** Makes the statement under way, if any, fail with Permanent `duckdb.interrupted`. */
  interrupt(): void;
  /** Frees the instance. Idempotent. */
  close(): void;
}

/** Opens an instance. Sessions have UTC as their time zone, and load no extension by themselves. */
export async function openDuckDb(options: DuckDbOptions): Promise<DuckDb> {
  // DuckDB makes the folder when it spills, but none above it. Where that can't be, spilling fails
  // and says so, which many instances never do.
  await mkdir(dirname(options.temporaryFolder), { recursive: true }).catch(() => undefined);
  const instance = await DuckDBInstance.create(":memory:", {
    threads: String(options.threads),
    memory_limit: options.memoryLimit,
    temp_directory: options.temporaryFolder,
    autoinstall_known_extensions: "false",
    autoload_known_extensions: "false",
    // What is freed in pieces of so much goes back to the system. At DuckDB's own 512 MiB the
    // buffers of JSON, 128 MiB each, stay: 1.25 GiB at the peak of a large file, 0.9 with this. At
    // 16 MiB those of CSV go too, and come again for half as much CPU once more.
    allocator_bulk_deallocation_flush_threshold: "96MiB",
  });
  const connection = await instance.connect();
  await connection.run(`SET TimeZone = ${quoteText("UTC")}`);
  return new Connection(instance, connection);
}

const nullType: DataType = { kind: "null" };

class Connection implements DuckDb {
  readonly #instance: DuckDBInstance;
  readonly #connection: DuckDBConnection;
  /** Settles, never rejects, when the last statement so far is done. */
  #tail: Promise<unknown> = Promise.resolve();
  #isOpen = true;

  constructor(instance: DuckDBInstance, connection: DuckDBConnection) {
    this.#instance = instance;
    this.#connection = connection;
  }

  run(sql: string): Promise<void> {
    return this.#next(async () => void (await this.#connection.run(sql)));
  }

  rows(sql: string): Promise<readonly DuckDbRow[]> {
    return this.#next(async () => {
      const reader = await this.#connection.runAndReadAll(sql);
      // The library's JSON rows hold what JSON can: null, booleans, numbers, texts and containers.
      return reader.getRowObjectsJson();
    });
  }

  columns(query: string): Promise<readonly Field[]> {
    return this.#next(async () => {
      const reader = await this.#connection.runAndReadAll(`SELECT * FROM (${query}) LIMIT 0`);
      const types = reader.columnTypes();
      return reader.columnNames().map((name, index): Field => {
        const type = types[index];
        return { name, type: type === undefined ? nullType : dataTypeOf(type), nullable: true };
      });
    });
  }

  interrupt(): void {
    if (this.#isOpen) this.#connection.interrupt();
  }

  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#connection.closeSync();
    this.#instance.closeSync();
  }

  #next<T>(statement: () => Promise<T>): Promise<T> {
    const result = this.#tail.then(async () => {
      try {
        return await statement();
      } catch (error) {
        throw duckDbFault(error);
      }
    });
    this.#tail = result.catch(() => undefined);
    return result;
  }
}
