/** Checks apache-arrow and parquet-wasm together: typed arrays to a Parquet file and back. */
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import * as arrow from "apache-arrow";
import * as parquet from "parquet-wasm/esm";

const wasmFile = import.meta.resolve("parquet-wasm/esm/parquet_wasm_bg.wasm");

/** Writes 1,000 hand-filled rows as zstd Parquet and reads them back by value. */
export async function checkParquet(): Promise<string> {
  parquet.initSync({ module: await readFile(fileURLToPath(wasmFile)) });
  const ids = Int32Array.from({ length: 1000 }, (_, row) => row * 3);
  const table = new arrow.Table({ id: arrow.makeVector(ids) });
  const stream = arrow.tableToIPC(table, "stream");
  const properties = new parquet.WriterPropertiesBuilder()
    .setCompression(parquet.Compression.ZSTD)
    .build();
  const file = parquet.writeParquet(parquet.Table.fromIPCStream(stream), properties);
  const back = arrow.tableFromIPC(parquet.readParquet(file).intoIPCStream());
  const last: unknown = back.getChild("id")?.get(999);
  if (last !== 2997) throw new Error(`expected 2997 in the last row, got ${String(last)}`);
  return `${back.numRows} rows in ${file.byteLength} bytes`;
}
