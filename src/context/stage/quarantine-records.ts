/** Rows that a contract refuses, as rows of the quarantine table. */
import { batchBuilder } from "../../columns/batch-builder.ts";
import { jsonRowsOf } from "../../columns/json-text.ts";
import type { NamedColumn } from "../../columns/named-column.ts";
import type { RefusedRows } from "./place-records.ts";
import { quarantineSchema } from "./quarantine.ts";
import { violationDetail, violationReason } from "./violation-detail.ts";

/** The columns of the quarantine table for such rows: each with its reason, and whole as JSON. */
export function quarantineRecords({ batch, fields, reasons }: RefusedRows): {
  readonly columns: readonly NamedColumn[];
  readonly rows: number;
} {
  const { columns } = quarantineSchema;
  const builder = batchBuilder(columns);
  const record = jsonRowsOf(batch, fields);
  for (const [row, { column, violation }] of reasons.entries()) {
    const told = [violationReason(violation), violationDetail(violation)];
    builder.append([...told, null, null, column, record(row)]);
  }
  const made = builder.finish();
  return {
    rows: made.rows,
    columns: columns.flatMap(({ id, name }, index) => {
      const vector = made.columns[index];
      return vector === undefined ? [] : [{ id, name, vector }];
    }),
  };
}
