/**
 * Makes a manifest true: tables, files and cursors, the commit itself, and the store's head.
 * Commits and a rebuild of the catalog share it, so that a rebuilt catalog is an equal one.
 *
 * W1. The head is one row, and every commit of a snapshot moves it by one.
 * W2. A snapshot's time is later than the one before it, whatever the clocks say.
 * W3. Files, schemas and cursors that a snapshot names carry its sequence, so that each snapshot
 *     can be told from these rows as long as it is kept.
 */
import type { Committed, ManifestReference } from "../../core/catalog-command.ts";
import { canonicalJson } from "../../core/json.ts";
import type { Manifest, TableChange } from "../../core/snapshot.ts";
import { formatTableName } from "../../core/table-name.ts";
import { setCursor } from "./cursor-rows.ts";
import { liveRows, writeFiles } from "./file-rows.ts";
import { microsText } from "./micros.ts";
import type { Turn } from "./store-row.ts";
import type { TableEdit } from "./table-edit.ts";
import { writeTable, type TableRow } from "./table-rows.ts";

/** A commit that was found to be right. */
export interface Commit {
  readonly manifest: Manifest;
  readonly reference: ManifestReference;
  readonly edits: readonly CheckedEdit[];
  /** Whether it takes a snapshot. */
  readonly isSnapshot: boolean;
  /** The stamp, microseconds. */
  readonly at: number;
}

/** An edit with the table as it was before; null where the edit makes it. */
export interface CheckedEdit extends TableEdit {
  readonly table: TableRow | null;
}

/** Writes the commit and answers it. */
export function writeManifest(turn: Turn, commit: Commit): Committed {
  const { database, store } = turn;
  const { manifest } = commit;
  const next = store.headSequence + 1;
  const tables = commit.edits.map((edit) => writeEdit(turn, manifest, edit));
  for (const entry of manifest.cursors) setCursor(database, manifest.pipelineId, entry, next);
  const sequence = commit.isSnapshot ? next : null;
  const at = sequence === null ? commit.at : Math.max(commit.at, store.headAt + 1);
  insertCommit(turn, commit, { sequence, at });
  if (sequence !== null) flipHead(turn, commit.reference, { sequence, at, tables });
  return { sequence, at: microsText(at), parent: store.headSha256 };
}

interface TableCounts {
  readonly table: string;
  readonly rowsAdded: number;
  readonly rowsMasked: number;
}

function writeEdit({ database, store }: Turn, manifest: Manifest, edit: CheckedEdit): TableCounts {
  const { change, table } = edit;
  const { pipelineId, epoch } = manifest;
  const sequence = store.headSequence + 1;
  writeTable(database, edit, { table, pipelineId, sequence });
  const schemaVersion = change.schema?.version ?? table?.schemaVersion ?? 0;
  const replaced = change.removed === "all" ? liveRows(database, change.tableId) : 0;
  writeFiles(database, { change, epoch, sequence, schemaVersion });
  return countRows(change, replaced);
}

interface Moment {
  readonly sequence: number | null;
  readonly at: number;
}

function insertCommit(
  { database, store, position }: Turn,
  { manifest, reference }: Commit,
  { sequence, at }: Moment,
): void {
  database.run(
    `insert into commits (position, run_id, epoch, sha256, size_bytes, path, kind, pipeline_id,
       base_sequence, sequence, at, parent)
     values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    position,
    manifest.runId,
    manifest.epoch,
    reference.sha256,
    reference.sizeBytes,
    reference.path,
    manifest.kind,
    manifest.pipelineId,
    manifest.baseSequence,
    sequence,
    at,
    store.headSha256,
  );
}

/** W1. */
function flipHead(
  { database, store }: Turn,
  reference: Commit["reference"],
  {
    sequence,
    at,
    tables,
  }: Moment & { readonly sequence: number; readonly tables: readonly TableCounts[] },
): void {
  database.run(
    "insert into snapshots (sequence, tables) values (?, ?)",
    sequence,
    canonicalJson(tables.map((counts) => ({ ...counts }))),
  );
  database.run(
    `update store set head_sequence = ?, head_sha256 = ?, head_parent = ?, head_at = ?
     where id = 1`,
    sequence,
    reference.sha256,
    store.headSha256,
    at,
  );
}

/** A table that is replaced loses the rows it had, as if they were masked. */
function countRows(change: TableChange, replaced: number): TableCounts {
  const data = change.added.filter((file) => file.kind === "data");
  const masks = change.added.flatMap((file) => file.masks);
  return {
    table: formatTableName(change),
    rowsAdded: data.reduce((sum, file) => sum + file.rows, 0),
    rowsMasked: replaced + masks.reduce((sum, mask) => sum + mask.rows, 0),
  };
}
