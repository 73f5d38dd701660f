/**
 * Appends values, arrays among them, which become lists. An array is sent as its dimensions,
 * flags, the items' type, each dimension's size and lower bound, and the items in row-major order,
 * each with its length (arrayfuncs.c, array_send). Lower bounds have no counterpart here.
 */
import { appendScalar } from "./append-scalar.ts";
import type { ColumnBuffer } from "./column-buffer.ts";
import { copyMalformed, valueFault } from "./copy-error.ts";
import type { CopySource } from "./copy-source.ts";

/** PostgreSQL's MAXDIM. */
const dimensionsMax = 6;
const headerBytes = 12;
const dimensionBytes = 8;
const lengthBytes = 4;

/**
 * Appends the value of `length` bytes at `at`, which the source must have. Throws Permanent
 * `postgres.copy_malformed`, or SchemaIncompatible for a value that the column doesn't hold.
 */
export function appendValue(
  column: ColumnBuffer,
  source: CopySource,
  at: number,
  length: number,
): void {
  if (column.item === null) appendScalar(column, source, at, length);
  else appendArray(column, source, at, length);
}

/** An array must have the dimensions of its column, or be empty. */
function appendArray(column: ColumnBuffer, source: CopySource, at: number, length: number): void {
  const { form } = column;
  if (form.kind !== "array") throw new Error("expected a list column");
  const dimensions = readDimensions(column, source, at, length);
  checkItems(column, source, { at, dimensions, form }, length);
  if (dimensions > 0 && dimensions !== form.dimensions) {
    throw valueFault("wrong_dimensions", column, `an array of ${dimensions} dimensions`);
  }
  const place = { sizesAt: at + headerBytes, dimensions, end: at + length };
  const last = appendLevel(column, source, place, itemsAt(at, dimensions));
  if (last !== place.end) throw copyMalformed("an array's last item", "more bytes", column);
}

function itemsAt(at: number, dimensions: number): number {
  return at + headerBytes + dimensionBytes * dimensions;
}

function readDimensions(
  column: ColumnBuffer,
  { view }: CopySource,
  at: number,
  length: number,
): number {
  const dimensions = length < headerBytes ? -1 : view.getInt32(at);
  if (dimensions < 0 || dimensions > dimensionsMax) {
    throw copyMalformed("an array's dimensions", String(dimensions), column);
  }
  const least = itemsAt(0, dimensions);
  if (length < least) throw copyMalformed(`${least} bytes`, String(length), column);
  return dimensions;
}

interface ArrayHeader {
  readonly at: number;
  readonly dimensions: number;
  readonly form: { readonly itemOid: number };
}

/** Each item takes the four bytes of its length at least, so there can't be more than that. */
function checkItems(
  column: ColumnBuffer,
  { view }: CopySource,
  { at, dimensions, form }: ArrayHeader,
  length: number,
): void {
  const oid = view.getUint32(at + 8);
  if (oid !== form.itemOid) {
    throw copyMalformed(`items of type ${form.itemOid}`, String(oid), column);
  }
  const itemsMax = (length - itemsAt(0, dimensions)) / lengthBytes;
  let items = 1;
  for (let dimension = 0; dimension < dimensions; dimension += 1) {
    const size = view.getInt32(at + headerBytes + dimensionBytes * dimension);
    items *= size;
    if (size <= 0 || items > itemsMax) {
      throw copyMalformed("an array with room for its items", `${size} in a dimension`, column);
    }
  }
}

/** Where the levels of an array that are still to come lie. */
interface Levels {
  readonly sizesAt: number;
  /** Levels from this one on; none for an empty array. */
  readonly dimensions: number;
  readonly end: number;
}

/** Appends one row of a level, and returns where the next one's items begin. */
function appendLevel(
  column: ColumnBuffer,
  source: CopySource,
  { sizesAt, dimensions, end }: Levels,
  from: number,
): number {
  const { item } = column;
  if (item === null) throw new Error("expected a list column to have items");
  if (column.rows === column.capacity) column.grow();
  const size = dimensions === 0 ? 0 : source.view.getInt32(sizesAt);
  let at = from;
  if (dimensions > 1) {
    const inner = { sizesAt: sizesAt + dimensionBytes, dimensions: dimensions - 1, end };
    for (let row = 0; row < size; row += 1) at = appendLevel(item, source, inner, at);
  } else {
    for (let row = 0; row < size; row += 1) at = appendItem(item, source, at, end);
  }
  column.rows += 1;
  column.offsets[column.rows] = item.rows;
  return at;
}

function appendItem(item: ColumnBuffer, source: CopySource, at: number, end: number): number {
  if (end - at < lengthBytes) throw copyMalformed("an item's length", "the end", item);
  const length = source.view.getInt32(at);
  const value = at + lengthBytes;
  if (length === -1) {
    item.appendNull();
    return value;
  }
  if (length < 0 || length > end - value) {
    throw copyMalformed("an item within its array", `${length} bytes`, item);
  }
  appendValue(item, source, value, length);
  return value + length;
}
