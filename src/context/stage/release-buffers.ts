/** Gives memory back that nothing reads any more. */
import { batchBuffers } from "../../core/batch.ts";
import type { EncodeRequest } from "./encode-part.ts";

/**
 * Gives the buffers of an encoded part back at once. Left to the collector, it would mark the whole
 * heap for every 10 MB of them. Those that went to another thread are gone already.
 */
export function releaseBuffers({ columns, rows }: EncodeRequest): void {
  const vectors = columns.map(({ vector }) => vector);
  for (const buffer of batchBuffers({ rows, columns: vectors, tombstones: null })) {
    if (!buffer.detached) buffer.transfer(0);
  }
}
