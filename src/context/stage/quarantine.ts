/** The table beside a table for rows that can't be taken in: the same columns for every table. */
import type { TableSchema } from "../../core/schema.ts";
import type { DataType } from "../../core/type.ts";

const text: DataType = { kind: "text" };

/** Why, where from, and the row itself as it came. */
const quarantineColumns = {
  /** The code of the error that it would have been. */
  reason: 1,
  /** What was expected and what came. */
  detail: 2,
  /** The input file; null for a source without files. */
  file: 3,
  /** The record's number in that file, from 1, a header counted; null where unknown. */
  line: 4,
  /** The column that was at fault; null where it was the row. */
  column: 5,
  /** The row: text of the file, or JSON. */
  record: 6,
} as const;

/** The schema of every quarantine table. */
export const quarantineSchema: TableSchema = {
  version: 1,
  columns: Object.entries(quarantineColumns).map(([name, id]) => ({
    id,
    name,
    sourceName: name,
    type: name === "line" ? { kind: "int", bits: 64, signed: true } : text,
    nullable: true,
  })),
  nextColumnId: 7,
  primaryKey: [],
};

/** The column of every quarantine table that names a row's input file. */
export const quarantineFileColumn = {
  id: quarantineColumns.file,
  name: "file",
  type: text,
} as const;

/** Most rows that one scan puts aside: past so many its settings are wrong, not its rows. */
export const quarantinedRowsMax = 1_000_000;

/** The name of a table's quarantine table. */
export function quarantineName(table: string): string {
  return `${table}__quarantine`;
}
