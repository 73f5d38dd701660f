/**
 * Indexes into a dictionary in Parquet's hybrid of runs and bit packing. Source: Parquet,
 * Encodings.md, "Run Length Encoding / Bit-Packing Hybrid".
 */
import type { GrowingBytes } from "../growing-bytes.ts";
import { appendVarint } from "./varint.ts";

const groupValues = 8;
/** Equal values from which on a run is shorter than groups. */
const runValuesMin = 2 * groupValues;

/** Appends the first `count` indexes, each below 2^width; `width` is 0 to 24. */
export function appendIndexRuns(
  out: GrowingBytes,
  indexes: Int32Array,
  count: number,
  width: number,
): void {
  let packedFrom = 0;
  let at = 0;
  while (at < count) {
    const end = endOfRun(indexes, at, count);
    if (end - at < runValuesMin && (width > 0 || end < count)) {
      at = Math.min(at + groupValues, count);
      continue;
    }
    appendGroups(out, { indexes, from: packedFrom, to: at, width });
    appendRun(out, { value: indexes[at] ?? 0, count: end - at, width });
    at = end;
    packedFrom = end;
  }
  appendGroups(out, { indexes, from: packedFrom, to: count, width });
}

function endOfRun(indexes: Int32Array, from: number, count: number): number {
  const value = indexes[from];
  let at = from + 1;
  while (at < count && indexes[at] === value) at += 1;
  return at;
}

interface Run {
  readonly value: number;
  readonly count: number;
  readonly width: number;
}

function appendRun(out: GrowingBytes, { value, count, width }: Run): void {
  appendVarint(out, 2 * count);
  out.reserve(4);
  for (let bits = 0; bits < width; bits += 8) {
    out.bytes[out.sizeBytes] = value >>> bits;
    out.sizeBytes += 1;
  }
}

interface Groups {
  readonly indexes: Int32Array;
  readonly from: number;
  readonly to: number;
  readonly width: number;
}

/** Bit packing in groups of 8, of which the last may be filled up with zeros. */
function appendGroups(out: GrowingBytes, { indexes, from, to, width }: Groups): void {
  const groups = Math.ceil((to - from) / groupValues);
  if (groups === 0) return;
  appendVarint(out, 2 * groups + 1);
  out.reserve(groups * width);
  const { bytes } = out;
  let at = out.sizeBytes;
  const end = at + groups * width;
  let word = 0;
  let used = 0;
  for (let index = from; index < to; index += 1) {
    word |= (indexes[index] ?? 0) << used;
    used += width;
    while (used >= 8) {
      bytes[at] = word;
      at += 1;
      word >>>= 8;
      used -= 8;
    }
  }
  if (used > 0) {
    bytes[at] = word;
    at += 1;
  }
  bytes.fill(0, at, end);
  out.sizeBytes = end;
}
