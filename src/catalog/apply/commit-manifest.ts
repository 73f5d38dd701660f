/**
 * `commit_snapshot`, `commit_cursor` and `commit_compaction`: the only commands that make data
 * visible.
 *
 * This file owns whether a manifest may become true; the manifest itself was written and synced
 * before by the run.
 *
 * M1. The same commit again answers the same, and changes nothing: (run, epoch, digest) names it.
 * M2. Only the latest grant of a pipeline commits, while its run is running.
 * M3. Cursors move together with the rows that they were read with, from exactly where they were.
 * M4. What was computed against a base is committed only while that base holds.
 * M5. A table has one owner; another pipeline only appends, and only where either of them says that
 *     the table is shared.
 */
import type {
  CommitKind,
  CommitManifest,
  Committed,
  ManifestReference,
} from "../../core/catalog-command.ts";
import type { PipelineSpec } from "../../core/pipeline.ts";
import type { Manifest, TableChange } from "../../core/snapshot.ts";
import { checkBase } from "./base-check.ts";
import { cursorsDigest } from "./cursor-rows.ts";
import { microsOf, microsText } from "./micros.ts";
import { requireLatestGrant, type PipelineRow } from "./pipeline-row.ts";
import { conflict, refused } from "../../core/refusal.ts";
import { requireRun, saveRun, stateAfter, type RunRow } from "./run-row.ts";
import type { SqlDatabase } from "./sql-database.ts";
import type { StoreRow, Turn } from "./store-row.ts";
import { tableEdits, type TableEdit } from "./table-edit.ts";
import { checkSchemas, named, tableBefore, type TableRow } from "./table-rows.ts";
import { writeManifest, type CheckedEdit } from "./write-manifest.ts";

const kinds = {
  commit_snapshot: "run",
  commit_cursor: "cursor",
  commit_compaction: "compaction",
} as const satisfies Record<CommitKind, Manifest["kind"]>;

/** Commits, or says why not; see the invariants above. */
export function commitManifest(
  turn: Turn,
  command: CommitManifest,
  manifest: Manifest | undefined,
): Committed {
  const { database } = turn;
  const done = findCommit(database, command);
  if (done !== null) return done; // M1
  const run = requireRun(database, command.runId);
  const pipeline = requireLatestGrant(database, run.pipelineId, command.epoch); // M2
  const writtenBatches = run.state.writtenBatches;
  const event = { type: "committed", epoch: command.epoch, writtenBatches } as const;
  const isSnapshot = command.kind !== "commit_cursor";
  const snapshot = isSnapshot ? turn.store.headSequence + 1 : null;
  const state = stateAfter(run, { ...event, snapshot });
  checkManifest(command, manifest, { store: turn.store, run });
  checkCursors(database, run, command);
  const edits = tableEdits(manifest).map((edit) => checkEdit(turn, { manifest, edit, pipeline }));
  const at = microsOf(command.at);
  const reference = command.manifest;
  const committed = writeManifest(turn, { manifest, reference, edits, isSnapshot, at });
  saveRun(database, run, state, { at, report: command.report, error: null });
  return committed;
}

/** The answer to a commit that is done, by what names it; null for a new one. */
export function findCommit(
  database: SqlDatabase,
  by: { readonly runId: string; readonly epoch: number; readonly manifest: ManifestReference },
): Committed | null {
  const row = database.get<{ sequence: number | null; at: number; parent: string | null }>(
    {
      sql: "select sequence, at, parent from commits where run_id = ? and epoch = ? and sha256 = ?",
    },
    by.runId,
    by.epoch,
    by.manifest.sha256,
  );
  return row === undefined ? null : { ...row, at: microsText(row.at) };
}

/** That the manifest is the one the command speaks of, and holds what its kind may hold. */
function checkManifest(
  command: CommitManifest,
  manifest: Manifest | undefined,
  { store, run }: { readonly store: StoreRow; readonly run: RunRow },
): asserts manifest is Manifest {
  if (manifest === undefined) throw new Error(`expected the manifest of ${command.runId}`);
  const pairs = [
    ["kind", kinds[command.kind], manifest.kind],
    ["store", store.storeId, manifest.storeId],
    ["pipeline", run.pipelineId, manifest.pipelineId],
    ["run", command.runId, manifest.runId],
    ["epoch", command.epoch, manifest.epoch],
    ["base sequence", command.baseSequence, manifest.baseSequence],
    ["work of the run", manifest.kind === "compaction", run.what === "compaction"],
  ] as const;
  for (const [what, expected, came] of pairs) {
    if (expected === came) continue;
    throw refused("manifest", `expected ${what} ${expected} in the manifest, got ${came}`);
  }
  if (command.baseSequence > store.headSequence) {
    const { baseSequence } = command;
    throw refused("manifest", `expected a base up to ${store.headSequence}, got ${baseSequence}`);
  }
  checkContent(manifest);
}

/** What a manifest may hold by its kind: an empty one makes no snapshot. */
export function checkContent(manifest: Manifest): void {
  const { kind, tables, cursors } = manifest;
  const compacts = tables.filter((change) => change.disposition === "compact").length;
  const isRight =
    compacts === (kind === "compaction" ? tables.length : 0) &&
    tables.length > 0 === (kind === "run" || kind === "compaction") &&
    (kind !== "compaction" || cursors.length === 0);
  if (isRight) return;
  throw refused(
    "manifest",
    `expected the tables and cursors of a ${kind}, got ${tables.length} tables and ${cursors.length} cursors`,
  );
}

/** M3. */
function checkCursors(database: SqlDatabase, run: RunRow, command: CommitManifest): void {
  const digest = cursorsDigest(database, run.pipelineId);
  if (digest === command.cursorsBefore) return;
  throw conflict(
    "cursor_moved",
    `expected the pipeline's cursors with the digest ${command.cursorsBefore}, found ${digest}`,
    "run the pipeline again",
  );
}

/** M4 and M5. */
function checkEdit(
  { database }: Turn,
  about: {
    readonly manifest: Manifest;
    readonly edit: TableEdit;
    readonly pipeline: PipelineRow;
  },
): CheckedEdit {
  const { manifest, edit, pipeline } = about;
  const { change } = edit;
  const table = tableBefore(database, change);
  if (table !== null && table.ownerPipelineId !== manifest.pipelineId) {
    checkSharing(change, table, pipeline);
  }
  checkBase(database, manifest.kind, { change, table, baseSequence: manifest.baseSequence });
  checkSchemas(edit, table);
  return { ...edit, table };
}

function checkSharing(change: TableChange, table: TableRow, pipeline: PipelineRow): void {
  const spec = pipeline.spec === null ? null : (JSON.parse(pipeline.spec) as PipelineSpec);
  const isShared = table.shared === 1 || spec?.shared === true;
  const isAppend = change.disposition === "append" && change.removed.length === 0;
  const isPlain = change.added.every((file) => file.kind === "data");
  if (isShared && isAppend && isPlain) return;
  throw refused(
    "table_owned",
    `expected a table of this pipeline, but ${named(change)} belongs to ${table.ownerPipelineId}`,
    isShared
      ? "append to it, or choose another table"
      : "choose another table, or set shared = true to append to this one",
  );
}
