/** Several vectors or batches as one, in allocations of its own. */
import type { RecordBatch, Vector } from "../core/batch.ts";
import type { DataType } from "../core/type.ts";
import { bitmapBytes, copyBits, onesBitmap } from "./bitmap.ts";

/** Batches of the same columns one after the other. */
export function concatBatches(batches: readonly RecordBatch[]): RecordBatch {
  const [first] = batches;
  if (first === undefined) throw new Error("expected at least one batch");
  if (batches.length === 1) return first;
  const columns = first.columns.map((column, index) =>
    concatVectors(
      column.type,
      batches.map((batch) => columnAt(batch, index)),
    ),
  );
  const rows = batches.reduce((sum, batch) => sum + batch.rows, 0);
  return { rows, columns, tombstones: concatTombstones(batches, rows) };
}

function columnAt(batch: RecordBatch, index: number): Vector {
  const column = batch.columns[index];
  if (column === undefined)
    throw new Error(`expected batches of the same columns, none at ${index}`);
  return column;
}

function concatTombstones(batches: readonly RecordBatch[], rows: number): Uint8Array | null {
  if (batches.every((batch) => batch.tombstones === null)) return null;
  const marks = new Uint8Array(rows);
  let row = 0;
  for (const batch of batches) {
    if (batch.tombstones !== null) marks.set(batch.tombstones, row);
    row += batch.rows;
  }
  return marks;
}

/** Vectors of one type one after the other. */
function concatVectors(type: DataType, vectors: readonly Vector[]): Vector {
  const length = vectors.reduce((sum, vector) => sum + vector.length, 0);
  const nullCount = vectors.reduce((sum, vector) => sum + vector.nullCount, 0);
  const common = { type, length, nullCount, validity: concatValidity(vectors, length) };
  if (vectors.some((vector) => vector.offsets !== null)) {
    return { ...common, ...concatOffsets(vectors, length) };
  }
  const children = (vectors[0]?.children ?? []).map((child, index) =>
    concatVectors(
      child.type,
      vectors.map((vector) => childAt(vector, index)),
    ),
  );
  const values =
    type.kind === "bool"
      ? concatBits(
          vectors.map(({ values: bits, length: rows }) => ({ bits, rows })),
          length,
        )
      : concatBytes(vectors.map((vector) => vector.values));
  return { ...common, offsets: null, values, children };
}

function childAt(vector: Vector, index: number): Vector {
  const child = vector.children[index];
  if (child === undefined) throw new Error(`expected vectors of one type, no child at ${index}`);
  return child;
}

function concatValidity(vectors: readonly Vector[], length: number): Uint8Array | null {
  if (vectors.every((vector) => vector.validity === null)) return null;
  const parts = vectors.map((vector) => ({
    bits: vector.validity ?? onesBitmap(vector.length),
    rows: vector.length,
  }));
  return concatBits(parts, length);
}

function concatBits(
  parts: readonly { readonly bits: Uint8Array; readonly rows: number }[],
  length: number,
): Uint8Array {
  const all = new Uint8Array(bitmapBytes(length));
  let toRow = 0;
  for (const { bits, rows } of parts) {
    copyBits({ from: bits, fromRow: 0, to: all, toRow, rows });
    toRow += rows;
  }
  return all;
}

function concatBytes(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.byteLength, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.byteLength;
  }
  return all;
}

function concatOffsets(
  vectors: readonly Vector[],
  length: number,
): Pick<Vector, "offsets" | "values" | "children"> {
  const offsets = new Int32Array(length + 1);
  let row = 0;
  let base = 0;
  for (const vector of vectors) {
    const own = vector.offsets ?? new Int32Array(1);
    for (let index = 1; index <= vector.length; index += 1) {
      offsets[row + index] = base + (own[index] ?? 0);
    }
    row += vector.length;
    base += own[vector.length] ?? 0;
  }
  const children = (vectors[0]?.children ?? []).map((child, index) =>
    concatVectors(
      child.type,
      vectors.map((vector) => childAt(vector, index)),
    ),
  );
  return { offsets, values: concatBytes(vectors.map((vector) => vector.values)), children };
}
