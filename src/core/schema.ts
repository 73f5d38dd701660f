/**
 * The schema of a stream and of a table. A table's columns have permanent ids; a stream's don't.
 */
import type { DataType, Field } from "./type.ts";

/** A stream's columns in the source's order, and what identifies a row. */
export interface StreamSchema {
  readonly fields: readonly Field[];
  /** Names of the key's columns in key order; empty when the source knows none. */
  readonly primaryKey: readonly string[];
}

/** A column of a table. */
export interface Column {
  /** From 1, never reused within its table; also the Parquet field id. */
  readonly id: number;
  /** As in the source (NFC); unique in its table without regard to case. */
  readonly name: string;
  /** The stream's name for it, which differs from `name` after numbering or snake_case. */
  readonly sourceName: string;
  readonly type: DataType;
  readonly nullable: boolean;
}

/** A version of a table's schema. Files keep the version that they were written under. */
export interface TableSchema {
  /** From 1, by one with each change. */
  readonly version: number;
  /** In order of appearance; a column that left the source stays. */
  readonly columns: readonly Column[];
  /** The smallest id that no column has had yet. */
  readonly nextColumnId: number;
  /** Ids of the key's columns in key order; empty for a table without one. */
  readonly primaryKey: readonly number[];
}

/** How a table spells its columns; fixed when the table is made. */
export type Naming = "source" | "snake_case";

/** Columns that hakiri adds to every row, by name. All names with this prefix are hakiri's. */
export const reservedPrefix = "_hakiri_";
