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
  const sizes = readSizes(column, source, at, length);
  if (sizes.length > 0 && sizes.length !== form.dimensions) {
    const shown = `an array of ${sizes.length} dimensions`;
    throw valueFault("wrong_dimensions", column, shown);
  }
  const end = at + length;
  const items = at + headerBytes + dimensionBytes * sizes.length;
  const last = appendLevel(column, source, { sizes, level: 0, end }, items);
  if (last !== end) throw copyMalformed("an array's last item", "more bytes", column);
}

/** The size of each dimension; none for an empty array. */
function readSizes(
  column: ColumnBuffer,
  { view }: CopySource,
  at: number,
  length: number,
): readonly number[] {
  const { form } = column;
  const dimensions = length < headerBytes ? -1 : view.getInt32(at);
  if (dimensions < 0 || dimensions > dimensionsMax) {
    throw copyMalformed("an array's dimensions", String(dimensions), column);
  }
  const itemsAt = headerBytes + dimensionBytes * dimensions;
  if (length < itemsAt) throw copyMalformed(`${itemsAt} bytes`, String(length), column);
  const oid = view.getUint32(at + 8);
  if (form.kind === "array" && oid !== form.itemOid) {
    throw copyMalformed(`items of type ${form.itemOid}`, String(oid), column);
  }
  const sizes = Array.from({ length: dimensions }, (_, dimension) =>
    view.getInt32(at + headerBytes + dimensionBytes * dimension),
  );
  const items = sizes.reduce((product, size) => product * Math.max(0, size), 1);
  const isWhole = sizes.every((size) => size > 0) && items * lengthBytes <= length - itemsAt;
  if (dimensions > 0 && !isWhole) {
    throw copyMalformed("an array with room for its items", sizes.join(" x "), column);
  }
  return sizes;
}

interface Level {
  readonly sizes: readonly number[];
  readonly level: number;
  readonly end: number;
}

/** Appends one row of a level, and returns where the next one's items begin. */
function appendLevel(
  column: ColumnBuffer,
  source: CopySource,
  { sizes, level, end }: Level,
  from: number,
): number {
  const { item } = column;
  if (item === null) throw new Error("expected a list column to have items");
  if (column.rows === column.capacity) column.grow();
  const size = sizes[level] ?? 0;
  const isLast = level === sizes.length - 1;
  const next = { sizes, level: level + 1, end };
  let at = from;
  for (let index = 0; index < size; index += 1) {
    at = isLast ? appendItem(item, source, at, end) : appendLevel(item, source, next, at);
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
