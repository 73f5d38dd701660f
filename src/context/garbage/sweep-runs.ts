/**
 * Removes what runs left in their folders: temporary files, parts and journals that nothing needs.
 *
 *   Owns:    the folders below `runs/`, as far as the catalog doesn't name what is in them.
 *   Doesn't: touch a committed file or manifest; those go when the catalog lets go of them.
 *
 *   S1. A folder is looked at and changed only under the claim of its run's pipeline.
 *   S2. What the catalog names stays, whatever else is known of it.
 *   S3. A folder that is empty goes with a run that is over: nobody else makes files in it.
 */
import { HakiriError } from "../../core/error.ts";
import type { Claim } from "../../core/ports/claim.ts";
import type { Filesystem } from "../../core/ports/filesystem.ts";
import { readJournal } from "../journal/reader.ts";
import { folderOf, runFolder } from "../layout.ts";
import { decodeManifest, manifestBytesMax } from "../manifest/codec.ts";
import { listRun, roleOf, runIds, type RunFile, type RunFiles } from "../rebuild/run-folder.ts";
import { unlinkDurably } from "./delete-files.ts";
import type { GarbageContext, GarbageOptions, KeptReason, Tally } from "./options.ts";
import { standingOf, type RunInFolder, type RunStanding } from "./run-standing.ts";

/** What a sweep is told beside its options. */
export interface Sweep {
  readonly options: GarbageOptions;
  readonly nowMicros: bigint;
  /** Counts `leftovers`, `records`, and what stays by its reason. */
  readonly tally: Tally;
}

/** Sweeps every run's folder, pipeline by pipeline. */
export async function sweepRuns(context: GarbageContext, sweep: Sweep): Promise<void> {
  const byPipeline = new Map<string | null, string[]>();
  for (const runId of await runIds(context.publisher.filesystem)) {
    sweep.options.signal.throwIfAborted();
    const pipelineId = await pipelineOf(context, runId);
    byPipeline.set(pipelineId, [...(byPipeline.get(pipelineId) ?? []), runId]);
  }
  for (const [pipelineId, runs] of byPipeline) {
    const claim = claimFor(context, sweep, pipelineId);
    if (claim === null) {
      await tallyAll(context, sweep, {
        runs,
        why: pipelineId === null ? "unknown_run" : "pipeline_claimed",
      });
      continue;
    }
    try {
      for (const runId of runs) await sweepRun(context, sweep, runId);
    } finally {
      claim.release();
    }
  }
}

/** S1. A dry run takes none: it would keep others from running. */
function claimFor(
  { claims }: GarbageContext,
  { options }: Sweep,
  pipelineId: string | null,
): Claim | null {
  if (pipelineId === null) return null;
  return options.dryRun ? { release: () => undefined } : claims.take(pipelineId);
}

/** Whose run it is: as the catalog knows it, or as its files say. */
async function pipelineOf(
  { catalog, publisher }: GarbageContext,
  runId: string,
): Promise<string | null> {
  const record = await catalog.run(runId);
  if (record !== null) return record.pipelineId;
  const { filesystem } = publisher;
  const { files } = await listRun(filesystem, runId);
  for (const { path, role } of files) {
    const found = await pipelineNamedIn(filesystem, path, role.kind);
    if (found !== null) return found;
  }
  return null;
}

async function pipelineNamedIn(
  filesystem: Filesystem,
  path: string,
  kind: RunFile["role"]["kind"],
): Promise<string | null> {
  try {
    if (kind === "journal") return (await readJournal(filesystem, path)).header.pipelineId;
    if (kind !== "manifest") return null;
    return decodeManifest(await filesystem.read(path, manifestBytesMax), path).pipelineId;
  } catch (error) {
    // Another file of the run may say it; what is damaged is doctor's to name.
    if (error instanceof HakiriError && /^(?:journal|manifest)\./u.test(error.code)) return null;
    throw error;
  }
}

async function tallyAll(
  { publisher }: GarbageContext,
  { tally }: Sweep,
  { runs, why }: { readonly runs: readonly string[]; readonly why: KeptReason },
): Promise<void> {
  for (const runId of runs) {
    const { files } = await listRun(publisher.filesystem, runId);
    for (const { sizeBytes } of files) tally.add(why, sizeBytes);
  }
}

async function sweepRun(context: GarbageContext, sweep: Sweep, runId: string): Promise<void> {
  sweep.options.signal.throwIfAborted();
  const { catalog, publisher } = context;
  const { filesystem } = publisher;
  const record = await catalog.run(runId);
  const files = await listRun(filesystem, runId);
  const run = { runId, record, files };
  const oldest = sweep.nowMicros - sweep.options.resumeTtlMicros;
  const standing = await settled(context, sweep, run, await standingOf(filesystem, run, oldest));
  const gone = await goneFiles(context, sweep, { files, standing });
  if (sweep.options.dryRun) return;
  await unlinkDurably(
    filesystem,
    gone.map(({ path }) => path),
  );
  const isOver = standing.kind === "over";
  const folders = isOver ? [...files.folders, runFolder(runId)] : files.folders;
  await removeEmpty(
    filesystem,
    folders.filter((folder) => isOver || roleOf(folder).kind === "temporary"),
  );
}

/** Discards a run that can't be resumed any more, so that none tries to once its files are gone. */
async function settled(
  { catalog }: GarbageContext,
  { options, nowMicros }: Sweep,
  { runId, record }: RunInFolder,
  standing: RunStanding,
): Promise<RunStanding> {
  if (standing.kind !== "stale" || record === null) return standing;
  const pipeline = await catalog.pipeline({ id: record.pipelineId });
  const epoch = pipeline?.epoch ?? record.epoch;
  if (!options.dryRun) {
    await catalog.apply<"move_run">({
      kind: "move_run",
      version: 1,
      runId,
      epoch,
      event: { type: "discarded", reason: "it ended too long ago to be resumed" },
      report: null,
      error: null,
      at: String(nowMicros),
    });
  }
  return { kind: "over" };
}

async function goneFiles(
  { catalog }: GarbageContext,
  { tally }: Sweep,
  { files, standing }: { readonly files: RunFiles; readonly standing: RunStanding },
): Promise<readonly RunFile[]> {
  const gone: RunFile[] = [];
  for (const file of files.files) {
    const { path, role, sizeBytes } = file;
    if (role.kind === "committed" || (await catalog.isReferenced(path))) continue; // S2
    const why = reasonToKeep(file, standing);
    if (why !== null) {
      tally.add(why, sizeBytes);
      continue;
    }
    tally.add(
      role.kind === "journal" || role.kind === "manifest" ? "records" : "leftovers",
      sizeBytes,
    );
    gone.push(file);
  }
  return gone;
}

function reasonToKeep({ path, role }: RunFile, standing: RunStanding): KeptReason | null {
  if (role.kind === "foreign") return "foreign";
  switch (standing.kind) {
    case "active":
      return "resumable";
    case "resumable":
      return standing.named.has(path) ? "resumable" : null;
    case "recent":
      return role.kind === "temporary" ? null : "ended_recently";
    case "other_history":
      return "other_history";
    case "over":
    case "stale":
      return null;
  }
}

/** S3. */
async function removeEmpty(filesystem: Filesystem, folders: readonly string[]): Promise<void> {
  for (const folder of folders) {
    if (await filesystem.removeFolder(folder)) await filesystem.syncFolder(folderOf(folder));
  }
}
