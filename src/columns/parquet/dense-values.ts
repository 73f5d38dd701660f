/**
 * The values of a column without its nulls, as Parquet wants them. Where there is no null, views of
 * the vector's own buffers; else copies in room that is used again for the next column.
 */
import type { Vector } from "../../core/batch.ts";
import { bitmapBytes } from "../bitmap.ts";

/** A column's bytes of text, json or binary. */
export interface DenseTexts {
  /** One text after the other. */
  readonly bytes: Uint8Array;
  /** `count` of them are filled. */
  readonly lengths: Int32Array;
  readonly count: number;
}

/** Room that grows and is used again. What is answered is valid until the next call. */
export class DenseRoom {
  #words = new Int32Array(1024);
  #lengths = new Int32Array(1024);
  #bits = new Uint8Array(128);

  /** Values of whole words: one of 4 bytes each, two of 8, four of 16; little endian. */
  words(vector: Vector, wordsPerValue: 1 | 2 | 4): Int32Array {
    const values = int32View(vector.values).subarray(0, vector.length * wordsPerValue);
    const { validity } = vector;
    if (validity === null) return values;
    const dense = this.#room(vector.length * wordsPerValue);
    if (wordsPerValue === 1) return dense.subarray(0, copyWords(values, validity, dense));
    return dense.subarray(0, copyGroups(values, validity, dense, wordsPerValue));
  }

  /** Values of one byte or two, each as a word. */
  widened(vector: Vector, values: Int8Array | Uint8Array | Int16Array | Uint16Array): Int32Array {
    const dense = this.#room(vector.length);
    const { length, validity } = vector;
    if (validity === null) {
      for (let row = 0; row < length; row += 1) dense[row] = values[row] ?? 0;
      return dense.subarray(0, length);
    }
    let count = 0;
    for (let row = 0; row < length; row += 1) {
      dense[count] = values[row] ?? 0;
      count += ((validity[row >>> 3] ?? 0) >>> (row & 7)) & 1;
    }
    return dense.subarray(0, count);
  }

  /** A bitmap of the `count` values that there are. */
  bits({ values, validity, length }: Vector): {
    readonly bits: Uint8Array;
    readonly count: number;
  } {
    if (validity === null) return { bits: values, count: length };
    const bytes = bitmapBytes(length);
    if (this.#bits.length < bytes) this.#bits = new Uint8Array(bytes);
    const dense = this.#bits.fill(0, 0, bytes);
    let count = 0;
    for (let row = 0; row < length; row += 1) {
      const at = row >>> 3;
      const isValue = ((validity[at] ?? 0) >>> (row & 7)) & 1;
      const bit = ((values[at] ?? 0) >>> (row & 7)) & isValue;
      dense[count >>> 3] = (dense[count >>> 3] ?? 0) | (bit << (count & 7));
      count += isValue;
    }
    return { bits: dense.subarray(0, bytes), count };
  }

  /** Where a null has bytes, which Arrow allows, the values' own are copied together. */
  texts(vector: Vector): DenseTexts {
    const { length, validity } = vector;
    const offsets = vector.offsets ?? new Int32Array(1);
    if (this.#lengths.length < length) this.#lengths = new Int32Array(roomFor(length));
    const lengths = this.#lengths;
    const start = offsets[0] ?? 0;
    let end = start;
    let count = 0;
    let sizeBytes = 0;
    for (let row = 0; row < length; row += 1) {
      const next = offsets[row + 1] ?? 0;
      const isValue = validity === null ? 1 : ((validity[row >>> 3] ?? 0) >>> (row & 7)) & 1;
      lengths[count] = next - end;
      sizeBytes += isValue === 1 ? next - end : 0;
      count += isValue;
      end = next;
    }
    const bytes =
      sizeBytes === end - start
        ? vector.values.subarray(start, end)
        : gathered(vector, offsets, sizeBytes);
    return { bytes, lengths, count };
  }

  #room(words: number): Int32Array {
    if (this.#words.length < words) this.#words = new Int32Array(roomFor(words));
    return this.#words;
  }
}

/** The bytes as words; a copy where they don't begin at a multiple of 4. */
function int32View(bytes: Uint8Array): Int32Array {
  const aligned = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice();
  return new Int32Array(aligned.buffer, aligned.byteOffset, aligned.byteLength >>> 2);
}

function roomFor(count: number): number {
  return 2 ** Math.ceil(Math.log2(count + 1));
}

function copyWords(values: Int32Array, validity: Uint8Array, dense: Int32Array): number {
  const rows = values.length;
  let count = 0;
  for (let row = 0; row < rows; row += 1) {
    dense[count] = values[row] ?? 0;
    count += ((validity[row >>> 3] ?? 0) >>> (row & 7)) & 1;
  }
  return count;
}

function copyGroups(
  values: Int32Array,
  validity: Uint8Array,
  dense: Int32Array,
  wordsPerValue: 2 | 4,
): number {
  const words = values.length;
  let count = 0;
  let row = 0;
  for (let from = 0; from < words; from += wordsPerValue) {
    dense[count] = values[from] ?? 0;
    dense[count + 1] = values[from + 1] ?? 0;
    if (wordsPerValue === 4) {
      dense[count + 2] = values[from + 2] ?? 0;
      dense[count + 3] = values[from + 3] ?? 0;
    }
    count += (((validity[row >>> 3] ?? 0) >>> (row & 7)) & 1) * wordsPerValue;
    row += 1;
  }
  return count;
}

function gathered({ values, validity, length }: Vector, offsets: Int32Array, size: number) {
  const bytes = new Uint8Array(size);
  let at = 0;
  for (let row = 0; row < length; row += 1) {
    if ((((validity?.[row >>> 3] ?? 0) >>> (row & 7)) & 1) === 0) continue;
    const value = values.subarray(offsets[row], offsets[row + 1]);
    bytes.set(value, at);
    at += value.byteLength;
  }
  return bytes;
}
