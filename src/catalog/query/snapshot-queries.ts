/** Snapshots and cursors as the port answers them. */
import type { StoredCursor } from "../../core/cursor.ts";
import { pageRowsMax, type CursorRecord, type SnapshotRecord } from "../../core/ports/catalog.ts";
import { microsOf, microsText } from "../apply/micros.ts";
import type { SqlDatabase } from "../apply/sql-database.ts";

interface SnapshotRow {
  readonly sequence: number;
  readonly runId: string;
  readonly pipelineId: string;
  readonly kind: SnapshotRecord["kind"];
  readonly at: number;
  readonly manifestSha256: string;
  readonly manifestPath: string;
  readonly tables: string;
}

const snapshots = `select snapshots.sequence, run_id as runId, pipeline_id as pipelineId, kind, at,
    sha256 as manifestSha256, path as manifestPath, tables
  from snapshots join commits using (sequence)`;

/** A page of retained snapshots below a sequence, the newest first. */
export function querySnapshots(
  database: SqlDatabase,
  below: number | null,
  limit: number,
): readonly SnapshotRecord[] {
  return database
    .all<SnapshotRow>(
      { sql: `${snapshots} where snapshots.sequence < ? order by snapshots.sequence desc limit ?` },
      below ?? Number.MAX_SAFE_INTEGER,
      Math.min(limit, pageRowsMax),
    )
    .map(recordOf);
}

/** What may name a snapshot: a sequence before a time. */
export interface SnapshotName {
  readonly sequence?: number;
  readonly at?: string;
}

/**
 * The snapshot of a sequence, or the last one at or before a time. Null where it is expired, even
 * where an older one is retained: that one isn't what the store held then.
 */
export function querySnapshotAt(database: SqlDatabase, by: SnapshotName): SnapshotRecord | null {
  const sequence = by.sequence ?? sequenceAt(database, by.at ?? "0");
  const row = database.get<SnapshotRow>(
    { sql: `${snapshots} where snapshots.sequence = ?` },
    sequence,
  );
  return row === undefined ? null : recordOf(row);
}

function sequenceAt(database: SqlDatabase, at: string): number {
  const sql = `select sequence from commits where at <= ? and sequence is not null
    order by at desc limit 1`;
  return database.get<{ sequence: number }>({ sql }, microsOf(at))?.sequence ?? 0;
}

function recordOf(row: SnapshotRow): SnapshotRecord {
  return {
    ...row,
    at: microsText(row.at),
    tables: JSON.parse(row.tables) as SnapshotRecord["tables"], // written with the snapshot
  };
}

interface CursorRow {
  readonly stream: string;
  readonly partition: string;
  readonly cursor: string;
  readonly boundaryPath: string | null;
}

const cursorColumns = "stream, partition, cursor, boundary_path as boundaryPath";

/** A pipeline's cursors by stream and partition: the current ones, or as of a sequence. */
export function queryCursors(
  database: SqlDatabase,
  pipelineId: string,
  sequence: number | undefined,
): readonly CursorRecord[] {
  const rows =
    sequence === undefined
      ? database.all<CursorRow>(
          {
            sql: `select ${cursorColumns} from cursors indexed by cursors_now
           where pipeline_id = ? and until_sequence is null order by stream, partition`,
          },
          pipelineId,
        )
      : database.all<CursorRow>(
          {
            sql: `select ${cursorColumns} from cursors
           where pipeline_id = ? and since_sequence <= ? and coalesce(until_sequence > ?, true)
           order by stream, partition`,
          },
          pipelineId,
          sequence,
          sequence,
        );
  return rows.map((row) => ({
    ...row,
    cursor: JSON.parse(row.cursor) as StoredCursor, // written by a commit
  }));
}
