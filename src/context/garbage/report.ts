/** How a garbage collection says what it removed, and what it left for which reason. */

/** Things of one kind, counted. */
export interface Counted {
  readonly count: number;
  readonly bytes: number;
}

/** Why something stayed. */
export const keptReasons = [
  /** Files that no snapshot holds, for less than the grace. */
  "within_grace",
  /** Files that no snapshot holds, while a reader has pinned one that is expired. */
  "pinned_expired",
  /** Files of runs whose pipeline another process has claimed. */
  "pipeline_claimed",
  /** Files of runs that may be gone on from. */
  "resumable",
  /** Files of runs that ended a short time ago. */
  "ended_recently",
  /** Files of runs that the catalog doesn't know and whose pipeline nothing tells. */
  "unknown_run",
  /** Temporary files of runs and queries that may be under way. */
  "in_use",
  /** Files in runs' folders and in `temp/` that hakiri wouldn't name so. */
  "foreign",
  /** Files of a history that the catalog's doesn't go on from. */
  "other_history",
  /** Manifests of expired snapshots, since the store's don't tell its whole history. */
  "history_broken",
] as const;

/** One of them. */
export type KeptReason = (typeof keptReasons)[number];

/** What was done, or with `dryRun` what would be. */
export interface GarbageReport {
  readonly dryRun: boolean;
  /** Sequences, smallest first. */
  readonly expired: readonly number[];
  /** Files that no snapshot held. */
  readonly files: Counted;
  /** What runs left that nothing names. */
  readonly leftovers: Counted;
  /** Manifests and journals that nothing needs. */
  readonly records: Counted;
  readonly kept: readonly (Counted & { readonly why: KeptReason })[];
}

type TallyKey = KeptReason | "files" | "leftovers" | "records";

/** Sums up what stays and goes while a collection is under way. */
export class Tally {
  readonly #counts = new Map<TallyKey, { count: number; bytes: number }>();

  /** Counts one more. */
  add(what: TallyKey, bytes: number): void {
    const sum = this.#counts.get(what) ?? { count: 0, bytes: 0 };
    sum.count += 1;
    sum.bytes += bytes;
    this.#counts.set(what, sum);
  }

  /** What was counted so far; zeros where nothing was. */
  of(what: TallyKey): Counted {
    return { ...(this.#counts.get(what) ?? { count: 0, bytes: 0 }) };
  }
}
