/** The footer: schema, row groups, statistics. Source: Parquet, `parquet.thrift`, FileMetaData. */
import type { GrowingBytes } from "../growing-bytes.ts";
import type { ColumnChunk } from "./column-chunk.ts";
import { encodings, type Encoding } from "./encoded-values.ts";
import type { IndexPlace } from "./page-index.ts";
import {
  leafTypeOf,
  pathOf,
  physicalTypeOf,
  writeSchemaElements,
  type SchemaColumn,
} from "./storage.ts";
import { thriftType, ThriftWriter } from "./thrift-writer.ts";

/** A chunk, and where its page index lies. */
export interface IndexedChunk {
  readonly chunk: ColumnChunk;
  readonly columnIndex: IndexPlace | null;
  readonly offsetIndex: IndexPlace;
}

/** What a file holds. */
export interface FileContents {
  readonly columns: readonly SchemaColumn[];
  /** One chunk for each column. */
  readonly rowGroups: readonly (readonly IndexedChunk[])[];
  readonly rows: number;
}

/** What the specification asks writers to say, whatever they use of later versions. */
const formatVersion = 1;
/** `<application> version <version>`, as readers take it apart. */
const createdBy = "hakiri version 1";
const codecs = { none: 0, zstd: 6 } as const;

/** Appends the footer's struct. */
export function appendFooter(file: GrowingBytes, { columns, rowGroups, rows }: FileContents): void {
  const thrift = new ThriftWriter(file);
  thrift.begin();
  thrift.i32(1, formatVersion);
  const groups = columns.filter(({ type }) => type.kind === "list").length;
  // A list is three elements: its group, that of an item, and the item.
  thrift.list(2, thriftType.struct, 1 + columns.length + 2 * groups);
  thrift.begin();
  thrift.text(4, "schema");
  thrift.i32(5, columns.length);
  thrift.end();
  for (const column of columns) writeSchemaElements(thrift, column);
  thrift.i64(3, rows);
  thrift.list(4, thriftType.struct, rowGroups.length);
  for (const [ordinal, chunks] of rowGroups.entries()) {
    writeRowGroup(thrift, columns, chunks, ordinal);
  }
  thrift.text(6, createdBy);
  // Without an order for each column readers ignore the bounds.
  thrift.list(7, thriftType.struct, columns.length);
  for (const _ of columns) {
    thrift.begin();
    thrift.emptyField(1);
    thrift.end();
  }
  thrift.end();
}

function writeRowGroup(
  thrift: ThriftWriter,
  columns: readonly SchemaColumn[],
  chunks: readonly IndexedChunk[],
  ordinal: number,
): void {
  const sum = (of: (chunk: ColumnChunk) => number): number =>
    chunks.reduce((total, { chunk }) => total + of(chunk), 0);
  thrift.begin();
  thrift.list(1, thriftType.struct, chunks.length);
  for (const [index, column] of columns.entries()) {
    const indexed = chunks[index];
    if (indexed === undefined) throw new Error(`expected a chunk of column ${column.id}`);
    writeColumnChunk(thrift, column, indexed);
  }
  thrift.i64(
    2,
    sum(({ uncompressedSizeBytes }) => uncompressedSizeBytes),
  );
  thrift.i64(3, chunks[0]?.chunk.rows ?? 0);
  thrift.i64(5, chunks[0]?.chunk.offset ?? 0);
  thrift.i64(
    6,
    sum(({ sizeBytes }) => sizeBytes),
  );
  thrift.i16(7, ordinal);
  thrift.end();
}

function writeColumnChunk(
  thrift: ThriftWriter,
  column: SchemaColumn,
  { chunk, columnIndex, offsetIndex }: IndexedChunk,
): void {
  thrift.begin();
  thrift.i64(2, 0);
  thrift.beginField(3);
  writeMetaData(thrift, column, chunk);
  thrift.end();
  thrift.i64(4, offsetIndex.offset);
  thrift.i32(5, offsetIndex.sizeBytes);
  if (columnIndex !== null) {
    thrift.i64(6, columnIndex.offset);
    thrift.i32(7, columnIndex.sizeBytes);
  }
  thrift.end();
}

function writeMetaData(thrift: ThriftWriter, column: SchemaColumn, chunk: ColumnChunk): void {
  const used = encodingsOf(chunk);
  const path = pathOf(column);
  thrift.i32(1, physicalTypeOf(leafTypeOf(column.type)));
  thrift.list(2, thriftType.i32, used.length);
  for (const encoding of used) thrift.elementInteger(encoding);
  thrift.list(3, thriftType.binary, path.length);
  for (const name of path) thrift.elementBinary(new TextEncoder().encode(name));
  thrift.i32(4, chunk.isCompressed ? codecs.zstd : codecs.none);
  thrift.i64(5, chunk.entries);
  thrift.i64(6, chunk.uncompressedSizeBytes);
  thrift.i64(7, chunk.sizeBytes);
  thrift.i64(9, chunk.dataOffset);
  if (chunk.dictionaryEntries !== null) thrift.i64(11, chunk.offset);
  thrift.beginField(12);
  writeStatistics(thrift, chunk);
  thrift.end();
}

/** Levels are always in the hybrid of runs, a dictionary's entries plain. */
function encodingsOf({ encoding, dictionaryEntries }: ColumnChunk): readonly Encoding[] {
  const used = new Set<Encoding>([encodings.rle, encoding]);
  if (dictionaryEntries !== null) used.add(encodings.plain);
  return [...used];
}

function writeStatistics(thrift: ThriftWriter, { bounds, nullCount, nanCount }: ColumnChunk): void {
  thrift.i64(3, nullCount);
  if (bounds !== null) {
    thrift.binary(5, bounds.max);
    thrift.binary(6, bounds.min);
    thrift.bool(7, bounds.isMaxExact);
    thrift.bool(8, bounds.isMinExact);
  }
  if (nanCount !== null) thrift.i64(9, nanCount);
}
