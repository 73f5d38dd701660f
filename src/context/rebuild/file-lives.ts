/** From which commit to which a file was live, told from the commits alone. */
import type { TableFile } from "../../core/snapshot.ts";
import type { RecordedCommit } from "./recorded-commit.ts";

/** A commit, and the first snapshot that shows what it did. */
export interface PlacedCommit {
  readonly commit: RecordedCommit;
  readonly since: number;
  /** The snapshot that was the head right after it; 0 before the first. */
  readonly head: number;
}

/** A file with the commits that brought it and took it away. */
export interface FileLife {
  readonly file: TableFile;
  readonly added: PlacedCommit;
  /** Null while it is live. */
  readonly removed: PlacedCommit | null;
}

/** Commits, which come in order, with their places. */
export function placeCommits(commits: readonly RecordedCommit[]): readonly PlacedCommit[] {
  let head = 0;
  return commits.map((commit) => {
    head = commit.sequence ?? head;
    return { commit, since: commit.sequence ?? head + 1, head };
  });
}

/** The lives of all files of a lineage, in the order in which they were added. */
export function fileLives(placed: readonly PlacedCommit[]): readonly FileLife[] {
  const lives = new Map<number, FileLife>();
  const live = new Map<string, Set<number>>();
  for (const each of placed) {
    for (const change of each.commit.manifest.tables) {
      const table = live.get(change.tableId) ?? new Set<number>();
      live.set(change.tableId, table);
      for (const fileId of change.removed === "all" ? [...table] : change.removed) {
        const life = lives.get(fileId);
        if (life !== undefined) lives.set(fileId, { ...life, removed: each });
        table.delete(fileId);
      }
      for (const file of change.added) {
        lives.set(file.fileId, { file, added: each, removed: null });
        table.add(file.fileId);
      }
    }
  }
  return [...lives.values()];
}

/** The index of the first of sorted numbers that is `from` or more; their count where none is. */
export function firstFrom(sorted: readonly number[], from: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if ((sorted[middle] ?? Infinity) < from) low = middle + 1;
    else high = middle;
  }
  return low;
}
