/**
 * Rewrites files of one table and commits the exchange, under the claim of the table's owner.
 *
 *   Owns:    the run of kind compaction: its grant, files, manifest, commit and end.
 *   Doesn't: choose tables, take claims or write views; `compactStore` does.
 *
 *   T1. Readers see the same rows before and after. What the new files hold is what the relation of
 *       readers gave at the base sequence, and the catalog refuses the exchange where an input went
 *       or got deletes since.
 *   T2. The base snapshot is pinned while its files are read.
 *   T3. Files of a try that wasn't committed are named by nothing; gc removes them.
 */
import type { Committed } from "../../core/catalog-command.ts";
import { HakiriError } from "../../core/error.ts";
import { conflict } from "../../core/refusal.ts";
import type { LiveFile, Manifest, TableFile, TableState } from "../../core/snapshot.ts";
import { deriveHead } from "../derive/derive-head.ts";
import { deriveCommitted } from "../manifest/committed.ts";
import { publishManifest } from "../manifest/publish-manifest.ts";
import {
  compactionTriesMax,
  extentOf,
  pinnedBase,
  type Base,
  type CompactionContext,
  type TableExtent,
  type TableRequest,
} from "./base.ts";
import { claimRun, endRun, type GrantedRun } from "./compaction-run.ts";
import type { CompactionPlan } from "./plan.ts";
import {
  expectSound,
  writePart,
  type CompactedTable,
  type CompactionTarget,
} from "./write-parts.ts";
import { writeMergedDeletes } from "./write-merged-deletes.ts";

/** What came of it. */
export type CompactionOutcome =
  | {
      readonly kind: "compacted";
      readonly runId: string;
      readonly sequence: number;
      readonly before: TableExtent;
      readonly after: TableExtent;
    }
  | { readonly kind: "unchanged"; readonly before: TableExtent }
  /** Its inputs changed under every try. */
  | { readonly kind: "gave_up"; readonly before: TableExtent };

/**
 * Compacts a table. The caller holds the claim of its owner. Throws Permanent
 * `store.damaged_file` for an input that isn't as it was committed, and what DuckDB, the disk and
 * the catalog throw; the run has failed then, and the table is as it was.
 */
export async function compactTable(
  context: CompactionContext,
  request: TableRequest,
): Promise<CompactionOutcome> {
  const first = await pinnedBase(context, request);
  const { before } = first;
  if (first.plan === null) {
    first.pin.release();
    return { kind: "unchanged", before };
  }
  const run = await claimRun(context, first.table).catch((error: unknown) => {
    first.pin.release();
    throw error;
  });
  try {
    const done = await tryToCommit(context, request, { run, first });
    if (done !== null) return { kind: "compacted", runId: run.grant.runId, before, ...done };
  } catch (error) {
    await endRun(context, run, { error, isCancelled: request.signal.aborted });
    throw error;
  }
  await endRun(context, run, { error: movedTooOften(first.table), isCancelled: false });
  return { kind: "gave_up", before };
}

interface Done {
  readonly sequence: number;
  readonly after: TableExtent;
}

/** Null where the inputs changed under every try, or nothing was due any more. */
async function tryToCommit(
  context: CompactionContext,
  request: TableRequest,
  { run, first }: { readonly run: GrantedRun; readonly first: Base },
): Promise<Done | null> {
  let base = first;
  for (let attempt = 1; ; attempt += 1) {
    try {
      if (base.plan === null) return null;
      return await attemptOnce(context, request, { run, base, plan: base.plan, attempt });
    } catch (error) {
      const isMoved = error instanceof HakiriError && error.code === "conflict.base_moved";
      if (!isMoved) throw error;
      if (attempt >= compactionTriesMax) return null;
    } finally {
      base.pin.release();
    }
    base = await pinnedBase(context, request);
  }
}

interface Attempt {
  readonly run: GrantedRun;
  readonly base: Base;
  readonly plan: CompactionPlan;
  readonly attempt: number;
}

