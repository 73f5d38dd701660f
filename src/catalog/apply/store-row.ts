/** The one row that says who the store is, how far commands were applied, and what its head is. */
import type { SqlDatabase } from "./sql-database.ts";

/** The row as it was when a command's turn began. */
export interface StoreRow {
  readonly storeId: string;
  readonly incarnation: number;
  /** Position of the last command. */
  readonly position: number;
  readonly restoring: 0 | 1;
  readonly headSequence: number;
  readonly headSha256: string | null;
  /** Microseconds since 1970. */
  readonly headAt: number;
}

/** One command's turn: handlers read and write through it and know nothing else. */
export interface Turn {
  readonly database: SqlDatabase;
  readonly store: StoreRow;
  /** Of the command: higher than every one before. */
  readonly position: number;
}

/** The store's row; undefined in a catalog that lost it. */
export function readStore(database: SqlDatabase): StoreRow | undefined {
  return database.get<StoreRow>({
    sql: `select store_id as storeId, incarnation, position, restoring,
       head_sequence as headSequence, head_sha256 as headSha256, head_at as headAt
     from store where id = 1`,
  });
}

/** The version of the tables, which every version of them tells in the same place. */
export function readFormatVersion(database: SqlDatabase): number | undefined {
  const sql = "select format_version as version from store where id = 1";
  return database.get<{ version: number }>({ sql })?.version;
}
