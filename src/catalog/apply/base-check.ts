/**
 * Whether what a change was computed against still holds. Appended rows need no base: they are
 * right whatever else the table got meanwhile.
 */
import type { Manifest, TableChange } from "../../core/snapshot.ts";
import { conflict, refused } from "../../core/refusal.ts";
import type { SqlDatabase } from "./sql-database.ts";
import { named, type TableRow } from "./table-rows.ts";

/** A change, the table as it is now, and the sequence that the change was computed against. */
export interface BasedChange {
  readonly change: TableChange;
  /** Null where the change makes the table. */
  readonly table: TableRow | null;
  readonly baseSequence: number;
}

/**
 * Checks the change of a run or a compaction. Throws Permanent `conflict.base_moved` where it has
 * to be computed anew.
 */
export function checkBase(database: SqlDatabase, kind: Manifest["kind"], based: BasedChange): void {
  if (based.table === null) return;
  if (kind === "compaction") checkInputs(database, based.change, based.baseSequence);
  else if (needsBase(based.change) && based.table.sequence > based.baseSequence) {
    throw moved(based, `it changed in snapshot ${based.table.sequence}`);
  }
}

/** A merge needs it even where it masks nothing: rows of its keys may have come since. */
function needsBase({ disposition, removed, added }: TableChange): boolean {
  if (disposition === "replace" || disposition === "merge") return true;
  if (removed === "all" || removed.length > 0) return true;
  const own = new Set(added.map((file) => file.fileId));
  return added.some((file) => file.masks.some((mask) => !own.has(mask.fileId)));
}

/**
 * A compaction holds its base to its inputs alone: they are live, and no deletes came for them.
 * Rows that were appended meanwhile don't matter to it.
 */
function checkInputs(database: SqlDatabase, change: TableChange, baseSequence: number): void {
  if (change.removed === "all") {
    throw refused("manifest", `expected a compaction of ${named(change)} to list its inputs`);
  }
  const based = { change, baseSequence };
  for (const fileId of change.removed) {
    const live = database.get(
      {
        sql: "select 1 from files where file_id = ? and table_id = ? and removed_sequence is null",
      },
      fileId,
      change.tableId,
    );
    if (live === undefined) throw moved(based, `file ${fileId} is no longer live`);
    const deletes = database.get<{ fileId: number }>(
      {
        sql: `select delete_file_id as fileId from masks
         join files on files.file_id = masks.delete_file_id
       where data_file_id = ? and added_sequence > ? limit 1`,
      },
      fileId,
      baseSequence,
    );
    if (deletes === undefined) continue;
    throw moved(based, `deletes ${deletes.fileId} mask rows of file ${fileId} since`);
  }
}

function moved({ change, baseSequence }: Omit<BasedChange, "table">, why: string): Error {
  return conflict(
    "base_moved",
    `expected ${named(change)} as it was in snapshot ${baseSequence}, but ${why}`,
    "compute the change again from the newest snapshot",
  );
}
