/**
 * What may still be needed of a run's folder.
 *
 *   R1. Asked under the claim of the run's pipeline: nobody writes there, and nobody starts to.
 *   R2. A run that may be resumed keeps what its journal names; an active one, which the next claim
 *       settles, keeps all.
 */
import { HakiriError } from "../../core/error.ts";
import type { JournalCursor, JournalEntry } from "../../core/journal.ts";
import type { RunRecord } from "../../core/ports/catalog.ts";
import type { Filesystem } from "../../core/ports/filesystem.ts";
import { isActive, mayResume } from "../../core/run.ts";
import { newestJournal } from "../journal/newest.ts";
import { readJournal } from "../journal/reader.ts";
import { journalPath } from "../layout.ts";
import type { RunFiles } from "../rebuild/run-folder.ts";

/** How a run stands to its folder. */
export type RunStanding =
  /** It may be under way: everything stays. */
  | { readonly kind: "active" }
  /** It may be gone on from: these paths stay. */
  | { readonly kind: "resumable"; readonly named: ReadonlySet<string> }
  /** It could have been gone on from, but for too long: to be discarded. */
  | { readonly kind: "stale" }
  /** It ended lately without a commit: all but temporary files stay. */
  | { readonly kind: "recent" }
  /** Nothing goes on from it: what the catalog doesn't name goes. */
  | { readonly kind: "over" }
  /** Of a history that the catalog's doesn't go on from: everything stays. */
  | { readonly kind: "other_history" };

/** How the run stands; one that ended before `oldest`, microseconds, isn't resumed any more. */
export async function standingOf(
  filesystem: Filesystem,
  { runId, record, files }: RunInFolder,
  oldest: bigint,
): Promise<RunStanding> {
  if (record === null) return unknownStanding(files, oldest);
  const { state, what } = record;
  if (isActive(state)) return { kind: "active" };
  const isRecent = record.endedAt === null || BigInt(record.endedAt) >= oldest;
  if (mayResume(state)) {
    if (!isRecent) return { kind: "stale" };
    const named = await namedPaths(filesystem, runId, state.epoch);
    return named === null ? { kind: "recent" } : { kind: "resumable", named };
  }
  return state.kind === "succeeded" || what !== "run" || !isRecent
    ? { kind: "over" }
    : { kind: "recent" };
}

/** A run's folder, and what the catalog knows of the run; null where it knows nothing. */
export interface RunInFolder {
  readonly runId: string;
  readonly record: RunRecord | null;
  readonly files: RunFiles;
}

/** A rebuilt catalog knows of committed runs only; others end when their last file was written. */
function unknownStanding({ files }: RunFiles, oldest: bigint): RunStanding {
  if (files.some(({ role }) => role.kind === "committed")) return { kind: "other_history" };
  const isRecent = files.some(({ modifiedMicros }) => modifiedMicros >= oldest);
  return { kind: isRecent ? "recent" : "over" };
}

/**
 * R2: what the journal that a later attempt would adopt names, and itself. Null where it can't be
 * read: a newer hakiri may, and doctor names what is damaged.
 */
async function namedPaths(
  filesystem: Filesystem,
  runId: string,
  epoch: number,
): Promise<ReadonlySet<string> | null> {
  const newest = await newestJournal(filesystem, runId, epoch);
  if (newest === null) return new Set();
  const path = journalPath(runId, newest);
  try {
    const { entries } = await readJournal(filesystem, path);
    return new Set([path, ...entries.flatMap(pathsOf)]);
  } catch (error) {
    if (error instanceof HakiriError && error.code.startsWith("journal.")) return null;
    throw error;
  }
}

function pathsOf(entry: JournalEntry): readonly string[] {
  switch (entry.kind) {
    case "header":
    case "schema":
    case "stream_begin":
      return [];
    case "batch":
      return [
        ...[...entry.files, ...entry.quarantineFiles].map(({ path }) => path),
        ...(entry.supersedes === null ? [] : [entry.supersedes.path]),
        ...boundaryOf(entry.cursor),
      ];
    case "stream_end":
      return boundaryOf(entry.cursor);
  }
}

function boundaryOf(cursor: JournalCursor | null): readonly string[] {
  return cursor?.boundaryPath === null || cursor === null ? [] : [cursor.boundaryPath];
}
