/**
 * Integers of 32 and 64 bits: packed differences, or as they are where these would be as long. No
 * BigInt: 64-bit values are two halves, and their distances from the first one are doubles, which
 * are exact as far as `deltaRangeMax`. Past that they are as they are.
 */
import type { GrowingBytes } from "../growing-bytes.ts";
import { deltaRangeMax, type DeltaPacker } from "./delta-packing.ts";
import { encodings, exactly, type EncodedValues } from "./encoded-values.ts";

const int32Range = 2 ** 32;
const int32DeltaMax = 2 ** 31 - 1;
const signBit = -(2 ** 31);

/** Encodes values of 32 bits, at least one; what is unsigned has its bits. */
export function encodeInt32(
  out: GrowingBytes,
  values: Int32Array,
  signed: boolean,
  packer: DeltaPacker,
): EncodedValues {
  // Where the sign bit is flipped, unsigned values have the order of signed ones.
  const flip = signed ? 0 : signBit;
  let min = int32DeltaMax;
  let max = -int32Range;
  for (let index = 0; index < values.length; index += 1) {
    const value = (values[index] ?? 0) ^ flip;
    if (value < min) min = value;
    if (value > max) max = value;
  }
  const bounds = [wordBytes(min ^ flip), wordBytes(max ^ flip)] as const;
  if (max - min > int32DeltaMax) {
    out.append(bytesOf(values));
    return exactly(encodings.plain, ...bounds);
  }
  packer.append32(out, values, values.length);
  return exactly(encodings.deltaBinaryPacked, ...bounds);
}

/** Encodes values of 64 bits by their halves, low and high in turn. Keeps room to work in. */
export class Int64Encoder {
  #distances = new Float64Array(1024);
  #lows = new Int32Array(1024);
  readonly #packer: DeltaPacker;

  constructor(packer: DeltaPacker) {
    this.#packer = packer;
  }

  /** Encodes at least one value. */
  encode(out: GrowingBytes, words: Int32Array, signed: boolean): EncodedValues {
    // Ids and amounts mostly share their high halves; the last one tells quickly if they don't.
    const shares = words[words.length - 1] === words[1];
    return (
      (shares ? this.#encodeLows(out, words) : null) ??
      this.#encodeDistances(out, words, signed ? 0 : signBit) ??
      encodePlain(out, words, signed ? 0 : signBit)
    );
  }

  /** Null where the high halves differ, or the low ones lie far apart. */
  #encodeLows(out: GrowingBytes, words: Int32Array): EncodedValues | null {
    const count = words.length >>> 1;
    if (this.#lows.length < count) this.#lows = new Int32Array(2 * count);
    const lows = this.#lows;
    const high = words[1] ?? 0;
    let others = 0;
    let min = int32DeltaMax;
    let max = -int32Range;
    for (let index = 0; index < count; index += 1) {
      const low = words[2 * index] ?? 0;
      others |= (words[2 * index + 1] ?? 0) ^ high;
      lows[index] = low;
      const order = low ^ signBit;
      if (order < min) min = order;
      if (order > max) max = order;
    }
    if (others !== 0 || max - min > int32DeltaMax) return null;
    this.#packer.append32(out, lows, count, high);
    const bounds = [pairBytes(min ^ signBit, high), pairBytes(max ^ signBit, high)] as const;
    return exactly(encodings.deltaBinaryPacked, ...bounds);
  }

  /** Null where two values are too far apart; `flip` gives unsigned ones the order of signed. */
  #encodeDistances(out: GrowingBytes, words: Int32Array, flip: number): EncodedValues | null {
    const count = words.length >>> 1;
    if (this.#distances.length < count) this.#distances = new Float64Array(2 * count);
    const distances = this.#distances;
    const firstLow = words[0] ?? 0;
    const firstHigh = words[1] ?? 0;
    const low = firstLow >>> 0;
    const high = firstHigh ^ flip;
    let min = 0;
    let max = 0;
    for (let index = 0; index < count; index += 1) {
      const distance =
        (((words[2 * index + 1] ?? 0) ^ flip) - high) * int32Range +
        (((words[2 * index] ?? 0) >>> 0) - low);
      distances[index] = distance;
      if (distance < min) min = distance;
      if (distance > max) max = distance;
    }
    // A rounded distance is still beyond the bound if the true one is.
    if (max - min > deltaRangeMax) return null;
    this.#packer.append64(out, { firstLow, firstHigh, distances, count });
    const bounds = [moved(firstLow, firstHigh, min), moved(firstLow, firstHigh, max)] as const;
    return exactly(encodings.deltaBinaryPacked, ...bounds);
  }
}

/** The bytes of a value that lies so far from another. */
function moved(low: number, high: number, distance: number): Uint8Array {
  const steps = Math.floor(distance / int32Range);
  const sum = (low >>> 0) + (distance - steps * int32Range);
  return pairBytes(sum, high + steps + (sum >= int32Range ? 1 : 0));
}

function encodePlain(out: GrowingBytes, words: Int32Array, flip: number): EncodedValues {
  out.append(bytesOf(words));
  let least = 0;
  let most = 0;
  for (let index = 1; 2 * index < words.length; index += 1) {
    if (isLess(words, index, least, flip)) least = index;
    if (isLess(words, most, index, flip)) most = index;
  }
  const bytesAt = (index: number): Uint8Array =>
    pairBytes(words[2 * index] ?? 0, words[2 * index + 1] ?? 0);
  return exactly(encodings.plain, bytesAt(least), bytesAt(most));
}

function isLess(words: Int32Array, left: number, right: number, flip: number): boolean {
  const leftHigh = (words[2 * left + 1] ?? 0) ^ flip;
  const rightHigh = (words[2 * right + 1] ?? 0) ^ flip;
  if (leftHigh !== rightHigh) return leftHigh < rightHigh;
  return (words[2 * left] ?? 0) >>> 0 < (words[2 * right] ?? 0) >>> 0;
}

function wordBytes(word: number): Uint8Array {
  return bytesOf(Int32Array.of(word));
}

/** Halves as any numbers that are theirs modulo 2^32. */
function pairBytes(low: number, high: number): Uint8Array {
  return bytesOf(Int32Array.of(low, high));
}

function bytesOf(words: Int32Array): Uint8Array {
  return new Uint8Array(words.buffer, words.byteOffset, words.byteLength);
}
