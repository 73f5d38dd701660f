/** The columns that a table shows: its own, and those of hakiri's that its rows carry. */
import {
  deletedColumn,
  fileColumn,
  loadedAtColumn,
  runIdColumn,
} from "../../core/reserved-column.ts";
import type { TableState } from "../../core/snapshot.ts";
import type { DataType } from "../../core/type.ts";

/** A column as a view shows it. */
export interface ShownColumn {
  readonly id: number;
  readonly name: string;
  readonly type: DataType;
}

const reservedColumns = [fileColumn, runIdColumn, loadedAtColumn, deletedColumn];

/** The columns with these ids, reserved ones too; of no ids all that a user sees, in order. */
export function shownColumns(
  table: Pick<TableState, "tableId" | "schema" | "reserved">,
  ids?: readonly number[],
): readonly ShownColumn[] {
  const known = new Map<number, ShownColumn>(
    [...table.schema.columns, ...reservedColumns].map((column) => [column.id, column]),
  );
  const shown = ids ?? [...table.schema.columns.map(({ id }) => id), ...table.reserved];
  return shown.map((id) => {
    const column = known.get(id);
    if (column === undefined) throw new Error(`expected a column of ${table.tableId}, got ${id}`);
    return column;
  });
}
