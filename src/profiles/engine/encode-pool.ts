/** Threads that encode parts, so that a run's own thread reads meanwhile. */
import { Piscina } from "piscina";
import { pooledEncoder } from "../../context/stage/pooled-encoder.ts";
import type { EncodePool } from "../../runtime/actor/means.ts";

/** Starts a pool of so many threads. */
export function encodePool(threads: number): EncodePool {
  const filename = new URL("../encode-thread.ts", import.meta.url).href;
  const pool = new Piscina({ filename, minThreads: threads, maxThreads: threads });
  return { encode: pooledEncoder(pool), close: () => pool.close() };
}
