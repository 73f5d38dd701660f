/**
 * Moves a pipeline's cursors by hand: under its claim, by one commit of a manifest of kind cursor.
 *
 *   S1. The claim is held from before the cursors are read until the commit, so that no run reads
 *       from what is being moved.
 *   S2. The grant is a run of its own in the history (`state`), which ends here in any case.
 *   S3. A run that failed before can't be resumed after this: its key has other cursors in it.
 */
import { toHakiriError } from "../../../core/error.ts";
import type { Grant } from "../../../core/catalog-command.ts";
import type { PipelineRecord, CursorRecord } from "../../../core/ports/catalog.ts";
import type { CursorEntry, Manifest } from "../../../core/snapshot.ts";
import { newId } from "../../../context/layout.ts";
import { publishManifest } from "../../../context/manifest/publish-manifest.ts";
import { createPublisher } from "../../../context/publish.ts";
import { claimHeld } from "../claim-held.ts";
import { settleLostRun } from "../../../runtime/control/settle-lost-run.ts";
import type { ControlStore } from "../../../runtime/control/run-request.ts";

/** How long the commit may take until somebody else may settle it, microseconds. */
const deadlineMicros = 60_000_000n;

/** Cursors that were moved. */
export interface MovedCursors<T> {
  /** Null where nothing was to be moved, and so nothing was committed. */
  readonly runId: string | null;
  readonly decision: T;
}

/** What becomes of cursors, and what is told of it. */
export interface Decision {
  /** Only those that change. */
  readonly entries: readonly CursorEntry[];
}

/**
 * Has `decide` look at the pipeline's cursors, and commits what it decides. Throws Permanent
 * `refused.claim_held` where another process runs the pipeline, and what `decide` throws.
 */
export async function commitCursors<T extends Decision>(
  store: ControlStore,
  pipeline: PipelineRecord,
  decide: (cursors: readonly CursorRecord[]) => Promise<T>,
): Promise<MovedCursors<T>> {
  const claim = store.claims.take(pipeline.pipelineId);
  if (claim === null) throw claimHeld(pipeline.spec.name);
  try {
    await settleLostRun(store, pipeline.pipelineId);
    const decision = await decide(await store.catalog.cursors(pipeline.pipelineId));
    if (decision.entries.length === 0) return { runId: null, decision };
    const runId = await commit(store, pipeline, decision.entries);
    return { runId, decision };
  } finally {
    claim.release();
  }
}

async function commit(
  store: ControlStore,
  pipeline: PipelineRecord,
  cursors: readonly CursorEntry[],
): Promise<string> {
  const grant = await grantOf(store, pipeline.pipelineId);
  try {
    await commitGranted(store, pipeline, grant, cursors);
    return grant.runId;
  } catch (error) {
    // S2. What is told is the error; a catalog that can't take this either has told so.
    await recordFailure(store, grant, error).catch(() => undefined);
    throw error;
  }
}

async function grantOf({ catalog, clock, random }: ControlStore, pipelineId: string) {
  const now = clock.nowMicros();
  const runId = newId(random);
  return catalog.apply<"claim_run">({
    kind: "claim_run",
    version: 1,
    pipelineId,
    runId,
    resumeKey: runId,
    resumeParts: {},
    resumableSince: String(now),
    what: "state",
    at: String(now),
    deadlineAt: String(now + deadlineMicros),
  });
}

async function commitGranted(
  store: ControlStore,
  { pipelineId, key, spec }: PipelineRecord,
  { runId, epoch, loadedAt, cursorsDigest }: Grant,
  cursors: readonly CursorEntry[],
): Promise<void> {
  const { catalog, clock, filesystem, random } = store;
  const head = await catalog.head();
  const manifest: Manifest = {
    kind: "cursor",
    storeId: head.storeId,
    pipelineId,
    pipelineName: spec.name,
    pipeline: { key, spec },
    runId,
    epoch,
    baseSequence: head.sequence,
    loadedAtMicros: loadedAt,
    tables: [],
    cursors,
  };
  const reference = await publishManifest(createPublisher(filesystem, random), manifest, 1);
  const committed = await catalog.apply<"commit_cursor">(
    {
      kind: "commit_cursor",
      version: 1,
      runId,
      epoch,
      baseSequence: head.sequence,
      cursorsBefore: cursorsDigest,
      manifest: reference,
      report: { tables: [] },
      at: String(clock.nowMicros()),
    },
    { manifest },
  );
  await store.derive({ manifest, reference, committed });
}

async function recordFailure(
  { catalog, clock }: ControlStore,
  { runId, epoch }: Grant,
  error: unknown,
): Promise<void> {
  const record = toHakiriError(error).toRecord();
  await catalog.apply<"move_run">({
    kind: "move_run",
    version: 1,
    runId,
    epoch,
    event: { type: "failed", epoch, writtenBatches: 0, error: record },
    report: null,
    error: record,
    at: String(clock.nowMicros()),
  });
}
