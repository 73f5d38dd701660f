/**
 * Puts the commits of expired snapshots into the checkpoint and removes their manifests.
 *
 *   Owns:    `checkpoint.jsonl`, when a manifest of a committed run may go, and that each commit
 *            that the catalog knows has its `_manifest.json` until then.
 *   Doesn't: expire anything.
 *
 *   H1. A manifest goes only when the checkpoint that stands for it is durable.
 *   H2. Nothing is thinned where the files don't tell the whole history that the catalog stands
 *       on: what is there may be all that a repair has.
 *   H3. Its caller holds gc's lock: two at once would each write a checkpoint without what the
 *       other has just removed.
 */
import type { SnapshotRecord } from "../../core/ports/catalog.ts";
import { runFolder } from "../layout.ts";
import { writeCheckpoint } from "../rebuild/checkpoint.ts";
import { lineageOf, type Lineage } from "../rebuild/lineage.ts";
import { readHistory } from "../rebuild/read-history.ts";
import type { RecordedCommit } from "../rebuild/recorded-commit.ts";
import { listRun } from "../rebuild/run-folder.ts";
import { removeEmptyFolders, unlinkDurably } from "./delete-files.ts";
import { deriveMissing, underivedCommits } from "./derive-missing.ts";
import { allSnapshots } from "./expire.ts";
import { foldHistory } from "./fold-history.ts";
import type { GarbageContext } from "./options.ts";
import type { Sweep } from "./sweep-runs.ts";

/**
 * Thins; counts `records`, and `history_broken` where H2 forbids it. `expiring` are snapshots that
 * a dry run takes for expired.
 */
export async function thinHistory(
  context: GarbageContext,
  sweep: Sweep,
  expiring: readonly number[],
): Promise<void> {
  const { catalog, publisher } = context;
  const { options, tally } = sweep;
  const snapshots = await allSnapshots(catalog);
  const retained = new Set(snapshots.map(({ sequence }) => sequence));
  for (const sequence of expiring) retained.delete(sequence);
  const recorded = await readHistory(publisher.filesystem, options.signal);
  const underived = await underivedCommits(catalog, recorded);
  const history = { ...recorded, commits: [...recorded.commits, ...underived] };
  const isExpired = ({ sequence }: RecordedCommit) => sequence !== null && !retained.has(sequence);
  const lineage = lineageOf(history);
  if (history.faults.length > 0 || !isWhole(lineage, snapshots)) {
    if (!options.dryRun) await deriveMissing(publisher, underived);
    for (const { reference } of history.commits.filter(isExpired)) {
      tally.add("history_broken", reference.sizeBytes);
    }
    return;
  }
  const { folded, checkpoint } = foldHistory(lineage.commits, retained);
  if (!options.dryRun) {
    await deriveMissing(publisher, without(underived, folded));
    if (without(folded, history.checkpoint).length > 0) {
      const { storeId } = await catalog.head();
      await writeCheckpoint(publisher, storeId, checkpoint);
    }
  }
  const onDisk = digestsOf([...history.commits, ...lineage.recovered]);
  const removable = folded.filter(({ reference }) => onDisk.has(reference.sha256));
  await removeManifests(context, sweep, removable);
}

function without(
  commits: readonly RecordedCommit[],
  others: readonly RecordedCommit[],
): readonly RecordedCommit[] {
  const digests = digestsOf(others);
  return commits.filter(({ reference }) => !digests.has(reference.sha256));
}

function digestsOf(commits: readonly RecordedCommit[]): ReadonlySet<string> {
  return new Set(commits.map(({ reference }) => reference.sha256));
}

/** H2. */
function isWhole({ commits }: Lineage, snapshots: readonly SnapshotRecord[]): boolean {
  const digests = new Map(commits.map(({ sequence, reference }) => [sequence, reference.sha256]));
  return snapshots.every(
    ({ sequence, manifestSha256 }) => digests.get(sequence) === manifestSha256,
  );
}

async function removeManifests(
  { publisher }: GarbageContext,
  { options, tally }: Sweep,
  folded: readonly RecordedCommit[],
): Promise<void> {
  const { filesystem } = publisher;
  for (const { manifest } of folded) {
    options.signal.throwIfAborted();
    const { files, folders } = await listRun(filesystem, manifest.runId);
    const gone = files.filter(({ role }) => role.kind === "manifest" || role.kind === "committed");
    if (gone.length === 0) continue;
    for (const { sizeBytes } of gone) tally.add("records", sizeBytes);
    if (options.dryRun) continue;
    await unlinkDurably(
      filesystem,
      gone.map(({ path }) => path),
    );
    await removeEmptyFolders(filesystem, [...folders, runFolder(manifest.runId)]);
  }
}
