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

/** Encodes values of 32 bits, at least one; what is unsigned has its bits. */
export function encodeInt32(
  out: GrowingBytes,
  values: Int32Array,
  signed: boolean,
  packer: DeltaPacker,
): EncodedValues {
  // Where the sign bit is flipped, unsigned values have the order of signed ones.
  const flip = signed ? 0 : -(2 ** 31);
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
  readonly #packer: DeltaPacker;

  constructor(packer: DeltaPacker) {
    this.#packer = packer;
  }

  /** Encodes at least one value. */
  encode(out: GrowingBytes, words: Int32Array, signed: boolean): EncodedValues {
    const count = words.length >>> 1;
    if (this.#distances.length < count) this.#distances = new Float64Array(2 * count);
    const distances = this.#distances;
    const firstLow = words[0] ?? 0;
    const firstHigh = words[1] ?? 0;
    const low = firstLow >>> 0;
    const high = signed ? firstHigh : firstHigh >>> 0;
    let minAt = 0;
    let maxAt = 0;
    let min = 0;
    let max = 0;
    for (let index = 0; index < count; index += 1) {
      const upper = words[2 * index + 1] ?? 0;
      const distance =
        ((signed ? upper : upper >>> 0) - high) * int32Range +
        (((words[2 * index] ?? 0) >>> 0) - low);
      distances[index] = distance;
      if (distance < min) {
        min = distance;
        minAt = index;
      }
      if (distance > max) {
        max = distance;
        maxAt = index;
      }
    }
    // A rounded distance is still beyond the bound if the true one is.
    if (max - min <= deltaRangeMax) {
      this.#packer.append64(out, { firstLow, firstHigh, distances, count });
      return exactly(encodings.deltaBinaryPacked, pairBytes(words, minAt), pairBytes(words, maxAt));
    }
    out.append(bytesOf(words));
    const [least, most] = boundsOf(words, signed);
    return exactly(encodings.plain, pairBytes(words, least), pairBytes(words, most));
  }
}

/** The indexes of the least and the greatest value, compared by halves. */
function boundsOf(words: Int32Array, signed: boolean): readonly [number, number] {
  const flip = signed ? 0 : -(2 ** 31);
  let least = 0;
  let most = 0;
  for (let index = 1; 2 * index < words.length; index += 1) {
    if (isLess(words, index, least, flip)) least = index;
    if (isLess(words, most, index, flip)) most = index;
  }
  return [least, most];
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

function pairBytes(words: Int32Array, index: number): Uint8Array {
  return bytesOf(words.slice(2 * index, 2 * index + 2));
}

function bytesOf(words: Int32Array): Uint8Array {
  return new Uint8Array(words.buffer, words.byteOffset, words.byteLength);
}
