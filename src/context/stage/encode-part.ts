/**
 * Columns to the bytes of a Parquet file: flat ones and lists of such by our own encoder, a part
 * with a struct or a list of lists by parquet-wasm, which is loaded at the first such part. Runs in
 * whichever thread calls it.
 */
import { constants, zstdCompressSync } from "node:zlib";
import type { NamedColumn } from "../../columns/named-column.ts";
import { mayWrite, parquetWriter, type WriteParquet } from "../../columns/parquet/write-parquet.ts";

/** What is to be encoded. Crosses threads as it is; its buffers may be transferred. */
export interface EncodeRequest {
  /** Each name and each id once. */
  readonly columns: readonly NamedColumn[];
  readonly rows: number;
}

/** Encodes a part in this thread or another one; the request's buffers are not to be used after. */
export type EncodePart = (request: EncodeRequest) => Promise<Uint8Array>;

/** As measured for pages of batches: higher levels cost twice and more, and save nearly nothing. */
const params = {
  [constants.ZSTD_c_compressionLevel]: 1,
  [constants.ZSTD_c_minMatch]: 6,
};

/** One a thread: it keeps the room that it works in. */
let writeParquet: WriteParquet | null = null;

/** Encodes in the calling thread, which is busy meanwhile. */
export const encodePart: EncodePart = async ({ columns, rows }) => {
  if (columns.every(({ vector }) => mayWrite(vector))) {
    writeParquet ??= parquetWriter((bytes) => zstdCompressSync(bytes, { params }));
    return writeParquet(columns, rows);
  }
  const { encodeNestedPart } = await import("./encode-nested-part.ts");
  return encodeNestedPart(columns, rows);
};
