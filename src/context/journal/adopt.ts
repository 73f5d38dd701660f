/**
 * Decides what of an older attempt's journal a new attempt goes on from (DESIGN: Resume).
 *
 *   Owns:    which lines and staged parts stay, and where each partition goes on.
 *   Doesn't: decide whether the run may be resumed at all. The catalog does, by the resume key.
 *
 * A1. Only what is verified stays: each file of a line exists with its size and digest. A partition
 *     is cut before the first line of which a file doesn't.
 * A2. An unfinished partition goes on only after a cursor that is `any`. After any other its whole
 *     stream begins anew, since only a whole read makes sense of the parts of one.
 * A3. A `same_read` cursor says that the stream was read under a snapshot of the source that the
 *     attempt held and that is gone: such streams begin anew, finished ones too, and so do streams
 *     without a row, which may have been read under the same one.
 * A4. A schema stays where a line that stays came after it, so that none stays for dropped rows.
 * A5. A partition that ended without a row and without a cursor is read again: it may have been
 *     read under a snapshot that is gone, and rows may be there since.
 */
import type { JournalCursor } from "../../core/journal.ts";
import type { Filesystem } from "../../core/ports/filesystem.ts";
import { journalPath } from "../layout.ts";
import { fileFault, type FileReference } from "../verify-file.ts";
import { newestJournal } from "./newest.ts";
import { keyOf, type BodyEntry } from "./ordering-gate.ts";
import { readJournal } from "./reader.ts";
import type { JournalHeader } from "./writer.ts";

/** Where a partition stands that the new attempt takes over. */
export interface AdoptedPartition {
  readonly stream: string;
  readonly partition: string;
  /** A finished one isn't read again. */
  readonly state: "finished" | "unfinished";
  /** Its batches that stay: also the number of its next one. */
  readonly batches: number;
  /** Where an unfinished one goes on; of a finished one the cursor at its end, null without. */
  readonly cursor: JournalCursor | null;
}

/** A partition that lost lines, and why, for the run's report. */
export interface GivenUp {
  readonly stream: string;
  readonly partition: string;
  readonly reason: string;
}

/** What a new attempt takes over. */
export interface Adoption {
  /** Of the older journal; null where there was none. */
  readonly header: JournalHeader | null;
  /** Lines for the new journal, in order. */
  readonly entries: readonly BodyEntry[];
  readonly partitions: readonly AdoptedPartition[];
  readonly givenUp: readonly GivenUp[];
  /** Lines of kind `batch` that stay. */
  readonly writtenBatches: number;
}

/** Where the older journal is. */
export interface AdoptRequest {
  readonly filesystem: Filesystem;
  readonly runId: string;
  /** The epoch that the grant names; the journal may be of an attempt before that one (N1). */
  readonly epoch: number;
  readonly signal: AbortSignal;
}

type PartitionEntry = Exclude<BodyEntry, { kind: "schema" }>;
type BatchEntry = Extract<BodyEntry, { kind: "batch" }>;

/** A partition's lines as they stand, and as much of them as stays. */
interface PartitionLines {
  readonly stream: string;
  readonly partition: string;
  readonly entries: readonly PartitionEntry[];
  readonly fault: string | null;
}

/**
 * Reads and verifies the journal of an older attempt, which may read every byte that it staged.
 * An attempt that ended before it had a journal leaves that of the one before it. Throws
 * `journal.damaged` and `journal.newer_format` as `readJournal` does.
 */
export async function adoptJournal(request: AdoptRequest): Promise<Adoption> {
  const { filesystem, runId } = request;
  const epoch = await newestJournal(filesystem, runId, request.epoch);
  if (epoch === null) return nothing;
  const path = journalPath(runId, epoch);
  const { header, entries } = await readJournal(filesystem, path);
  if (header.runId !== runId || header.epoch !== epoch) {
    throw new Error(`the journal '${path}' is of run ${header.runId}, epoch ${header.epoch}`);
  }
  const verified: PartitionLines[] = [];
  for (const lines of partitionsOf(entries)) verified.push(await verify(request, lines));
  return { header, ...choose(entries, verified) };
}

const nothing: Adoption = {
  header: null,
  entries: [],
  partitions: [],
  givenUp: [],
  writtenBatches: 0,
};

function partitionsOf(entries: readonly BodyEntry[]): readonly PartitionLines[] {
  const byKey = Map.groupBy(
    entries.filter((entry) => entry.kind !== "schema"),
    keyOf,
  );
  return [...byKey.values()].flatMap((lines) => {
    const [first] = lines;
    if (first === undefined) return [];
    const { stream, partition } = first;
    return [{ stream, partition, entries: lines, fault: null }];
  });
}

/** A1. */
async function verify(request: AdoptRequest, lines: PartitionLines): Promise<PartitionLines> {
  for (const [index, entry] of lines.entries.entries()) {
    for (const reference of referencesOf(entry)) {
      const fault = await fileFault(request.filesystem, reference, request.signal);
      if (fault !== null) return { ...lines, entries: lines.entries.slice(0, index), fault };
    }
  }
  return lines;
}

