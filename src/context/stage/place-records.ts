/** Brings a batch's columns into those of its table, and takes out what the contract refuses. */
import type { RecordBatch, Vector } from "../../core/batch.ts";
import type { FieldTarget } from "../../core/evolution/place-field.ts";
import type { SchemaViolation } from "../../core/schema-violation.ts";
import type { Column } from "../../core/schema.ts";
import type { Field } from "../../core/type.ts";
import { bitAt } from "../../columns/bitmap.ts";
import { castVector } from "../../columns/cast-vector.ts";
import { fittingValues } from "../../columns/fitting-values.ts";
import { takeRows } from "../../columns/take-rows.ts";
import type { NamedColumn } from "../../columns/named-column.ts";
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
  const placed = placing.targets.map((target, index) => placeField(vectorAt(batch, index), target));
  const { keep, refused } = splitRefused(batch, placing, placed);
  const whole = { ...batch, columns: placed.map(({ vector }) => vector) };
  const kept = refused === null ? whole : takeRows(whole, keep);
  const columns = placing.targets.flatMap((target, index): NamedColumn[] => {
    if (target.columnId === null || (target.kind !== "column" && target.keeps === null)) return [];
    const { id, name, type } = columnOf(placing.table, target.columnId);
    return [{ id, name, vector: castVector(vectorAt(kept, index), type, name) }];
  });
  return { batch: kept, columns, refused, discarded: countDropped(placing, placed, keep) };
}

interface PlacedField {
  /** With the values that are kept. */
  readonly vector: Vector;
  /** One byte a row: 1 where a value isn't kept; null where all are. */
  readonly refused: Uint8Array | null;
}

function placeField(vector: Vector, target: FieldTarget): PlacedField {
  if (target.kind === "column") return { vector, refused: null };
  if (target.keeps !== null) return fittingValues(vector, target.keeps, "");
  return { vector, refused: valueMarks(vector) };
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
  placed: readonly PlacedField[],
): { readonly keep: Uint8Array; readonly refused: RefusedRows | null } {
  const keep = new Uint8Array(batch.rows).fill(1);
  const firstFault: number[] = [];
  for (const [index, target] of targets.entries()) {
    const marks = target.kind === "discard_row" ? (placed[index]?.refused ?? null) : null;
    if (marks === null) continue;
    for (let row = 0; row < batch.rows; row += 1) {
      if (marks[row] === 0) continue;
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

/** Rows that are kept with a value less. */
function countDropped(
  { targets }: Placing,
  placed: readonly PlacedField[],
  keep: Uint8Array,
): number {
  const marks = targets.flatMap(({ kind }, index) =>
    kind === "discard_value" ? (placed[index]?.refused ?? []) : [],
  );
  if (marks.length === 0) return 0;
  return keep.reduce(
    (sum, isKept, row) =>
      sum + (isKept === 1 && marks.some((refused) => refused[row] === 1) ? 1 : 0),
    0,
  );
}

/** One byte a row: 1 where there is a value. */
function valueMarks(vector: Vector): Uint8Array {
  const marks = new Uint8Array(vector.length);
  if (vector.type.kind === "null") return marks;
  for (let row = 0; row < vector.length; row += 1) {
    if (vector.validity === null || bitAt(vector.validity, row)) marks[row] = 1;
  }
  return marks;
}
