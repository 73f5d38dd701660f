/**
 * `restore_commit` and `finish_restore`: how a catalog is made again of the manifests that the lost
 * one had committed.
 *
 * R1. Only a store that is being rebuilt takes them, and nothing but them and `register_pipeline`.
 * R2. Snapshots come in the order of their sequences from 1 on, without a gap, and the commits of
 *     one pipeline in the order of their epochs. A commit without a snapshot comes before the first
 *     later commit of its pipeline.
 * R3. The store that comes out has a higher incarnation than any epoch that the lost one handed out
 *     and a higher position than any grant of it, so that no old holder passes for a new one and no
 *     file gets the id of an old one.
 */
import type {
  CatalogAnswers,
  Committed,
  FinishRestore,
  RestoreCommit,
} from "../../core/catalog-command.ts";
import { epochOf, grantSequenceOf, incarnationsMax, type Manifest } from "../../core/snapshot.ts";
import { checkContent, findCommit } from "./commit-manifest.ts";
import { microsOf } from "./micros.ts";
import { refused } from "../../core/refusal.ts";
import { restorePipeline } from "./restore-pipeline.ts";
import { insertRun, findRun, saveRun, type RunRow } from "./run-row.ts";
import type { StoreRow, Turn } from "./store-row.ts";
import { tableEdits } from "./table-edit.ts";
import { checkSchemas, tableBefore } from "./table-rows.ts";
import { writeManifest } from "./write-manifest.ts";

/** Replays a commit. The same one again answers the same. */
export function restoreCommit(
  turn: Turn,
  command: RestoreCommit,
  manifest: Manifest | undefined,
): Committed {
  if (manifest === undefined) throw new Error("expected the manifest of a commit to restore");
  const { database, store } = turn;
  const reference = command.manifest;
  const done = findCommit(database, { ...manifest, manifest: reference });
  if (done !== null) return done;
  checkStore(manifest, store);
  checkContent(manifest);
  const at = microsOf(command.at);
  const isSnapshot = manifest.kind !== "cursor";
  checkOrder(command, store, isSnapshot);
  restorePipeline(turn, manifest);
  const edits = tableEdits(manifest).map((edit) => {
    const table = tableBefore(database, edit.change);
    checkSchemas(edit, table);
    return { ...edit, table };
  });
  restoreRun(turn, manifest, { at, snapshot: command.sequence });
  return writeManifest(turn, { manifest, reference, edits, isSnapshot, at });
}

function checkStore(manifest: Manifest, store: StoreRow): void {
  if (manifest.storeId === store.storeId) return;
  throw refused(
    "manifest",
    `expected store ${store.storeId} in the manifest, got ${manifest.storeId}`,
  );
}

/** R2, of the store. */
function checkOrder(command: RestoreCommit, store: StoreRow, isSnapshot: boolean): void {
  const expected = isSnapshot ? store.headSequence + 1 : null;
  if (command.sequence === expected) return;
  throw refused(
    "restore_order",
    `expected the commit with sequence ${String(expected)}, got ${String(command.sequence)}`,
    "a manifest is missing; look for its file in a copy of the store",
  );
}

/** What is known of the run: that it succeeded. Its attempts, report and trace are lost. */
function restoreRun(
  turn: Turn,
  manifest: Manifest,
  { at, snapshot }: { readonly at: number; readonly snapshot: number | null },
): void {
  const known = findRun(turn.database, manifest.runId);
  const run: RunRow = {
    runId: manifest.runId,
    pipelineId: manifest.pipelineId,
    what: manifest.kind === "compaction" ? "compaction" : "run",
    state: {
      kind: "succeeded",
      epoch: manifest.epoch,
      attempts: 1,
      writtenBatches: 0,
      snapshot,
    },
    startedAt: microsOf(manifest.loadedAtMicros),
    endedAt: at,
    resumeKey: "",
    resumeParts: {},
    error: null,
  };
  if (known === null) insertRun(turn, run);
  else saveRun(turn.database, known, run.state, { at, report: null, error: null });
}

/** Ends the rebuild. Throws Permanent `refused.incarnation` for one that isn't high enough. */
export function finishRestore(
  { database, store, position }: Turn,
  { incarnation }: FinishRestore,
): CatalogAnswers["finish_restore"] {
  const highest = database.get<{ epoch: number; grant: number }>(
    {
      sql: `select coalesce(max(epoch), 0) as epoch, coalesce(max(epoch % ?), 0) as grant from commits`,
    },
    epochOf(1, 0),
  );
  const { epoch, grant } = highest ?? { epoch: 0, grant: 0 };
  const last = Math.max(store.incarnation, (epoch - grantSequenceOf(epoch)) / epochOf(1, 0));
  if (!Number.isSafeInteger(incarnation) || incarnation <= last || incarnation >= incarnationsMax) {
    throw refused(
      "incarnation",
      `expected an incarnation above ${last} and below ${incarnationsMax}, got ${incarnation}`,
    );
  }
  database.run(
    "update store set restoring = 0, incarnation = ?, position = ? where id = 1",
    incarnation,
    Math.max(position, grant),
  );
  return { incarnation };
}
