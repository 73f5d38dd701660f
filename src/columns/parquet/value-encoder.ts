/** Chooses how the values of a page are encoded, by their type and what they are. */
import type { Vector } from "../../core/batch.ts";
import { countZeros } from "../bitmap.ts";
import type { GrowingBytes } from "../growing-bytes.ts";
import { appendBitRuns } from "./bit-runs.ts";
import { DeltaPacker } from "./delta-packing.ts";
import { DenseRoom, type DenseTexts } from "./dense-values.ts";
import { encodeFloats } from "./encode-floats.ts";
import { encodeInt32, Int64Encoder } from "./encode-integers.ts";
import { encodeDecimals, encodeUuids, narrowedDecimals } from "./encode-wide.ts";
import { encodings, exactly, type EncodedValues } from "./encoded-values.ts";
import { appendIndexRuns } from "./index-runs.ts";
import { physicalTypeOf, physicalTypes, type FlatType } from "./storage.ts";
import { textBounds } from "./text-bounds.ts";
import { DictionaryFinder } from "./text-dictionary.ts";

/** Where the bytes go: both are empty when they are passed. */
export interface PageBytes {
  readonly values: GrowingBytes;
  readonly dictionary: GrowingBytes;
}

type OfKind<K extends FlatType["kind"]> = Extract<FlatType, { kind: K }>;

/** Encodes pages one after the other, in room that it keeps. */
export class ValueEncoder {
  readonly #dense = new DenseRoom();
  readonly #packer = new DeltaPacker();
  readonly #int64 = new Int64Encoder(this.#packer);
  readonly #dictionaries = new DictionaryFinder();

  /** Encodes the values of a flat vector that has at least one. */
  encode(page: PageBytes, vector: Vector): EncodedValues {
    const { type } = vector;
    switch (type.kind) {
      case "bool":
        return this.#bools(page, vector);
      case "int":
        return this.#integers(page, vector, type);
      case "float":
        return encodeFloats(
          page.values,
          this.#dense.words(vector, type.bits === 64 ? 2 : 1),
          type.bits,
        );
      case "decimal":
        return this.#decimals(page, vector, type);
      case "text":
        return this.#texts(page, vector);
      case "json":
      case "binary":
        return this.#lengthsAndBytes(page, this.#dense.texts(vector), type.kind === "json");
      case "uuid":
        return encodeUuids(page.values, this.#dense.words(vector, 4));
      case "date":
        return encodeInt32(page.values, this.#dense.words(vector, 1), true, this.#packer);
      case "time":
      case "timestamp":
        return this.#int64.encode(page.values, this.#dense.words(vector, 2), true);
      case "null":
      case "list":
      case "struct":
        throw new Error(`expected values of a flat type, got ${type.kind}`);
    }
  }

  /** In the hybrid's form for values: its size first. */
  #bools({ values }: PageBytes, vector: Vector): EncodedValues {
    const { bits, count } = this.#dense.bits(vector);
    values.appendZeros(4);
    appendBitRuns(values, bits, count);
    values.view.setUint32(0, values.sizeBytes - 4, true);
    const zeros = countZeros(bits, count);
    const min = Uint8Array.of(zeros > 0 ? 0 : 1);
    return exactly(encodings.rle, min, Uint8Array.of(zeros < count ? 1 : 0));
  }

  #integers({ values }: PageBytes, vector: Vector, type: OfKind<"int">): EncodedValues {
    const { bits, signed } = type;
    if (bits === 64) return this.#int64.encode(values, this.#dense.words(vector, 2), signed);
    const words =
      bits === 32
        ? this.#dense.words(vector, 1)
        : this.#dense.widened(vector, narrowView(vector.values, bits, signed));
    return encodeInt32(values, words, signed, this.#packer);
  }

  #decimals({ values }: PageBytes, vector: Vector, type: OfKind<"decimal">): EncodedValues {
    const words = this.#dense.words(vector, 4);
    const physical = physicalTypeOf(type);
    if (physical === physicalTypes.int32) {
      return encodeInt32(values, narrowedDecimals(words, 1), true, this.#packer);
    }
    if (physical === physicalTypes.int64) {
      return this.#int64.encode(values, narrowedDecimals(words, 2), true);
    }
    return encodeDecimals(values, words);
  }

  #texts(page: PageBytes, vector: Vector): EncodedValues {
    const texts = this.#dense.texts(vector);
    const found = this.#dictionaries.find(texts);
    if (found === null) return this.#lengthsAndBytes(page, texts, true);
    const { entries, indexes } = found;
    appendPlainTexts(page.dictionary, entries);
    const width = 32 - Math.clz32(entries.count - 1);
    page.values.append(Uint8Array.of(width));
    appendIndexRuns(page.values, indexes, texts.count, width);
    return {
      encoding: encodings.rleDictionary,
      bounds: textBounds(entries, true),
      nanCount: null,
      dictionaryEntries: entries.count,
    };
  }

  #lengthsAndBytes({ values }: PageBytes, texts: DenseTexts, isUtf8: boolean): EncodedValues {
    this.#packer.append32(values, texts.lengths, texts.count);
    values.append(texts.bytes);
    return {
      encoding: encodings.deltaLengthByteArray,
      bounds: textBounds(texts, isUtf8),
      nanCount: null,
      dictionaryEntries: null,
    };
  }
}

function narrowView(
  values: Uint8Array,
  bits: 8 | 16,
  signed: boolean,
): Int8Array | Uint8Array | Int16Array | Uint16Array {
  const { buffer, byteOffset, byteLength } = byteOffsetIsOdd(values) ? values.slice() : values;
  if (bits === 8) {
    return signed
      ? new Int8Array(buffer, byteOffset, byteLength)
      : new Uint8Array(buffer, byteOffset, byteLength);
  }
  return signed
    ? new Int16Array(buffer, byteOffset, byteLength >>> 1)
    : new Uint16Array(buffer, byteOffset, byteLength >>> 1);
}

function byteOffsetIsOdd({ byteOffset }: Uint8Array): boolean {
  return byteOffset % 2 === 1;
}

/** As PLAIN has them: each length, then the bytes. */
function appendPlainTexts(out: GrowingBytes, { bytes, lengths, count }: DenseTexts): void {
  out.reserve(4 * count + bytes.byteLength);
  const target = out.bytes;
  const { view } = out;
  let at = out.sizeBytes;
  let from = 0;
  for (let entry = 0; entry < count; entry += 1) {
    const length = lengths[entry] ?? 0;
    view.setInt32(at, length, true);
    target.set(bytes.subarray(from, from + length), at + 4);
    at += 4 + length;
    from += length;
  }
  out.sizeBytes = at;
}
