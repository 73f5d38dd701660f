/** The encoder in a pool of threads, so that reading and encoding overlap. */
import { batchBuffers } from "../../core/batch.ts";
import type { EncodePart } from "./encode-part.ts";

/** What is used of a pool: piscina's `run`, on threads that export `encode` (encode-task.ts). */
export interface EncoderPool {
  /** Its `options` are piscina's: `name`, and `transferList`, an array of ArrayBuffers. */
  run(task: unknown, options: object): Promise<unknown>;
}

/**
 * An encoder that has a pool do the work. The request's buffers are transferred: they belong to the
 * pool's thread from the call on, and the bytes of the part to the caller.
 */
export function pooledEncoder(pool: EncoderPool): EncodePart {
  return async (request) => {
    const columns = request.columns.map(({ vector }) => vector);
    const buffers = batchBuffers({ rows: request.rows, columns, tombstones: null });
    const bytes = await pool.run(request, { name: "encode", transferList: [...buffers] });
    if (bytes instanceof Uint8Array) return bytes;
    throw new Error(`expected the bytes of a part from the pool, got ${typeof bytes}`);
  };
}
