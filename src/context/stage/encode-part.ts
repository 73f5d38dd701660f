/**
 * Columns to the bytes of a Parquet file, by parquet-wasm. Runs in whichever thread calls it; each
 * thread has WebAssembly memory of its own.
 *
 * Settings, as measured: zstd at level 1; dictionaries only for texts of few values, where they
 * save bytes and time, since for others they cost half of the whole; delta encodings for the rest.
 */
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import * as parquet from "parquet-wasm/esm";
import type { Vector } from "../../core/batch.ts";
import { toArrowStream, type NamedColumn } from "../../columns/to-arrow.ts";

/** What is to be encoded. Crosses threads as it is; its buffers may be transferred. */
export interface EncodeRequest {
  /** Each name and each id once. */
  readonly columns: readonly NamedColumn[];
  readonly rows: number;
}

/** Encodes a part in this thread or another one; the request's buffers are not to be used after. */
export type EncodePart = (request: EncodeRequest) => Promise<Uint8Array>;

const wasmFile = import.meta.resolve("parquet-wasm/esm/parquet_wasm_bg.wasm");
let loading: Promise<void> | null = null;

/** Encodes in the calling thread, which is busy meanwhile. Loads the encoder at the first call. */
export const encodePart: EncodePart = async (request) => {
  loading ??= load();
  await loading;
  return encode(request);
};

async function load(): Promise<void> {
  parquet.initSync({ module: await readFile(fileURLToPath(wasmFile)) });
}

function encode({ columns, rows }: EncodeRequest): Uint8Array {
  const stream = toArrowStream(columns, rows);
  // Both are consumed by the writer, which frees what they hold in WebAssembly's memory.
  const table = parquet.Table.fromIPCStream(stream);
  return parquet.writeParquet(table, propertiesOf(columns));
}

function propertiesOf(columns: readonly NamedColumn[]): parquet.WriterProperties {
  let builder = new parquet.WriterPropertiesBuilder()
    .setWriterVersion(parquet.WriterVersion.V2)
    .setCompression(parquet.Compression.ZSTD)
    .setStatisticsEnabled(parquet.EnabledStatistics.Chunk)
    .setDictionaryEnabled(false);
  for (const { name, vector } of columns) {
    if (hasFewTexts(vector)) builder = builder.setColumnDictionaryEnabled(name, true);
    const encoding = encodingOf(vector);
    if (encoding !== null) builder = builder.setColumnEncoding(name, encoding);
  }
  return builder.build();
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
