/**
 * Which files of a table a compaction rewrites. Pure: the same files give the same plan.
 *
 *   Owns:    inputs, how they make up parts, and what becomes of deletes.
 *   Doesn't: read, write or commit anything.
 *
 * C1. A part's inputs follow one another by file id, so that rows keep their order within it.
 * C2. Deletes go when nothing that stays is masked by them. An automatic compaction makes one file
 *     of those that stay.
 * C3. A plan leaves fewer files, fewer masked rows or fewer files of older schemas than there were,
 *     so that compactions one after the other come to an end.
 */
import type { LiveFile } from "../../core/snapshot.ts";
import {
  maskedRowsMin,
  maskedShareMin,
  partBytesTarget,
  partInputsMax,
  type CompactionRules,
  type SmallFileBounds,
} from "./rules.ts";

/** What a compaction does to a table. Everything is by file id, smallest first. */
export interface CompactionPlan {
  /** The data files of each new part; at least one each. */
  readonly parts: readonly (readonly LiveFile[])[];
  /** Deletes that go, since nothing that stays is masked by them. */
  readonly droppedDeletes: readonly LiveFile[];
  /** Deletes that become one file; none or at least two. */
  readonly mergedDeletes: readonly LiveFile[];
}

/**
 * The plan for a table's live files; null where nothing is due. `schemaVersion` is the table's
 * newest.
 */
export function planCompaction(
  files: readonly LiveFile[],
  rules: CompactionRules,
  schemaVersion: number,
): CompactionPlan | null {
  const ordered = files.toSorted((a, b) => a.fileId - b.fileId);
  const masked = maskedRows(ordered);
  const state: State = { files: ordered, masked, schemaVersion };
  const { parts, mergesDeletes } = rules.kind === "full" ? full(state) : due(state, rules);
  const rewritten = new Set(parts.flat().map(({ fileId }) => fileId));
  const staying = new Set(dataFiles(state).map(({ fileId }) => fileId)).difference(rewritten);
  const deletes = ordered.filter(({ kind }) => kind === "deletes");
  const isNeeded = (file: LiveFile) => file.masks.some(({ fileId }) => staying.has(fileId));
  const needed = deletes.filter(isNeeded);
  const droppedDeletes = deletes.filter((file) => !isNeeded(file));
  const mergedDeletes = mergesDeletes && needed.length > 1 ? needed : [];
  const isIdle = parts.length + droppedDeletes.length + mergedDeletes.length === 0;
  return isIdle ? null : { parts, droppedDeletes, mergedDeletes };
}

interface State {
  readonly files: readonly LiveFile[];
  /** By file id. A row that two deletes name is counted twice. */
  readonly masked: ReadonlyMap<number, number>;
  readonly schemaVersion: number;
}

type AutomaticRules = Extract<CompactionRules, { kind: "automatic" }>;

interface Choice {
  readonly parts: readonly (readonly LiveFile[])[];
  readonly mergesDeletes: boolean;
}

function maskedRows(files: readonly LiveFile[]): ReadonlyMap<number, number> {
  const masked = new Map<number, number>();
  for (const { fileId, rows } of files.flatMap((file) => file.masks)) {
    masked.set(fileId, (masked.get(fileId) ?? 0) + rows);
  }
  return masked;
}

function dataFiles({ files }: State): readonly LiveFile[] {
  return files.filter(({ kind }) => kind === "data");
}

/** From the first part on that isn't clean, all: a later one must not come before it. */
function full(state: State): Choice {
  const parts = inParts(state, dataFiles(state));
  const first = parts.findIndex((inputs) => !isAsWritten(state, inputs));
  return { parts: first === -1 ? [] : parts.slice(first), mergesDeletes: false };
}

function due(state: State, { bounds, slack }: AutomaticRules): Choice {
  const { smallFiles, smallFileBytes } = bounds;
  const isCrowded = hasTooManySmall(state, { smallFiles: smallFiles * slack, smallFileBytes });
  const heavy = heavyFiles(state, maskedRowsMin * slack);
  const inputs = dataFiles(state).filter(
    (file) => heavy.has(file.fileId) || (isCrowded && file.sizeBytes < smallFileBytes),
  );
  const parts = inParts(state, inputs).filter((part) => !isAsWritten(state, part));
  return { parts, mergesDeletes: isCrowded };
}

/** Small files of one snapshot alone are how its run wrote them, and cost each reader the same. */
function hasTooManySmall({ files }: State, bounds: SmallFileBounds): boolean {
  const { smallFiles, smallFileBytes } = bounds;
  const small = files.filter(({ sizeBytes }) => sizeBytes < smallFileBytes);
  const snapshots = new Set(small.map(({ addedSequence }) => addedSequence));
  return small.length > smallFiles && snapshots.size > 1;
}

/** Files of which many rows are masked, where they are worth it together; else none. */
function heavyFiles(state: State, rowsMin: number): ReadonlySet<number> {
  const heavy = dataFiles(state).filter(
    (file) => maskedIn(state, file) > 0 && maskedIn(state, file) >= file.rows * maskedShareMin,
  );
  const rows = heavy.reduce((sum, file) => sum + maskedIn(state, file), 0);
  return new Set(rows < rowsMin ? [] : heavy.map(({ fileId }) => fileId));
}

function maskedIn({ masked }: State, file: LiveFile): number {
  return Math.min(file.rows, masked.get(file.fileId) ?? 0);
}

/** C1. */
function inParts(state: State, inputs: readonly LiveFile[]): readonly (readonly LiveFile[])[] {
  const parts: LiveFile[][] = [];
  let sizeBytes = Infinity;
  for (const file of inputs) {
    const last = parts.at(-1);
    if (last === undefined || sizeBytes >= partBytesTarget || last.length >= partInputsMax) {
      parts.push([file]);
      sizeBytes = 0;
    } else {
      last.push(file);
    }
    sizeBytes += liveBytes(state, file);
  }
  return parts;
}

function liveBytes(state: State, file: LiveFile): number {
  if (file.rows === 0) return 0;
  return file.sizeBytes * (1 - maskedIn(state, file) / file.rows);
}

/** C3: one file that is all live and of the newest schema would come out as it went in. */
function isAsWritten(state: State, inputs: readonly LiveFile[]): boolean {
  const [file, second] = inputs;
  if (file === undefined || second !== undefined) return false;
  return maskedIn(state, file) === 0 && file.schemaVersion === state.schemaVersion;
}
