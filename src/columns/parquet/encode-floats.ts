/**
 * Floats as they are. Where one is NaN there are no bounds: to Parquet they are those of the
 * others, while DuckDB orders NaN above all, and would leave out rows.
 */
import type { GrowingBytes } from "../growing-bytes.ts";
import { encodings, type Bounds, type EncodedValues } from "./encoded-values.ts";

/** Encodes at least one value of 32 bits, or of 64 as two words each. */
export function encodeFloats(out: GrowingBytes, words: Int32Array, bits: 32 | 64): EncodedValues {
  out.append(new Uint8Array(words.buffer, words.byteOffset, words.byteLength));
  const { min, max, nanCount } =
    bits === 32
      ? boundsOf32(new Float32Array(words.buffer, words.byteOffset, words.length))
      : boundsOf64(float64View(words));
  return {
    encoding: encodings.plain,
    bounds: nanCount > 0 ? null : boundsBetween(min, max, bits),
    nanCount,
    dictionaryEntries: null,
  };
}

function float64View(words: Int32Array): Float64Array {
  const aligned = words.byteOffset % 8 === 0 ? words : words.slice();
  return new Float64Array(aligned.buffer, aligned.byteOffset, aligned.length >>> 1);
}

interface Range {
  readonly min: number;
  readonly max: number;
  readonly nanCount: number;
}

// Written twice, so that each loop has arrays of one kind.

function boundsOf32(values: Float32Array): Range {
  let min = Infinity;
  let max = -Infinity;
  let nanCount = 0;
  for (let index = 0; index < values.length; index += 1) {
    const value = values[index] ?? 0;
    if (value < min) min = value;
    if (value > max) max = value;
    if (value !== value) nanCount += 1;
  }
  return { min, max, nanCount };
}

function boundsOf64(values: Float64Array): Range {
  let min = Infinity;
  let max = -Infinity;
  let nanCount = 0;
  for (let index = 0; index < values.length; index += 1) {
    const value = values[index] ?? 0;
    if (value < min) min = value;
    if (value > max) max = value;
    if (value !== value) nanCount += 1;
  }
  return { min, max, nanCount };
}

/** A zero may be of either sign, so the least one is told as -0 and the greatest as +0. */
function boundsBetween(min: number, max: number, bits: 32 | 64): Bounds {
  return {
    min: floatBytes(min === 0 ? -0 : min, bits),
    max: floatBytes(max === 0 ? 0 : max, bits),
    isMinExact: true,
    isMaxExact: true,
  };
}

function floatBytes(value: number, bits: 32 | 64): Uint8Array {
  return new Uint8Array((bits === 32 ? Float32Array.of(value) : Float64Array.of(value)).buffer);
}