function referencesOf(entry: PartitionEntry): readonly FileReference[] {
  switch (entry.kind) {
    case "stream_begin":
      return [];
    case "batch":
      return [
        ...entry.files,
        ...entry.quarantineFiles,
        ...(entry.supersedes === null ? [] : [{ ...entry.supersedes, sizeBytes: null }]),
        ...boundaryReference(entry.cursor),
      ];
    case "stream_end":
      return entry.cursor === null ? [] : boundaryReference(entry.cursor);
  }
}

function boundaryReference(cursor: JournalCursor): readonly FileReference[] {
  const { boundary } = cursor.stored;
  if (cursor.boundaryPath === null || boundary === null) return [];
  return [{ path: cursor.boundaryPath, sizeBytes: null, sha256: boundary.sha256 }];
}

/** A2 to A5. */
function choose(
  entries: readonly BodyEntry[],
  verified: readonly PartitionLines[],
): Omit<Adoption, "header"> {
  const restarts = restartReasons(verified);
  const kept = new Map<string, AdoptedPartition>();
  const lines = new Set<BodyEntry>();
  const givenUp: GivenUp[] = [];
  for (const found of verified) {
    const { stream, partition } = found;
    const reason = restarts.get(stream) ?? found.fault;
    if (reason !== null) givenUp.push({ stream, partition, reason });
    const adopted = restarts.has(stream) ? null : standing(found);
    if (adopted === null) continue;
    kept.set(keyOf(found), adopted);
    for (const entry of found.entries) lines.add(entry);
  }
  const staying = withSchemas(entries, lines);
  return {
    entries: staying,
    partitions: [...kept.values()],
    givenUp,
    writtenBatches: staying.filter((entry) => entry.kind === "batch").length,
  };
}

/** Why streams begin anew, by stream. */
function restartReasons(verified: readonly PartitionLines[]): ReadonlyMap<string, string> {
  const reasons = new Map<string, string>();
  const snapshotLost = verified.some((lines) => readUnderSnapshot(lines));
  for (const lines of verified) {
    const reason = restartReason(lines, snapshotLost);
    if (reason !== null) reasons.set(lines.stream, reason);
  }
  return reasons;
}

function restartReason(lines: PartitionLines, snapshotLost: boolean): string | null {
  const last = batchesOf(lines).at(-1);
  if (readUnderSnapshot(lines) || (snapshotLost && last === undefined)) {
    return "the snapshot that it was read under is gone";
  }
  const isUnfinished = lines.entries.at(-1)?.kind !== "stream_end";
  if (!isUnfinished || last === undefined || last.cursor.resume === "any") return null;
  return "its cursor can't be resumed";
}

function readUnderSnapshot({ entries }: PartitionLines): boolean {
  return entries.some(
    (entry) => entry.kind !== "stream_begin" && entry.cursor?.resume === "same_read",
  );
}

function batchesOf({ entries }: PartitionLines): readonly BatchEntry[] {
  return entries.filter((entry) => entry.kind === "batch");
}

/** Null for a partition that has nothing to go on from: it begins anew, and loses nothing. */
function standing(lines: PartitionLines): AdoptedPartition | null {
  const batches = batchesOf(lines);
  const last = lines.entries.at(-1);
  const { stream, partition } = lines;
  const common = { stream, partition, batches: batches.length };
  if (last?.kind === "stream_end") {
    // A5. Of no rows nobody knows which state of the source they are of.
    if (batches.length === 0 && last.cursor?.resume !== "any") return null;
    return { ...common, state: "finished", cursor: last.cursor };
  }
  const cursor = batches.at(-1)?.cursor;
  return cursor === undefined ? null : { ...common, state: "unfinished", cursor };
}

/** A4: from the end, so that each schema knows whether a line of its table stays after it. */
function withSchemas(
  entries: readonly BodyEntry[],
  staying: ReadonlySet<BodyEntry>,
): readonly BodyEntry[] {
  const begins = new Map(
    entries.filter((entry) => entry.kind === "stream_begin").map((entry) => [keyOf(entry), entry]),
  );
  const needed = new Set<string>();
  const kept: BodyEntry[] = [];
  for (const entry of entries.toReversed()) {
    if (entry.kind === "schema") {
      if (needed.has(entry.tableId)) kept.push(entry);
      continue;
    }
    if (!staying.has(entry)) continue;
    kept.push(entry);
    const begin = begins.get(keyOf(entry));
    if (entry.kind === "stream_begin" || begin === undefined) continue;
    needed.add(begin.tableId);
    if (entry.kind === "batch" && entry.quarantineFiles.length > 0) {
      needed.add(begin.quarantineTableId);
    }
  }
  return kept.toReversed();
}
