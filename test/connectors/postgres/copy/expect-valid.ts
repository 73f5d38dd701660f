/** Whether a batch is laid out as `src/core/batch.ts` says, whatever its values are. */
import { isUtf8 } from "node:buffer";
import { bitAt, bitmapBytes, countZeros } from "../../../../src/columns/bitmap.ts";
import { getDecimal } from "../../../../src/columns/decimal-text.ts";
import { fixedWidthOf } from "../../../../src/columns/fixed-width.ts";
import type { RecordBatch, Vector } from "../../../../src/connector.ts";

/** Throws what is wrong with the batch. */
export function expectValid(batch: RecordBatch): void {
  for (const column of batch.columns) {
    if (column.length !== batch.rows) fail("a column of another length", column);
    expectVector(column);
  }
}

function fail(fault: string, vector: Vector): never {
  throw new Error(`${fault}: ${JSON.stringify(vector.type)}`);
}

function expectVector(vector: Vector): void {
  const { type, length, nullCount, validity, offsets, values, children } = vector;
  if ((validity === null) !== (nullCount === 0)) fail("a validity that doesn't fit", vector);
  if (validity !== null) {
    if (validity.byteLength !== bitmapBytes(length)) fail("a validity of other size", vector);
    if (countZeros(validity, length) !== nullCount) fail("another number of nulls", vector);
  }
  const width = type.kind === "bool" ? null : fixedWidthOf(type);
  if (width !== null && values.byteLength !== width * length) fail("values of other size", vector);
  if (type.kind === "bool" && values.byteLength !== bitmapBytes(length)) fail("bits", vector);
  if (type.kind === "decimal") expectDecimals(vector, type.precision);
  if (offsets !== null) expectOffsets(vector, offsets);
  for (const child of children) expectVector(child);
}

function expectDecimals(vector: Vector, precision: number): void {
  const { values, length } = vector;
  const view = new DataView(values.buffer, values.byteOffset, values.byteLength);
  const bound = 10n ** BigInt(precision);
  for (let row = 0; row < length; row += 1) {
    const unscaled = getDecimal(view, row * 16);
    if (unscaled >= bound || unscaled <= -bound) fail("too many digits", vector);
  }
}

function expectOffsets(vector: Vector, offsets: Int32Array): void {
  const { type, length, values, children, validity } = vector;
  if (offsets.length !== length + 1 || offsets[0] !== 0) fail("offsets of other size", vector);
  const end = type.kind === "list" ? children[0]?.length : values.byteLength;
  if (offsets[length] !== end) fail("offsets that end elsewhere", vector);
  for (let row = 0; row < length; row += 1) {
    const [from = 0, to = 0] = [offsets[row], offsets[row + 1]];
    if (to < from) fail("offsets that go back", vector);
    const isNull = validity !== null && !bitAt(validity, row);
    if (isNull && to !== from) fail("a null with bytes", vector);
    const isText = type.kind === "text" || type.kind === "json";
    if (isText && !isUtf8(values.subarray(from, to))) fail("no UTF-8", vector);
  }
}
