/**
 * Cursors as rows, with the past that retained snapshots need.
 *
 * A row holds from `since_sequence` on and before `until_sequence`; the current one has no end. A
 * snapshot's own cursors hold since its sequence, those of a commit without a snapshot since the
 * next one: as of a sequence, cursors are what they were right after that snapshot.
 */
import { createHash } from "node:crypto";
import { cursorBytesMax, type StoredCursor } from "../../core/cursor.ts";
import { canonicalJson } from "../../core/json.ts";
import type { CursorEntry } from "../../core/snapshot.ts";
import { refused } from "../../core/refusal.ts";
import type { SqlDatabase } from "./sql-database.ts";

interface CurrentRow {
  readonly since: number;
  readonly cursor: string;
  readonly boundaryPath: string | null;
}

/**
 * Digest of the pipeline's current cursors: lower-case hexadecimal SHA-256 of the canonical JSON of
 * `[stream, partition, cursor]`, in code unit order of stream and partition.
 */
export function cursorsDigest(database: SqlDatabase, pipelineId: string): string {
  const rows = database.all<{ stream: string; partition: string; cursor: string }>(
    {
      // The planner would walk the past ones too.
      sql: `select stream, partition, cursor from cursors indexed by cursors_now
     where pipeline_id = ? and until_sequence is null`,
    },
    pipelineId,
  );
  const entries = rows.map(({ stream, partition, cursor }) => {
    const stored = JSON.parse(cursor) as StoredCursor; // written by setCursor
    return [stream, partition, stored] as const;
  });
  const sorted = entries.toSorted(([a, aPart], [b, bPart]) => {
    if (a === b) return aPart < bPart ? -1 : 1;
    return a < b ? -1 : 1;
  });
  return createHash("sha256").update(canonicalJson(sorted)).digest("hex");
}

/** Makes the entry the current one since a sequence; one that says nothing new changes nothing. */
export function setCursor(
  database: SqlDatabase,
  pipelineId: string,
  entry: CursorEntry,
  since: number,
): void {
  const key = [pipelineId, entry.stream, entry.partition];
  const text = entry.cursor === null ? null : cursorJson(entry.cursor);
  const current = database.get<CurrentRow>(
    {
      sql: `select since_sequence as since, cursor, boundary_path as boundaryPath
       from cursors indexed by cursors_now
       where pipeline_id = ? and stream = ? and partition = ? and until_sequence is null`,
    },
    ...key,
  );
  if (current !== undefined) {
    if (current.cursor === text && current.boundaryPath === entry.boundaryPath) return;
    endCursor(database, key, current.since, since);
  }
  if (text === null) return;
  database.run(
    `insert into cursors (pipeline_id, stream, partition, since_sequence, until_sequence, cursor,
       boundary_path)
     values (?, ?, ?, ?, null, ?, ?)`,
    ...key,
    since,
    text,
    entry.boundaryPath,
  );
}

/** A row that began at the same sequence was never seen by a snapshot, and goes. */
function endCursor(
  database: SqlDatabase,
  key: readonly string[],
  since: number,
  until: number,
): void {
  const where = "pipeline_id = ? and stream = ? and partition = ? and since_sequence = ?";
  if (since === until) {
    database.run(`delete from cursors where ${where}`, ...key, since);
    return;
  }
  database.run(`update cursors set until_sequence = ? where ${where}`, until, ...key, since);
}

function cursorJson(cursor: StoredCursor): string {
  const text = canonicalJson(cursor);
  const sizeBytes = new TextEncoder().encode(text).byteLength;
  if (sizeBytes <= cursorBytesMax) return text;
  throw refused(
    "manifest",
    `expected a cursor of at most ${cursorBytesMax} bytes for stream '${cursor.stream}', got ${sizeBytes}`,
  );
}
