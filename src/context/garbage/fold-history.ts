/**
 * Cuts the commits of expired snapshots down to what a rebuilt catalog needs of them. Pure.
 *
 *   F1. Replayed from the first commit on, the result answers like the whole history for every
 *       snapshot that is retained: tables, schemas, files, cursors.
 *   F2. Only commits of expired snapshots are cut, and those without a snapshot behind one. The
 *       others keep their own manifests, so what these remove or mask stays known.
 *   F3. Of each pipeline the last commit that has its key and spec keeps them: a rebuild takes the
 *       later ones.
 *   F4. Each sequence keeps a commit, since a rebuild goes on by one.
 */
import type { CursorEntry, Manifest, TableChange } from "../../core/snapshot.ts";
import { fileLives, firstFrom, placeCommits, type PlacedCommit } from "../rebuild/file-lives.ts";
import type { RecordedCommit } from "../rebuild/recorded-commit.ts";

/** A history of which a part needs no manifests of its own any more. */
export interface FoldedHistory {
  /** The commits of that part, as they were passed in. */
  readonly folded: readonly RecordedCommit[];
  /** What a checkpoint says of them, in order. */
  readonly checkpoint: readonly RecordedCommit[];
}

/** Folds a whole lineage; `retained` are the sequences of the snapshots that are kept. */
export function foldHistory(
  commits: readonly RecordedCommit[],
  retained: ReadonlySet<number>,
): FoldedHistory {
  const placed = placeCommits(commits).map((each) => ({
    ...each,
    isFolded: !retained.has(each.head),
  }));
  const isRetainedWithin = retainedWithin(retained);
  const dropped = droppedFiles(placed, isRetainedWithin);
  const cursors = droppedCursors(placed, isRetainedWithin);
  const folded = placed.filter(({ isFolded }) => isFolded).map(({ commit }) => commit);
  const described = lastDescribed(folded);
  const checkpoint = folded
    .map((commit) => cut(commit, { dropped, cursors, described }))
    .filter(isWorthALine);
  return { folded, checkpoint };
}

/** F3 and F4. */
function isWorthALine({ sequence, manifest }: RecordedCommit): boolean {
  return sequence !== null || manifest.cursors.length > 0 || manifest.pipeline !== null;
}

/** F3. */
function lastDescribed(commits: readonly RecordedCommit[]): ReadonlySet<RecordedCommit> {
  const last = new Map<string, RecordedCommit>();
  for (const commit of commits) {
    if (commit.manifest.pipeline !== null) last.set(commit.manifest.pipelineId, commit);
  }
  return new Set(last.values());
}

/** Whether a snapshot is retained that is at or after the first sequence and before the second. */
type RetainedWithin = (from: number, before: number) => boolean;

/** F2. */
interface Placed extends PlacedCommit {
  readonly isFolded: boolean;
}

function retainedWithin(retained: ReadonlySet<number>): RetainedWithin {
  const sorted = [...retained].toSorted((a, b) => a - b);
  return (from, before) => (sorted[firstFrom(sorted, from)] ?? Infinity) < before;
}

/** Ids of files that no retained snapshot holds, and that nothing which stays speaks of. */
function droppedFiles(placed: readonly Placed[], isRetained: RetainedWithin): ReadonlySet<number> {
  const lives = fileLives(placed);
  const folded = new Set(placed.filter(({ isFolded }) => isFolded).map(({ commit }) => commit));
  const needed = lives.filter(({ added, removed }) => {
    if (removed === null) return true;
    if (!folded.has(added.commit) || !folded.has(removed.commit)) return true;
    return isRetained(added.since, removed.since);
  });
  const kept = new Set(needed.map(({ file }) => file.fileId));
  for (const { file } of needed) for (const { fileId } of file.masks) kept.add(fileId);
  const all = lives.map(({ file }) => file.fileId);
  return new Set(all).difference(kept);
}

/** Entries that a later one took the place of before a retained snapshot showed them. */
function droppedCursors(
  placed: readonly Placed[],
  isRetained: RetainedWithin,
): ReadonlySet<CursorEntry> {
  const dropped = new Set<CursorEntry>();
  const open = new Map<string, { readonly entry: CursorEntry; readonly at: Placed }>();
  const isKept = new Set<string>();
  for (const at of placed) {
    const { manifest } = at.commit;
    for (const entry of manifest.cursors) {
      const key = JSON.stringify([manifest.pipelineId, entry.stream, entry.partition]);
      const before = open.get(key);
      if (before !== undefined) {
        if (isOutlived(before.at, at, isRetained)) dropped.add(before.entry);
        else isKept.add(key);
      }
      // What takes away a cursor of which nothing stayed has nothing to take away.
      if (entry.cursor === null && at.isFolded && !isKept.has(key)) {
        dropped.add(entry);
        open.delete(key);
      } else {
        open.set(key, { entry, at });
      }
    }
  }
  return dropped;
}

function isOutlived(first: Placed, second: Placed, isRetained: RetainedWithin): boolean {
  return first.isFolded && !isRetained(first.since, second.since);
}

interface Cuts {
  /** Ids of files. */
  readonly dropped: ReadonlySet<number>;
  readonly cursors: ReadonlySet<CursorEntry>;
  /** Commits that keep key and spec of their pipeline. */
  readonly described: ReadonlySet<RecordedCommit>;
}

function cut(commit: RecordedCommit, { dropped, cursors, described }: Cuts): RecordedCommit {
  const manifest: Manifest = {
    ...commit.manifest,
    pipeline: described.has(commit) ? commit.manifest.pipeline : null,
    tables: commit.manifest.tables.map((change) => cutChange(change, dropped)),
    cursors: commit.manifest.cursors.filter((entry) => !cursors.has(entry)),
  };
  return { ...commit, manifest };
}

function cutChange(change: TableChange, dropped: ReadonlySet<number>): TableChange {
  const { added, removed } = change;
  return {
    ...change,
    added: added.filter(({ fileId }) => !dropped.has(fileId)),
    removed: removed === "all" ? removed : removed.filter((fileId) => !dropped.has(fileId)),
  };
}
