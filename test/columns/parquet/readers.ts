/** Reads files back by value with DuckDB and with parquet-wasm, each of which says what it saw. */
import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { constants, zstdCompressSync } from "node:zlib";
import { DuckDBInstance, type DuckDBValue } from "@duckdb/node-api";
import { tableFromIPC, type Data } from "apache-arrow";
import * as parquet from "parquet-wasm/esm";
import { parquetWriter } from "../../../src/columns/parquet/write-parquet.ts";
import type { FlatType } from "../../../src/columns/parquet/storage.ts";
import type { NamedColumn } from "../../../src/columns/named-column.ts";
import { quoteText } from "../../../src/core/identifier.ts";
import { withFolder } from "../../context/temporary-folder.ts";
import type { Told, ToldList } from "./random-vector.ts";

parquet.initSync({
  module: readFileSync(new URL(import.meta.resolve("parquet-wasm/esm/parquet_wasm_bg.wasm"))),
});

const params = { [constants.ZSTD_c_compressionLevel]: 1 };

/** The writer under test, with zstd. */
export const writeParquet = parquetWriter((bytes) => zstdCompressSync(bytes, { params }));

/** A DuckDB, and a folder of files each of which has a name of its own. */
export interface DuckDbReader {
  /** Writes the bytes, and answers the new file's path as SQL's text. */
  save(bytes: Uint8Array): Promise<string>;
  /** Runs a query and answers its columns. */
  columns(sql: string): Promise<readonly (readonly DuckDBValue[])[]>;
}

/** Opens a DuckDB in memory for the time of the callback. */
export async function withReader<T>(use: (reader: DuckDbReader) => Promise<T>): Promise<T> {
  const instance = await DuckDBInstance.create(":memory:", { threads: "1" });
  const connection = await instance.connect();
  let files = 0;
  try {
    await connection.run("SET TimeZone = 'UTC'");
    return await withFolder((folder) =>
      use({
        save: async (bytes) => {
          files += 1;
          const path = join(folder, `${files}.parquet`);
          await writeFile(path, bytes);
          return quoteText(path);
        },
        columns: async (sql) => (await connection.runAndReadAll(sql)).getColumns(),
      }),
    );
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

/** The expression that tells a column's values in DuckDB. */
export function tellingSql(type: FlatType, column: string): string {
  switch (type.kind) {
    case "null":
    case "bool":
    case "float":
      return column;
    case "int":
      return `${column}::HUGEINT`;
    case "decimal":
      return `replace(${column}::VARCHAR, '.', '')`;
    case "text":
      return `hex(encode(${column}))`;
    case "json":
      return `hex(encode(${column}::VARCHAR))`;
    case "uuid":
      return `replace(${column}::VARCHAR, '-', '')`;
    case "binary":
      return `hex(${column})`;
    case "date":
      return `(${column} - DATE '1970-01-01')::HUGEINT`;
    case "time":
      // An interval, since 24:00 has no place on a day.
      return `epoch_us(INTERVAL 0 SECOND + (${column}::VARCHAR)::INTERVAL)::HUGEINT`;
    case "timestamp":
      return `epoch_us(${column})::HUGEINT`;
  }
}

/** What DuckDB answers for `tellingSql`, as it is told of rows. */
export function toldByDuckDb(type: FlatType, value: DuckDBValue | undefined): Told {
  if (value === null || value === undefined) return null;
  if (type.kind === "decimal") return BigInt(String(value));
  if (typeof value === "string") return value.toLowerCase();
  if (typeof value === "bigint" || typeof value === "number" || typeof value === "boolean") {
    return value;
  }
  throw new Error(`expected a plain value of ${type.kind}`);
}

/** What parquet-wasm reads, a list for each column. */
export function readByWasm(
  bytes: Uint8Array,
  columns: readonly NamedColumn[],
  rows: number,
): readonly (readonly Told[])[] {
  const stream = parquet.readParquet(bytes).intoIPCStream();
  if (rows === 0) return columns.map(() => []);
  const table = tableFromIPC(stream);
  return columns.map(({ vector }, at) => {
    const chunks = (table.getChildAt(at)?.data ?? []) as readonly Data[]; // of any type
    return chunks.flatMap((chunk) =>
      Array.from({ length: chunk.length }, (_, row) => toldByArrow(vector.type, chunk, row)),
    );
  });
}

/** What parquet-wasm reads of the one column of a file, a list. */
export function readListsByWasm(bytes: Uint8Array, item: FlatType): readonly ToldList[] {
  const table = tableFromIPC(parquet.readParquet(bytes).intoIPCStream());
  const chunks = (table.getChildAt(0)?.data ?? []) as readonly Data[]; // of any type
  return chunks.flatMap((chunk) => {
    const offsets = chunk.valueOffsets as Int32Array; // of a List
    const items = chunk.children[0] as Data; // a List has one
    return Array.from({ length: chunk.length }, (_, row) => {
      if (!chunk.getValid(row)) return null;
      const from = offsets[row] ?? 0;
      const length = (offsets[row + 1] ?? 0) - from;
      return Array.from({ length }, (__, at) => toldByArrow(item, items, from + at));
    });
  });
}

function toldByArrow(
  { kind, ...type }: NamedColumn["vector"]["type"],
  chunk: Data,
  row: number,
): Told {
  if (kind === "null" || !chunk.getValid(row)) return null;
  const at = chunk.offset + row;
  // Views of an Arrow array begin at its offset already, its bitmaps and offsets don't.
  const values: unknown = chunk.values;
  switch (kind) {
    case "bool": {
      const bitmap = values as Uint8Array; // that is what a Bool holds
      return (((bitmap[at >>> 3] ?? 0) >>> (at & 7)) & 1) === 1;
    }
    case "float":
      return (values as Float64Array)[row] ?? null; // or 32 bits, read the same way
    case "text":
    case "json":
    case "binary": {
      const offsets = chunk.valueOffsets as Int32Array; // of a Utf8 or Binary
      const from = offsets[row];
      const to = offsets[row + 1];
      return (values as Uint8Array).subarray(from, to).toHex(); // that is what a Utf8 holds
    }
    case "uuid":
      return (values as Uint8Array).subarray(16 * row, 16 * row + 16).toHex(); // likewise
    case "decimal": {
      const words = (values as Uint32Array).subarray(4 * row, 4 * row + 4); // likewise
      const unsigned = words.reduceRight((sum, word) => (sum << 32n) | BigInt(word), 0n);
      return BigInt.asIntN(128, unsigned);
    }
    case "int":
    case "date":
    case "time":
    case "timestamp":
      return BigInt((values as Int32Array)[row] ?? 0); // of any width
    case "list":
    case "struct":
      throw new Error(`expected a flat type, got ${kind} ${JSON.stringify(type)}`);
  }
}
