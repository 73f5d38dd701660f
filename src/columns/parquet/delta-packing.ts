/**
 * DELTA_BINARY_PACKED: the first value, then blocks of differences less their minimum, each
 * miniblock in as few bits as its largest takes. Source: Parquet, Encodings.md, "Delta encoding".
 */
import type { GrowingBytes } from "../growing-bytes.ts";
import { appendVarint, appendZigzag64, zigzag } from "./varint.ts";

const miniblockValues = 64;
const miniblocks = 4;
const blockValues = miniblockValues * miniblocks;
/** A minimum, the widths, and values of 64 bits. */
const blockBytesMax = 10 + miniblocks + 8 * blockValues;
const int32Range = 2 ** 32;

/** The largest distance between two 64-bit values for which differences of doubles are exact. */
export const deltaRangeMax = 2 ** 51;

/** 64-bit integers: the first one's halves, and each one's distance from it. */
export interface Distances {
  readonly firstLow: number;
  readonly firstHigh: number;
  /** `count` of them are filled; none is beyond `deltaRangeMax`, nor two that far apart. */
  readonly distances: Float64Array;
  readonly count: number;
}

/** Packs columns of integers; what it holds is room to work in, for one column after the other. */
export class DeltaPacker {
  readonly #deltas = new Int32Array(blockValues);
  readonly #wideDeltas = new Float64Array(blockValues);
  readonly #low = new Uint32Array(blockValues);
  readonly #high = new Uint32Array(blockValues);

  /**
   * Appends values of which no two are 2^31 or more apart: `count` of them, or the low halves of
   * as many 64-bit values, all with the high half `firstHigh`.
   */
  append32(out: GrowingBytes, values: Int32Array, count: number, firstHigh?: number): void {
    const first = count === 0 ? 0 : (values[0] ?? 0);
    appendHeader(out, count);
    appendZigzag64(out, first, firstHigh ?? first >> 31);
    const deltas = this.#deltas;
    const low = this.#low;
    for (let start = 1; start < count; start += blockValues) {
      const size = Math.min(blockValues, count - start);
      let before = values[start - 1] ?? 0;
      let min = 0x7fff_ffff;
      for (let index = 0; index < size; index += 1) {
        const value = values[start + index] ?? 0;
        const delta = (value - before) | 0;
        before = value;
        deltas[index] = delta;
        if (delta < min) min = delta;
      }
      for (let index = 0; index < size; index += 1) low[index] = (deltas[index] ?? 0) - min;
      this.#appendBlock(out, min, size);
    }
  }

  /** Appends 64-bit values. */
  append64(out: GrowingBytes, { firstLow, firstHigh, distances, count }: Distances): void {
    appendHeader(out, count);
    appendZigzag64(out, firstLow, firstHigh);
    const deltas = this.#wideDeltas;
    for (let start = 1; start < count; start += blockValues) {
      const size = Math.min(blockValues, count - start);
      let before = distances[start - 1] ?? 0;
      let min = Infinity;
      let max = -Infinity;
      for (let index = 0; index < size; index += 1) {
        const value = distances[start + index] ?? 0;
        const delta = value - before;
        before = value;
        deltas[index] = delta;
        if (delta < min) min = delta;
        if (delta > max) max = delta;
      }
      if (max - min < int32Range) {
        const low = this.#low;
        for (let index = 0; index < size; index += 1) low[index] = (deltas[index] ?? 0) - min;
        this.#appendBlock(out, min, size);
      } else {
        this.#appendWideBlock(out, min, size);
      }
    }
  }

  /** A block whose differences less `min` are in `#low`. */
  #appendBlock(out: GrowingBytes, min: number, size: number): void {
    const low = this.#low;
    appendVarint(out, zigzag(min));
    out.reserve(blockBytesMax);
    const { bytes, view } = out;
    const widthsAt = out.sizeBytes;
    let at = widthsAt + miniblocks;
    const padded = Math.ceil(size / miniblockValues) * miniblockValues;
    low.fill(0, size, padded);
    for (let mini = 0; mini < miniblocks; mini += 1) {
      const from = mini * miniblockValues;
      const width = from < padded ? widthOf(low, from) : 0;
      bytes[widthsAt + mini] = width;
      if (width > 0) at = pack(view, at, { words: low, from, width });
    }
    out.sizeBytes = at;
  }

  #appendWideBlock(out: GrowingBytes, min: number, size: number): void {
    const deltas = this.#wideDeltas;
    const low = this.#low;
    const high = this.#high;
    for (let index = 0; index < size; index += 1) {
      const adjusted = (deltas[index] ?? 0) - min;
      const upper = Math.floor(adjusted / int32Range);
      high[index] = upper;
      low[index] = adjusted - upper * int32Range;
    }
    appendVarint(out, zigzag(min));
    out.reserve(blockBytesMax);
    const { bytes, view } = out;
    const widthsAt = out.sizeBytes;
    let at = widthsAt + miniblocks;
    const padded = Math.ceil(size / miniblockValues) * miniblockValues;
    low.fill(0, size, padded);
    high.fill(0, size, padded);
    for (let mini = 0; mini < miniblocks; mini += 1) {
      const from = mini * miniblockValues;
      const highWidth = from < padded ? widthOf(high, from) : 0;
      const lowWidth = from < padded ? widthOf(low, from) : 0;
      bytes[widthsAt + mini] = highWidth > 0 ? 32 + highWidth : lowWidth;
      if (highWidth > 0) at = packWide(view, at, { low, high, from, highWidth });
      else if (lowWidth > 0) at = pack(view, at, { words: low, from, width: lowWidth });
    }
    out.sizeBytes = at;
  }
}

function appendHeader(out: GrowingBytes, count: number): void {
  appendVarint(out, blockValues);
  appendVarint(out, miniblocks);
  appendVarint(out, count);
}

/** The bits that the largest of a miniblock takes. */
function widthOf(words: Uint32Array, from: number): number {
  let all = 0;
  for (let index = from; index < from + miniblockValues; index += 1) all |= words[index] ?? 0;
  return 32 - Math.clz32(all);
}

interface Packing {
  readonly words: Uint32Array;
  readonly from: number;
  /** 1 to 32. */
  readonly width: number;
}

/** Packs one miniblock, which is whole words whatever the width; answers where it ends. */
function pack(view: DataView, start: number, { words, from, width }: Packing): number {
  let at = start;
  let word = 0;
  let used = 0;
  for (let index = from; index < from + miniblockValues; index += 1) {
    const value = words[index] ?? 0;
    word |= value << used;
    used += width;
    if (used >= 32) {
      view.setInt32(at, word, true);
      at += 4;
      used -= 32;
      word = used === 0 ? 0 : value >>> (width - used);
    }
  }
  return at;
}

interface WidePacking {
  readonly low: Uint32Array;
  readonly high: Uint32Array;
  readonly from: number;
  /** 1 to 32, beside 32 bits of `low`. */
  readonly highWidth: number;
}

function packWide(
  view: DataView,
  start: number,
  { low, high, from, highWidth }: WidePacking,
): number {
  let at = start;
  let word = 0;
  let used = 0;
  for (let index = from; index < from + miniblockValues; index += 1) {
    const lower = low[index] ?? 0;
    view.setInt32(at, word | (lower << used), true);
    at += 4;
    word = used === 0 ? 0 : lower >>> (32 - used);
    const upper = high[index] ?? 0;
    word |= upper << used;
    used += highWidth;
    if (used >= 32) {
      view.setInt32(at, word, true);
      at += 4;
      used -= 32;
      word = used === 0 ? 0 : upper >>> (highWidth - used);
    }
  }
  return at;
}
