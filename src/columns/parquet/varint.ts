/** Variable-length integers as Thrift and Parquet write them: seven bits a byte, lowest first. */
import type { GrowingBytes } from "../growing-bytes.ts";

const varintBytesMax = 10;
const int32Range = 2 ** 32;

/** Maps integers to 0 and above, small ones to small ones. Exact for |value| <= 2^52. */
export function zigzag(value: number): number {
  return value >= 0 ? 2 * value : -2 * value - 1;
}

/** Appends an integer from 0 to 2^53. */
export function appendVarint(out: GrowingBytes, value: number): void {
  const high = Math.floor(value / int32Range);
  appendVarint64(out, value - high * int32Range, high);
}

/** Appends the zigzag of a 64-bit integer that is given by its halves. */
export function appendZigzag64(out: GrowingBytes, low: number, high: number): void {
  const sign = high >> 31;
  appendVarint64(out, (low << 1) ^ sign, ((high << 1) | (low >>> 31)) ^ sign);
}

/** Halves as 32 bits each, signed or not. */
function appendVarint64(out: GrowingBytes, lowBits: number, highBits: number): void {
  out.reserve(varintBytesMax);
  const { bytes } = out;
  let at = out.sizeBytes;
  let low = lowBits >>> 0;
  let high = highBits >>> 0;
  while (high !== 0 || low > 0x7f) {
    bytes[at] = (low & 0x7f) | 0x80;
    at += 1;
    low = ((low >>> 7) | (high << 25)) >>> 0;
    high >>>= 7;
  }
  bytes[at] = low;
  out.sizeBytes = at + 1;
}
