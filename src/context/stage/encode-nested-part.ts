/**
 * Columns to the bytes of a Parquet file by parquet-wasm, which nests types in any way. Runs in
 * whichever thread calls it; each thread has WebAssembly memory of its own.
 *
 * Settings, as measured: zstd at level 1; dictionaries only for texts of few values, where they
 * save bytes and time, since for others they cost half of the whole; delta encodings for the rest.
 */
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import * as parquet from "parquet-wasm/esm";
import type { Vector } from "../../core/batch.ts";
import type { NamedColumn } from "../../columns/named-column.ts";
import { isNested } from "../../core/type.ts";
import { toArrowStream } from "../../columns/to-arrow.ts";

const wasmFile = import.meta.resolve("parquet-wasm/esm/parquet_wasm_bg.wasm");
let loading: Promise<void> | null = null;

/** The bytes of a part with any columns. Loads the encoder at the first call. */
export async function encodeNestedPart(
  columns: readonly NamedColumn[],
  rows: number,
): Promise<Uint8Array> {
  loading ??= load();
  await loading;
  const stream = toArrowStream(columns, rows);
  // Both are consumed by the writer, which frees what they hold in WebAssembly's memory.
  const table = parquet.Table.fromIPCStream(stream);
  return parquet.writeParquet(table, propertiesOf(columns));
}

async function load(): Promise<void> {
  parquet.initSync({ module: await readFile(fileURLToPath(wasmFile)) });
}

function propertiesOf(columns: readonly NamedColumn[]): parquet.WriterProperties {
  let builder = new parquet.WriterPropertiesBuilder()
    .setWriterVersion(parquet.WriterVersion.V2)
    .setCompression(parquet.Compression.ZSTD)
    // A nested column's leaves can't be named one by one, and nothing is left out by them.
    .setStatisticsEnabled(parquet.EnabledStatistics.None)
    .setDictionaryEnabled(false);
  for (const { name, vector } of columns) {
    if (hasOrder(vector)) {
      builder = builder.setColumnStatisticsEnabled(name, parquet.EnabledStatistics.Chunk);
    }
    if (hasFewTexts(vector)) builder = builder.setColumnDictionaryEnabled(name, true);
    const encoding = encodingOf(vector);
    if (encoding !== null) builder = builder.setColumnEncoding(name, encoding);
  }
  return builder.build();
}

/**
 * Whether the bounds that parquet-wasm writes are those of DuckDB's order. It leaves a NaN out of
 * them, which is above all to DuckDB: rows would be missed.
 */
function hasOrder({ type, values }: Vector): boolean {
  if (type.kind !== "float") return !isNested(type);
  const { buffer, byteOffset, byteLength } = values.slice();
  return type.bits === 32
    ? !hasNan(new Float32Array(buffer, byteOffset, byteLength / 4))
    : !hasNan(new Float64Array(buffer, byteOffset, byteLength / 8));
}

function hasNan(values: Float32Array | Float64Array): boolean {
  for (const value of values) if (value !== value) return true;
  return false;
}

/** Null where the writer's own choice is right, or where a column is several in the file. */
function encodingOf({ type }: Vector): parquet.Encoding | null {
  switch (type.kind) {
    case "int":
    case "date":
    case "time":
    case "timestamp":
      return parquet.Encoding.DELTA_BINARY_PACKED;
    case "text":
    case "json":
    case "binary":
      return parquet.Encoding.DELTA_LENGTH_BYTE_ARRAY;
    case "null":
    case "bool":
    case "float":
    case "decimal":
    case "uuid":
    case "list":
    case "struct":
      return null;
  }
}

const sampleRows = 1024;
const fewTexts = 512;

/** Whether a dictionary pays, as far as the first rows tell. */
function hasFewTexts({ type, length, offsets, values }: Vector): boolean {
  if (type.kind !== "text" || offsets === null) return false;
  const rows = Math.min(length, sampleRows);
  const decoder = new TextDecoder();
  const seen = new Set<string>();
  for (let row = 0; row < rows; row += 1) {
    seen.add(decoder.decode(values.subarray(offsets[row], offsets[row + 1])));
  }
  return seen.size <= Math.min(fewTexts, rows / 2);
}
