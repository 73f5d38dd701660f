/**
 * The page index: what each page of a chunk holds and where it lies. A chunk has one data page
 * here. Source: Parquet, PageIndex.md.
 */
import type { GrowingBytes } from "../growing-bytes.ts";
import type { ColumnChunk } from "./column-chunk.ts";
import { thriftType, ThriftWriter } from "./thrift-writer.ts";

/** Where a piece of the page index lies in the file. */
export interface IndexPlace {
  readonly offset: number;
  readonly sizeBytes: number;
}

const ascending = 1;
const nothing = new Uint8Array();

/** Appends a chunk's ColumnIndex; null where it can't have one, since its values have no bounds. */
export function appendColumnIndex(file: GrowingBytes, chunk: ColumnChunk): IndexPlace | null {
  const isEmpty = chunk.nullCount === chunk.entries;
  if (chunk.bounds === null && !isEmpty) return null;
  const offset = file.sizeBytes;
  const thrift = new ThriftWriter(file);
  thrift.begin();
  thrift.list(1, thriftType.bool, 1);
  thrift.elementBool(isEmpty);
  thrift.list(2, thriftType.binary, 1);
  thrift.elementBinary(chunk.bounds?.min ?? nothing);
  thrift.list(3, thriftType.binary, 1);
  thrift.elementBinary(chunk.bounds?.max ?? nothing);
  thrift.i32(4, ascending);
  thrift.list(5, thriftType.i64, 1);
  thrift.elementInteger(chunk.nullCount);
  if (chunk.nanCount !== null) {
    thrift.list(8, thriftType.i64, 1);
    thrift.elementInteger(chunk.nanCount);
  }
  thrift.end();
  return { offset, sizeBytes: file.sizeBytes - offset };
}

/** Appends a chunk's OffsetIndex. */
export function appendOffsetIndex(file: GrowingBytes, chunk: ColumnChunk): IndexPlace {
  const offset = file.sizeBytes;
  const thrift = new ThriftWriter(file);
  thrift.begin();
  thrift.list(1, thriftType.struct, 1);
  thrift.begin();
  thrift.i64(1, chunk.dataOffset);
  thrift.i32(2, chunk.offset + chunk.sizeBytes - chunk.dataOffset);
  thrift.i64(3, 0);
  thrift.end();
  thrift.end();
  return { offset, sizeBytes: file.sizeBytes - offset };
}
