/** Part of a vector or batch, in allocations of its own. */
import type { RecordBatch, Vector } from "../core/batch.ts";
import { bitmapBytes, copyBits, countZeros } from "./bitmap.ts";
import { fixedWidthOf } from "./fixed-width.ts";

/** The rows from `from` up to but without `to`, copied. */
export function sliceVector(vector: Vector, from: number, to: number): Vector {
  const length = to - from;
  const validity = vector.validity === null ? null : sliceBits(vector.validity, from, length);
  const nullCount = nullsOf(vector, validity, length);
  const common = {
    type: vector.type,
    length,
    nullCount,
    validity: nullCount === 0 ? null : validity,
  };
  const { offsets } = vector;
  if (offsets !== null) return { ...common, ...sliceOffsets(vector, offsets, from, to) };
  const children = vector.children.map((child) => sliceVector(child, from, to));
  return { ...common, offsets: null, values: sliceValues(vector, from, to), children };
}

/** The rows of a batch from `from` up to but without `to`, copied. */
export function sliceBatch(batch: RecordBatch, from: number, to: number): RecordBatch {
  return {
    rows: to - from,
    columns: batch.columns.map((column) => sliceVector(column, from, to)),
    tombstones: marked(batch.tombstones?.slice(from, to) ?? null),
  };
}

/** Without a mark there is no need of marks. */
function marked(tombstones: Uint8Array | null): Uint8Array | null {
  return tombstones?.includes(1) === true ? tombstones : null;
}

function nullsOf(vector: Vector, validity: Uint8Array | null, length: number): number {
  if (vector.type.kind === "null") return length;
  return validity === null ? 0 : countZeros(validity, length);
}

function sliceBits(bitmap: Uint8Array, from: number, length: number): Uint8Array {
  const copy = new Uint8Array(bitmapBytes(length));
  copyBits({ from: bitmap, fromRow: from, to: copy, toRow: 0, rows: length });
  return copy;
}

function sliceValues(vector: Vector, from: number, to: number): Uint8Array {
  if (vector.type.kind === "bool") return sliceBits(vector.values, from, to - from);
  const width = fixedWidthOf(vector.type) ?? 0;
  return vector.values.slice(from * width, to * width);
}

function sliceOffsets(
  vector: Vector,
  offsets: Int32Array,
  from: number,
  to: number,
): Pick<Vector, "offsets" | "values" | "children"> {
  const start = offsets[from] ?? 0;
  const end = offsets[to] ?? 0;
  const own = offsets.slice(from, to + 1).map((offset) => offset - start);
  return {
    offsets: own,
    values: vector.type.kind === "list" ? new Uint8Array() : vector.values.slice(start, end),
    children: vector.children.map((child) => sliceVector(child, start, end)),
  };
}
