/** Checks DuckDB: the smallest query, and a COPY to a Parquet file in a temporary folder. */
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBInstance, version } from "@duckdb/node-api";

/** Copies a small table to a Parquet file and reads it back. */
export async function checkCopy(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "hakiri-doctor-"));
  const instance = await DuckDBInstance.create(":memory:", { threads: "1" });
  const connection = await instance.connect();
  try {
    const file = join(folder, "t.parquet");
    await connection.run(`copy (from range(100000)) to '${file.replaceAll("'", "''")}'`);
    const reader = await connection.runAndReadAll(
      `select count(*)::integer from read_parquet('${file.replaceAll("'", "''")}')`,
    );
    const rows = String(reader.getRows()[0]?.[0]);
    return `${version()}, ${rows} rows in ${(await stat(file)).size} bytes of Parquet`;
  } finally {
    connection.closeSync();
    instance.closeSync();
    await rm(folder, { recursive: true, force: true });
  }
}

/** The smallest query: what a cold start that touches DuckDB costs. */
export async function checkSelect(): Promise<string> {
  const instance = await DuckDBInstance.create(":memory:", { threads: "1" });
  const connection = await instance.connect();
  try {
    const reader = await connection.runAndReadAll("select 1");
    return `select 1 is ${String(reader.getRows()[0]?.[0])}`;
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}
