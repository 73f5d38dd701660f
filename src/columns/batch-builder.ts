/** Builds record batches of rows, whole rows at a time. */
import type { RecordBatch } from "../core/batch.ts";
import type { Field } from "../core/type.ts";
import { valueError } from "./value-error.ts";
import { vectorBuilder } from "./vector-builder.ts";

/** What a row does to its table. */
export type RowKind = "upsert" | "tombstone";

/** Builds the batches of one stream. */
export interface BatchBuilder {
  readonly rows: number;
  /** About the bytes that the batch will hold. */
  readonly sizeBytes: number;
  /**
   * Appends a row of one value a field, in the order of the fields; a tombstone needs values for
   * its key alone. Throws SchemaIncompatible `value.*` and then has taken nothing of the row.
   */
  append(values: readonly unknown[], kind?: RowKind): void;
  /** The batch of all rows; its buffers are the caller's, and the builder starts anew. */
  finish(): RecordBatch;
}

/** A builder of batches with these fields. */
export function batchBuilder(fields: readonly Field[]): BatchBuilder {
  const builders = fields.map((field) => vectorBuilder(field.type, field.name));
  let rows = 0;
  let tombstones: number[] = [];
  const check = (values: readonly unknown[], kind: RowKind): void => {
    if (values.length !== fields.length) {
      throw new Error(`expected ${fields.length} values in a row, got ${values.length}`);
    }
    if (kind === "tombstone") return;
    for (const [index, field] of fields.entries()) {
      const value = values[index];
      if (field.nullable || (value !== null && value !== undefined)) continue;
      throw valueError("missing", { column: field.name, type: field.type }, null);
    }
  };
  return {
    get rows() {
      return rows;
    },
    get sizeBytes() {
      return builders.reduce((sum, builder) => sum + builder.sizeBytes, 0);
    },
    append: (values, kind = "upsert") => {
      check(values, kind);
      try {
        for (const [index, builder] of builders.entries()) builder.append(values[index]);
      } catch (error) {
        for (const builder of builders) builder.truncate(rows);
        throw error;
      }
      if (kind === "tombstone") tombstones.push(rows);
      rows += 1;
    },
    finish: () => {
      const marks = tombstones.length === 0 ? null : new Uint8Array(rows);
      for (const row of tombstones) marks?.fill(1, row, row + 1);
      const batch = { rows, columns: builders.map((one) => one.finish()), tombstones: marks };
      rows = 0;
      tombstones = [];
      return batch;
    },
  };
}
