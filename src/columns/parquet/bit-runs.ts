/**
 * Bits in Parquet's hybrid of runs and bit packing, at width 1: definition levels and booleans,
 * straight from an Arrow bitmap, whose bytes are packed the same way. Source: Parquet,
 * Encodings.md, "Run Length Encoding / Bit-Packing Hybrid".
 */
import type { GrowingBytes } from "../growing-bytes.ts";
import { appendVarint } from "./varint.ts";

/** Bytes of equal bits from which on a run is shorter than they are, its header included. */
const runBytesMin = 8;

/** Appends the first `count` bits of a bitmap. */
export function appendBitRuns(out: GrowingBytes, bitmap: Uint8Array, count: number): void {
  const bytes = Math.ceil(count / 8);
  let packedFrom = 0;
  let at = 0;
  while (at < bytes) {
    const byte = bitmap[at] ?? 0;
    const end = byte === 0 || byte === 0xff ? endOfRun(bitmap, at, bytes) : at + 1;
    if (end - at < runBytesMin) {
      at = end;
      continue;
    }
    appendPacked(out, bitmap.subarray(packedFrom, at));
    // The last byte may have bits past the end, which belong to no run.
    appendBitRun(out, byte === 0xff, Math.min(8 * end, count) - 8 * at);
    at = end;
    packedFrom = end;
  }
  appendPacked(out, bitmap.subarray(packedFrom, bytes));
}

/** Appends one run of equal bits. */
export function appendBitRun(out: GrowingBytes, bit: boolean, count: number): void {
  if (count === 0) return;
  appendVarint(out, 2 * count);
  out.reserve(1);
  out.bytes[out.sizeBytes] = bit ? 1 : 0;
  out.sizeBytes += 1;
}

function endOfRun(bitmap: Uint8Array, from: number, bytes: number): number {
  const byte = bitmap[from];
  let at = from + 1;
  while (at < bytes && bitmap[at] === byte) at += 1;
  return at;
}

function appendPacked(out: GrowingBytes, bytes: Uint8Array): void {
  if (bytes.byteLength === 0) return;
  appendVarint(out, 2 * bytes.byteLength + 1);
  out.append(bytes);
}