async function attemptOnce(
  context: CompactionContext,
  request: TableRequest,
  now: Attempt,
): Promise<Done> {
  const { catalog, publisher, clock } = context;
  const { run, base, plan } = now;
  const { grant } = run;
  const added = await writeFiles(context, request, now);
  const removed = [...plan.parts.flat(), ...plan.droppedDeletes, ...plan.mergedDeletes];
  const after = extentAfter(base.table.files, removed, added);
  const manifest = manifestOf(now, added, removed);
  const reference = await publishManifest(publisher, manifest, now.attempt);
  await deriveHead({ catalog, publisher });
  request.signal.throwIfAborted();
  const committed = await catalog.apply<"commit_compaction">(
    {
      kind: "commit_compaction",
      version: 1,
      runId: grant.runId,
      epoch: grant.epoch,
      baseSequence: base.sequence,
      cursorsBefore: grant.cursorsDigest,
      manifest: reference,
      report: { table: base.table.name, before: { ...base.before }, after: { ...after } },
      at: String(clock.nowMicros()),
    },
    { manifest },
  );
  await deriveCommitted(publisher, manifest, { ...committed, sha256: reference.sha256 });
  return { sequence: sequenceOf(committed), after };
}

async function writeFiles(
  context: CompactionContext,
  { signal }: TableRequest,
  { run, base, plan, attempt }: Attempt,
): Promise<readonly TableFile[]> {
  const { publisher, catalog } = context;
  const duckDb = await context.duckDb();
  const { runId, epoch } = run.grant;
  const target: CompactionTarget = {
    publisher,
    duckDb,
    runId,
    epoch,
    numbers: run.numbers,
    signal,
  };
  const { table } = base;
  const compacted: CompactedTable = { table, schemas: await catalog.schemas(table.tableId) };
  const stop = () => duckDb.interrupt();
  signal.addEventListener("abort", stop);
  try {
    signal.throwIfAborted();
    const rewritten = new Set(plan.parts.flat().map(({ fileId }) => fileId));
    await expectSound(target, deletesOf(table, rewritten));
    const added: TableFile[] = [];
    for (const inputs of plan.parts) {
      signal.throwIfAborted();
      const part = await writePart(target, compacted, inputs);
      if (part !== null) added.push(part);
    }
    if (plan.mergedDeletes.length === 0) return added;
    const data = table.files.filter(({ kind }) => kind === "data");
    const staying = new Set(data.map(({ fileId }) => fileId)).difference(rewritten);
    const merge = { deletes: plan.mergedDeletes, staying, attempt };
    return [...added, await writeMergedDeletes(target, compacted, merge)];
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

function deletesOf(table: TableState, masked: ReadonlySet<number>): readonly LiveFile[] {
  return table.files.filter(({ masks }) => masks.some(({ fileId }) => masked.has(fileId)));
}

function extentAfter(
  files: readonly TableFile[],
  removed: readonly TableFile[],
  added: readonly TableFile[],
): TableExtent {
  const gone = new Set(removed.map(({ fileId }) => fileId));
  return extentOf([...files.filter(({ fileId }) => !gone.has(fileId)), ...added]);
}

function manifestOf(
  { run, base }: Attempt,
  added: readonly TableFile[],
  removed: readonly TableFile[],
): Manifest {
  const { tableId, namespace, name } = base.table;
  const removedIds = removed.map(({ fileId }) => fileId).toSorted((a, b) => a - b);
  const change = { tableId, namespace, name, created: null, disposition: "compact" } as const;
  return {
    kind: "compaction",
    storeId: run.storeId,
    pipelineId: run.pipelineId,
    pipelineName: run.pipelineName,
    // The run that wrote what is compacted has told it.
    pipeline: null,
    runId: run.grant.runId,
    epoch: run.grant.epoch,
    baseSequence: base.sequence,
    loadedAtMicros: run.grant.loadedAt,
    tables: [{ ...change, schema: null, added, removed: removedIds }],
    cursors: [],
  };
}

function sequenceOf({ sequence }: Committed): number {
  if (sequence === null) throw new Error("expected a snapshot of a compaction");
  return sequence;
}

function movedTooOften({ name }: TableState): HakiriError {
  return conflict(
    "base_moved",
    `expected table '${name}' to rest for one of ${compactionTriesMax} compactions`,
    "compact it when no other pipeline appends to it",
  );
}
