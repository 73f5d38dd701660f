/**
 * The columns that hakiri adds, with field ids far above any that a table hands out. They are part
 * of a data file but not of a table's schema, so that evolution never meets them.
 */
import type { DataType } from "./type.ts";

/** A column of hakiri's own. */
export interface ReservedColumn {
  readonly id: number;
  readonly name: string;
  readonly type: DataType;
}

/** The run that wrote the row. */
export const runIdColumn: ReservedColumn = {
  id: 2_000_000_001,
  name: "_hakiri_run_id",
  type: { kind: "text" },
};

/** When that run began its first attempt: one moment for all its rows. */
export const loadedAtColumn: ReservedColumn = {
  id: 2_000_000_002,
  name: "_hakiri_loaded_at",
  type: { kind: "timestamp", zoned: true },
};

/** The input file of the row, relative to the project; only in streams of files. */
export const fileColumn: ReservedColumn = {
  id: 2_000_000_003,
  name: "_hakiri_file",
  type: { kind: "text" },
};

/** True in the row of a tombstone. Never shown: such a row is position-deleted by its commit. */
export const deletedColumn: ReservedColumn = {
  id: 2_000_000_004,
  name: "_hakiri_deleted",
  type: { kind: "bool" },
};
