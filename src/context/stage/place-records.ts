/** Brings a batch's columns into those of its table, and takes out what the contract refuses. */
import type { RecordBatch, Vector } from "../../core/batch.ts";
import type { FieldTarget } from "../../core/evolution/place-field.ts";
import type { SchemaViolation } from "../../core/schema-violation.ts";
import type { Column } from "../../core/schema.ts";
import type { Field } from "../../core/type.ts";
import { bitAt } from "../../columns/bitmap.ts";
import { castVector } from "../../columns/cast-vector.ts";
import { takeRows } from "../../columns/take-rows.ts";
import type { NamedColumn } from "../../columns/to-arrow.ts";
import type { StagedTable } from "./staging.ts";

/** Where a batch's fields go. */
export interface Placing {
  readonly table: StagedTable;
  readonly fields: readonly Field[];
  readonly targets: readonly FieldTarget[];
}

/** Rows that may not go into the table. */
export interface RefusedRows {
  readonly batch: RecordBatch;
  readonly fields: readonly Field[];
  /** One a row: the first field of the row that was refused, and why. */
  readonly reasons: readonly { readonly column: string; readonly violation: SchemaViolation }[];
}

/** A batch in its table's columns. */
export interface PlacedRecords {
  /** The rows that go into the table. */
  readonly batch: RecordBatch;
  /** Their values; columns that the batch has nothing for are left out. */
  readonly columns: readonly NamedColumn[];
  /** Null where every row goes in. */
  readonly refused: RefusedRows | null;
  /** Rows that go in with a value less. */
  readonly discarded: number;
}

/** Places a batch. Throws SchemaIncompatible `value.*` where a cast doesn't hold a value. */
export function placeRecords(batch: RecordBatch, placing: Placing): PlacedRecords {
  const { keep, refused } = splitRefused(batch, placing);
  const kept = takeRows(batch, keep);
  const dropped = new Uint8Array(kept.rows);
  const columns: NamedColumn[] = [];
  for (const [index, target] of placing.targets.entries()) {
    const vector = vectorAt(kept, index);
    if (target.kind === "discard_value") markValues(vector, dropped);
    if (target.kind !== "column") continue;
    const { id, name, type } = columnOf(placing.table, target.columnId);
    columns.push({ id, name, vector: castVector(vector, type, name) });
  }
  return { batch: kept, columns, refused, discarded: dropped.reduce((sum, one) => sum + one, 0) };
}

function vectorAt(batch: RecordBatch, index: number): Vector {
  const vector = batch.columns[index];
  if (vector === undefined) throw new Error(`expected a column for each field, none at ${index}`);
  return vector;
}

function columnOf({ tableId, schema }: StagedTable, id: number): Column {
  const column = schema.columns.find((one) => one.id === id);
  if (column === undefined) throw new Error(`expected column ${id} in table ${tableId}`);
  return column;
}

function splitRefused(
  batch: RecordBatch,
  { fields, targets }: Placing,
): { readonly keep: Uint8Array; readonly refused: RefusedRows | null } {
  const keep = new Uint8Array(batch.rows).fill(1);
  const firstFault: number[] = [];
  for (const [index, target] of targets.entries()) {
    if (target.kind !== "discard_row") continue;
    const values = new Uint8Array(batch.rows);
    markValues(vectorAt(batch, index), values);
    for (let row = 0; row < batch.rows; row += 1) {
      if (values[row] === 0) continue;
      firstFault[row] ??= index;
      keep[row] = 0;
    }
  }
  if (firstFault.length === 0) return { keep, refused: null };
  const refused = takeRows(
    batch,
    keep.map((one) => 1 - one),
  );
  const reasons = firstFault.flatMap((index) => {
    const target = targets[index];
    if (target === undefined || target.kind === "column") return [];
    return [{ column: fields[index]?.name ?? "", violation: target.violation }];
  });
  return { keep, refused: { batch: refused, fields, reasons } };
}

/** Sets the byte of each row that has a value to 1. */
function markValues(vector: Vector, marks: Uint8Array): void {
  if (vector.type.kind === "null") return;
  for (let row = 0; row < vector.length; row += 1) {
    if (vector.validity === null || bitAt(vector.validity, row)) marks[row] = 1;
  }
}
