/** Values of 16 bytes as they are: decimals, which Parquet wants big endian, and uuids. */
import type { GrowingBytes } from "../growing-bytes.ts";
import { encodings, exactly, type EncodedValues } from "./encoded-values.ts";

const wordsPerValue = 4;

/** Encodes at least one decimal, two's complement in little endian. */
export function encodeDecimals(out: GrowingBytes, words: Int32Array): EncodedValues {
  out.reserve(words.byteLength);
  const { view } = out;
  const start = out.sizeBytes;
  let min = 0;
  let max = 0;
  for (let from = 0; from < words.length; from += wordsPerValue) {
    const at = start + 4 * from;
    view.setInt32(at, words[from + 3] ?? 0);
    view.setInt32(at + 4, words[from + 2] ?? 0);
    view.setInt32(at + 8, words[from + 1] ?? 0);
    view.setInt32(at + 12, words[from] ?? 0);
    if (isLess(view, at, start + 4 * min, signBit)) min = from;
    if (isLess(view, start + 4 * max, at, signBit)) max = from;
  }
  out.sizeBytes += words.byteLength;
  return bounded(out.bytes, start + 4 * min, start + 4 * max);
}

/** Encodes at least one uuid, big endian. */
export function encodeUuids(out: GrowingBytes, words: Int32Array): EncodedValues {
  const start = out.sizeBytes;
  out.append(new Uint8Array(words.buffer, words.byteOffset, words.byteLength));
  const { view } = out;
  let min = start;
  let max = start;
  for (let at = start; at < out.sizeBytes; at += 4 * wordsPerValue) {
    if (isLess(view, at, min, 0)) min = at;
    if (isLess(view, max, at, 0)) max = at;
  }
  return bounded(out.bytes, min, max);
}

const signBit = -(2 ** 31);

/** Whether the big endian value at `left` is less; `flip` makes the order that of signed ones. */
function isLess(view: DataView, left: number, right: number, flip: number): boolean {
  const leftTop = (view.getInt32(left) ^ flip) >>> 0;
  const rightTop = (view.getInt32(right) ^ flip) >>> 0;
  if (leftTop !== rightTop) return leftTop < rightTop;
  for (let byte = 4; byte < 16; byte += 4) {
    const leftWord = view.getUint32(left + byte);
    const rightWord = view.getUint32(right + byte);
    if (leftWord !== rightWord) return leftWord < rightWord;
  }
  return false;
}

function bounded(bytes: Uint8Array, min: number, max: number): EncodedValues {
  return exactly(encodings.plain, bytes.slice(min, min + 16), bytes.slice(max, max + 16));
}

/**
 * The words of decimals that need fewer than four, one or two for each. Throws a defect for a value
 * that doesn't fit: its precision was to say that it does.
 */
export function narrowedDecimals(words: Int32Array, kept: 1 | 2): Int32Array {
  const count = words.length / wordsPerValue;
  const narrow = new Int32Array(count * kept);
  let lost = 0;
  for (let index = 0; index < count; index += 1) {
    const from = index * wordsPerValue;
    const low = words[from] ?? 0;
    const next = words[from + 1] ?? 0;
    const sign = (kept === 1 ? low : next) >> 31;
    narrow[index * kept] = low;
    if (kept === 2) narrow[2 * index + 1] = next;
    else lost |= next ^ sign;
    lost |= ((words[from + 2] ?? 0) ^ sign) | ((words[from + 3] ?? 0) ^ sign);
  }
  if (lost !== 0) throw new Error(`expected decimals of ${kept * 32} bits, got a wider one`);
  return narrow;
}
