/** Reads parts with a DuckDB of its own, as a user without hakiri would. */
import { DuckDBInstance } from "@duckdb/node-api";
import type { Json } from "../../../src/core/json.ts";

/** Runs one query and answers its rows, values as JSON. */
export type Query = (sql: string) => Promise<readonly { readonly [column: string]: Json }[]>;

/** Opens a DuckDB in memory for the time of the callback. */
export async function withDuckDb<T>(use: (query: Query) => Promise<T>): Promise<T> {
  const instance = await DuckDBInstance.create(":memory:", { threads: "1" });
  const connection = await instance.connect();
  try {
    await connection.run("SET TimeZone = 'UTC'");
    return await use(async (sql) => {
      const reader = await connection.runAndReadAll(sql);
      return reader.getRowObjectsJson();
    });
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}
