/**
 * Removes what runs, queries and other commands that were killed left in `temp/`.
 *
 *   W1. A folder goes only once its owner's lock is seen to be free, whatever its age: a
 *       pin, or the claim of a run's pipeline. Who makes a folder has its lock before, so the
 *       names are listed first.
 *   W2. A claim is held while its folders go: a run that starts meanwhile is refused. A dry run
 *       takes none, and goes by what the catalog says is under way.
 */
import { isActive } from "../../core/run.ts";
import { temporaryFolder, temporaryOwner, type TemporaryOwner } from "../layout.ts";
import { listTree, removeTree } from "../remove-tree.ts";
import type { GarbageContext } from "./options.ts";
import type { KeptReason } from "./report.ts";
import type { Sweep } from "./sweep-runs.ts";

/** Removes, counted as `leftovers`; what stays as `in_use`, or as `foreign`. */
export async function sweepTemporary(context: GarbageContext, sweep: Sweep): Promise<void> {
  const names = await context.publisher.filesystem.list(temporaryFolder);
  const pins = new Set(context.pins.names()); // W1
  for (const name of names) {
    sweep.options.signal.throwIfAborted();
    await sweepFolder(context, sweep, {
      path: `${temporaryFolder}/${name}`,
      owner: temporaryOwner(name),
      pins,
    });
  }
}

interface OwnedFolder {
  readonly path: string;
  readonly owner: TemporaryOwner | null;
  /** Names of live ones. */
  readonly pins: ReadonlySet<string>;
}

async function sweepFolder(
  context: GarbageContext,
  sweep: Sweep,
  folder: OwnedFolder,
): Promise<void> {
  const { owner, pins } = folder;
  if (owner === null) return keep(context, sweep, folder.path, "foreign");
  if (owner.kind === "pin") {
    return pins.has(owner.pinName)
      ? keep(context, sweep, folder.path, "in_use")
      : remove(context, sweep, folder.path);
  }
  if (sweep.options.dryRun) {
    return (await isUnderWay(context, owner.pipelineId))
      ? keep(context, sweep, folder.path, "in_use")
      : remove(context, sweep, folder.path);
  }
  const claim = context.claims.take(owner.pipelineId);
  if (claim === null) return keep(context, sweep, folder.path, "in_use");
  try {
    await remove(context, sweep, folder.path); // W2
  } finally {
    claim.release();
  }
}

/** Runs that are looked at for one under way: one that was resumed isn't the newest. */
const newestRuns = 16;

async function isUnderWay({ catalog }: GarbageContext, pipelineId: string): Promise<boolean> {
  const runs = await catalog.runs({ pipelineId, beforeRunId: null, limit: newestRuns });
  return runs.some(({ state }) => isActive(state));
}

async function keep(
  { publisher }: GarbageContext,
  { tally }: Sweep,
  path: string,
  why: KeptReason,
): Promise<void> {
  const { files } = await listTree(publisher.filesystem, path);
  for (const { sizeBytes } of files) tally.add(why, sizeBytes);
}

async function remove(
  { publisher }: GarbageContext,
  { options, tally }: Sweep,
  path: string,
): Promise<void> {
  const { files } = await listTree(publisher.filesystem, path);
  for (const { sizeBytes } of files) tally.add("leftovers", sizeBytes);
  if (!options.dryRun) await removeTree(publisher.filesystem, path);
}
