/**
 * A column chunk: the rows of one column in one row group, as one data page (version 2) after a
 * dictionary page where there is one. Source: Parquet, `parquet.thrift` and README.md.
 */
import type { Vector } from "../../core/batch.ts";
import { GrowingBytes } from "../growing-bytes.ts";
import { encodings, type EncodedValues } from "./encoded-values.ts";
import { LevelWriter, type Leveled } from "./levels.ts";
import { ThriftWriter } from "./thrift-writer.ts";
import { ValueEncoder, type PageBytes } from "./value-encoder.ts";

/** Compresses bytes with zstd; may keep neither them nor what it answers. */
export type Compress = (bytes: Uint8Array) => Uint8Array;

/** A chunk that was written, as footer and page index tell of it. Offsets are the file's. */
export interface ColumnChunk extends EncodedValues {
  readonly rows: number;
  /** Levels, of which a list has one an item. */
  readonly entries: number;
  /** Entries without a value. */
  readonly nullCount: number;
  /** Whether a page of it is compressed. */
  readonly isCompressed: boolean;
  readonly offset: number;
  /** Of its pages with their headers. */
  readonly sizeBytes: number;
  readonly uncompressedSizeBytes: number;
  readonly dataOffset: number;
}

const noValues: EncodedValues = {
  encoding: encodings.plain,
  bounds: null,
  nanCount: null,
  dictionaryEntries: null,
};

const pageTypes = { dictionary: 2, dataV2: 3 } as const;
/** Sizes in page headers have 32 bits, signed. */
const pageBytesMax = 2 ** 31 - 1;
/** What is compressed to more than this share of itself stays as it is: it is read faster. */
const compressedShareMax = 0.97;

/** Room for a page that is kept for the next one: a part has 8 MiB, unless a row is larger. */
const keptBytesMax = 2 ** 25;

/** Writes chunks one after the other, in room that it keeps. */
export class ChunkWriter {
  readonly #compress: Compress;
  readonly #values = new ValueEncoder();
  readonly #levels = new LevelWriter();
  #page = { values: new GrowingBytes(), dictionary: new GrowingBytes() };

  constructor(compress: Compress) {
    this.#compress = compress;
  }

  /** Appends the pages of a vector with at least one row: a flat one, or a list of flat items. */
  append(file: GrowingBytes, vector: Vector): ColumnChunk {
    const page = this.#emptyPage();
    const leveled = this.#levels.write(vector);
    const { leaf, entries, missing } = leveled;
    const encoded =
      missing === entries
        ? { ...noValues, nanCount: leaf.type.kind === "float" ? 0 : null }
        : this.#values.encode(page, leaf);
    const offset = file.sizeBytes;
    const dictionarySaves = this.#appendDictionary(file, encoded);
    const dataOffset = file.sizeBytes;
    const dataSaves = this.#appendData(file, vector.length, leveled, encoded.encoding);
    return {
      ...encoded,
      // No reader leaves lists out by the bounds of their items, and some would do it wrong.
      bounds: leaf === vector ? encoded.bounds : null,
      rows: vector.length,
      entries,
      nullCount: missing,
      isCompressed: encoded.dictionaryEntries !== null || dataSaves.isCompressed,
      offset,
      sizeBytes: file.sizeBytes - offset,
      uncompressedSizeBytes: file.sizeBytes - offset + dictionarySaves + dataSaves.savedBytes,
      dataOffset,
    };
  }

  /** The room that is kept, but for what one huge page grew it to. */
  #emptyPage(): PageBytes {
    const { values, dictionary } = this.#page;
    if (values.bytes.byteLength + dictionary.bytes.byteLength > keptBytesMax) {
      this.#page = { values: new GrowingBytes(), dictionary: new GrowingBytes() };
    }
    this.#page.values.sizeBytes = 0;
    this.#page.dictionary.sizeBytes = 0;
    return this.#page;
  }

  /** Answers the bytes that compression saved. The page of a dictionary can't stay as it is. */
  #appendDictionary(file: GrowingBytes, { dictionaryEntries }: EncodedValues): number {
    if (dictionaryEntries === null) return 0;
    const plain = filled(this.#page.dictionary);
    const compressed = this.#compress(plain);
    const thrift = new ThriftWriter(file);
    beginPageHeader(thrift, pageTypes.dictionary, plain.byteLength, compressed.byteLength);
    thrift.beginField(7);
    thrift.i32(1, dictionaryEntries);
    thrift.i32(2, encodings.plain);
    thrift.bool(3, false);
    thrift.end();
    thrift.end();
    file.append(compressed);
    return plain.byteLength - compressed.byteLength;
  }

  #appendData(
    file: GrowingBytes,
    rows: number,
    { entries, missing }: Leveled,
    encoding: number,
  ): { readonly isCompressed: boolean; readonly savedBytes: number } {
    const plain = filled(this.#page.values);
    const repetition = filled(this.#levels.repetition);
    const definition = filled(this.#levels.definition);
    const compressed = plain.byteLength === 0 ? plain : this.#compress(plain);
    const isCompressed = compressed.byteLength < plain.byteLength * compressedShareMax;
    const stored = isCompressed ? compressed : plain;
    const thrift = new ThriftWriter(file);
    const levelBytes = repetition.byteLength + definition.byteLength;
    beginPageHeader(
      thrift,
      pageTypes.dataV2,
      levelBytes + plain.byteLength,
      levelBytes + stored.byteLength,
    );
    thrift.beginField(8);
    thrift.i32(1, entries);
    thrift.i32(2, missing);
    thrift.i32(3, rows);
    thrift.i32(4, encoding);
    thrift.i32(5, definition.byteLength);
    thrift.i32(6, repetition.byteLength);
    thrift.bool(7, isCompressed);
    thrift.end();
    thrift.end();
    file.append(repetition);
    file.append(definition);
    file.append(stored);
    return { isCompressed, savedBytes: plain.byteLength - stored.byteLength };
  }
}

function beginPageHeader(
  thrift: ThriftWriter,
  type: number,
  uncompressedBytes: number,
  compressedBytes: number,
): void {
  if (uncompressedBytes > pageBytesMax || compressedBytes > pageBytesMax) {
    throw new Error(`expected a page of at most ${pageBytesMax} bytes, got ${uncompressedBytes}`);
  }
  thrift.begin();
  thrift.i32(1, type);
  thrift.i32(2, uncompressedBytes);
  thrift.i32(3, compressedBytes);
}

function filled(bytes: GrowingBytes): Uint8Array {
  return bytes.bytes.subarray(0, bytes.sizeBytes);
}
