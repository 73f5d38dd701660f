/**
 * Removes what runs left in their folders: temporary files, parts and journals that nothing needs.
 *
 *   Owns:    the folders below `runs/`, as far as the catalog doesn't name what is in them.
 *   Doesn't: touch a committed file or manifest; those go when the catalog lets go of them.
 *
 *   S1. A folder is changed only under the claim of its run's pipeline, after another look. The
 *       claim is taken only where there is something to remove, and for one folder at a time: a run
 *       that starts meanwhile is refused.
 *   S2. What the catalog names stays, whatever else is known of it.
 *   S3. A folder that is empty goes with a run that is over: nobody else makes files in it.
 */
import { runFolder } from "../layout.ts";
import { roleOf, runIds } from "../rebuild/run-folder.ts";
import { removeEmptyFolders, unlinkDurably } from "./delete-files.ts";
import { lookAtRun, type LookedAtRun } from "./look-at-run.ts";
import type { GarbageContext, GarbageOptions } from "./options.ts";
import type { Tally } from "./report.ts";

/** What a sweep is told beside its options. */
export interface Sweep {
  readonly options: GarbageOptions;
  readonly nowMicros: bigint;
  /** Counts `leftovers`, `records`, and what stays by its reason. */
  readonly tally: Tally;
}

/** Sweeps every run's folder. */
export async function sweepRuns(context: GarbageContext, sweep: Sweep): Promise<void> {
  for (const runId of await runIds(context.publisher.filesystem)) {
    sweep.options.signal.throwIfAborted();
    await sweepRun(context, sweep, runId);
  }
}

/** S1. A dry run takes no claim: it would keep others from running. */
async function sweepRun(context: GarbageContext, sweep: Sweep, runId: string): Promise<void> {
  const { options, nowMicros, tally } = sweep;
  const oldest = nowMicros - options.resumeTtlMicros;
  const look = await lookAtRun(context, runId, oldest);
  const { pipelineId } = look;
  if (!hasWork(look)) return count(look, tally);
  if (pipelineId === null) {
    for (const { sizeBytes } of look.files.files) tally.add("unknown_run", sizeBytes);
    return;
  }
  if (options.dryRun) return count(look, tally);
  const claim = context.claims.take(pipelineId);
  if (claim === null) {
    for (const { sizeBytes } of look.files.files) tally.add("pipeline_claimed", sizeBytes);
    return;
  }
  try {
    const again = await lookAtRun(context, runId, oldest);
    count(again, tally);
    await discardStale(context, sweep, again);
    await remove(context, again);
  } finally {
    claim.release();
  }
}

function hasWork({ standing, gone, files }: LookedAtRun): boolean {
  const isEmpty = standing.kind === "over" && files.files.length === 0;
  return gone.length > 0 || standing.kind === "stale" || isEmpty;
}

function count({ gone, kept }: LookedAtRun, tally: Tally): void {
  for (const [why, { sizeBytes }] of kept) tally.add(why, sizeBytes);
  for (const { role, sizeBytes } of gone) {
    const isRecord = role.kind === "journal" || role.kind === "manifest";
    tally.add(isRecord ? "records" : "leftovers", sizeBytes);
  }
}

/** So that nothing resumes it once its files are gone. */
async function discardStale(
  { catalog }: GarbageContext,
  { nowMicros }: Sweep,
  { runId, record, standing }: LookedAtRun,
): Promise<void> {
  if (standing.kind !== "stale" || record === null) return;
  const pipeline = await catalog.pipeline({ id: record.pipelineId });
  await catalog.apply<"move_run">({
    kind: "move_run",
    version: 1,
    runId,
    epoch: pipeline?.epoch ?? record.epoch,
    event: { type: "discarded", reason: "it ended too long ago to be resumed" },
    report: null,
    error: null,
    at: String(nowMicros),
  });
}

async function remove({ publisher }: GarbageContext, look: LookedAtRun): Promise<void> {
  const { filesystem } = publisher;
  await unlinkDurably(
    filesystem,
    look.gone.map(({ path }) => path),
  );
  const isOver = look.standing.kind === "over" || look.standing.kind === "stale"; // S3
  const folders = isOver ? [...look.files.folders, runFolder(look.runId)] : look.files.folders;
  await removeEmptyFolders(
    filesystem,
    folders.filter((folder) => isOver || roleOf(folder).kind === "temporary"),
  );
}
