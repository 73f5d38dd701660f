/**
 * `expire_snapshots`, `mark_deleting` and `forget_files`: how a file leaves the store. Its last
 * snapshot expires, a grace time passes, it is marked, unlinked by the caller, and forgotten.
 *
 * E1. The newest snapshot and every pinned one stay.
 * E2. A file that no retained snapshot holds gets its time once, and no commit can take it back.
 * E3. Only a marked file may be unlinked, and only an unlinked one forgotten.
 */
import type {
  CatalogAnswers,
  ExpireSnapshots,
  ForgetFiles,
  MarkDeleting,
} from "../../core/catalog-command.ts";
import { microsOf } from "./micros.ts";
import { refused } from "../../core/refusal.ts";
import type { SqlDatabase } from "./sql-database.ts";
import type { Turn } from "./store-row.ts";

/** Most snapshots that one command lets go, oldest first; the next command takes the next ones. */
export const expiredMax = 256;

/** Most files of one command that marks or forgets. */
export const fileIdsMax = 256;

/** Expires snapshots and gives the files that only they held their time. */
export function expireSnapshots(
  { database }: Turn,
  command: ExpireSnapshots,
): CatalogAnswers["expire_snapshots"] {
  const expired = expirable(database, command);
  for (const sequence of expired) {
    database.run("delete from snapshots where sequence = ?", sequence);
  }
  if (expired.length > 0) {
    markUnreferenced(database, microsOf(command.at));
    dropPastCursors(database);
  }
  return { expired };
}

/** E1. A pinned snapshot is passed over, so that it doesn't keep younger ones. */
function expirable(database: SqlDatabase, command: ExpireSnapshots): readonly number[] {
  const keep = Math.max(1, command.keep);
  const oldestKept = database.get<{ sequence: number }>(
    { sql: "select sequence from snapshots order by sequence desc limit 1 offset ?" },
    keep - 1,
  );
  if (oldestKept === undefined) return [];
  const pinned = new Set(command.pinned);
  return database
    .all<{ sequence: number }>(
      {
        sql: `select snapshots.sequence from snapshots join commits using (sequence)
       where sequence < ? and at < ? order by sequence limit ?`,
      },
      oldestKept.sequence,
      microsOf(command.since),
      expiredMax + pinned.size,
    )
    .map((row) => row.sequence)
    .filter((sequence) => !pinned.has(sequence))
    .slice(0, expiredMax);
}

/** E2. */
function markUnreferenced(database: SqlDatabase, at: number): void {
  database.run(
    `update files set unreferenced_since = ?
     where removed_sequence is not null and unreferenced_since is null
       and not exists (select 1 from snapshots
         where sequence >= added_sequence and sequence < removed_sequence)`,
    at,
  );
}

function dropPastCursors(database: SqlDatabase): void {
  database.run(
    `delete from cursors where until_sequence is not null
       and not exists (select 1 from snapshots
         where sequence >= since_sequence and sequence < until_sequence)`,
  );
}

/** Marks those of the files that are unreferenced since before the bound; answers the marked. */
export function markDeleting(
  { database }: Turn,
  command: MarkDeleting,
): CatalogAnswers["mark_deleting"] {
  checkCount(command.fileIds);
  const before = microsOf(command.unreferencedBefore);
  const marked = command.fileIds.filter((fileId) => {
    const changed = database.run(
      "update files set deleting = 1 where file_id = ? and unreferenced_since < ?",
      fileId,
      before,
    );
    return changed === 1;
  });
  return { marked };
}

/** Forgets marked files; one that is unknown was forgotten before. */
export function forgetFiles(
  { database }: Turn,
  command: ForgetFiles,
): CatalogAnswers["forget_files"] {
  checkCount(command.fileIds);
  let forgotten = 0;
  for (const fileId of command.fileIds) {
    const sql = "select deleting from files where file_id = ?";
    const file = database.get<{ deleting: 0 | 1 }>({ sql }, fileId);
    if (file?.deleting === 0) {
      throw refused("file_not_deleting", `expected a file marked for deletion, got ${fileId}`);
    }
    forgotten += database.run("delete from files where file_id = ?", fileId);
  }
  return { forgotten };
}

function checkCount(fileIds: readonly number[]): void {
  if (fileIds.length <= fileIdsMax) return;
  throw refused(
    "command_too_large",
    `expected at most ${fileIdsMax} files in a command, got ${fileIds.length}`,
  );
}
