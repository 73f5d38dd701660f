/**
 * From a whole journal to a commit: what earlier rows the run takes the place of, its manifest, and
 * the ask that makes it true.
 *
 *   F1. Nothing of this is visible before the commit, and everything with it.
 *   F2. Position deletes hold for one base sequence. Where the table moved on, they are computed
 *       anew, at most `commitTriesMax` times.
 */
import { buildManifest, type ManifestTable } from "../../context/manifest/build.ts";
import { publishManifest } from "../../context/manifest/publish-manifest.ts";
import { readSideFile } from "../../context/side-file.ts";
import type { GoneFile } from "../../context/supersede/file-deletes.ts";
import {
  fileDeletes,
  mergeDeletes,
  type DeletesTarget,
  type Superseded,
} from "../../context/supersede/position-deletes.ts";
import { HakiriError, usageError } from "../../core/error.ts";
import { fileColumn } from "../../core/reserved-column.ts";
import { nearest } from "../../core/near-miss.ts";
import type { JournalEntry } from "../../core/journal.ts";
import type { TableState } from "../../core/snapshot.ts";
import type { TableSchema } from "../../core/schema.ts";
import type { CursorRecord } from "../../core/ports/catalog.ts";
import type { RunAnswers, RunReport, TableReport } from "../protocol.ts";
import { basedTable, wantedTable } from "./base-files.ts";
import type { RunFrame } from "./run-frame.ts";
import { supersedeQuarantine } from "./superseded-quarantine.ts";
import { boundedReport, tableReport } from "./run-report.ts";
import type { TableKeeper } from "./table-keeper.ts";

/** Most tries to commit against a store that moves on. */
export const commitTriesMax = 5;

/** A run that has read everything. */
export interface ReadRun {
  readonly frame: RunFrame;
  readonly keepers: readonly TableKeeper[];
  /** The pipeline's cursors at the base. */
  readonly cursors: readonly CursorRecord[];
}

/** What the commit made of a run. */
export interface FinishedRun {
  readonly sequence: number | null;
  readonly report: RunReport;
}

type Batch = Extract<JournalEntry, { kind: "batch" }>;

/**
 * Commits a run. Throws Transient `conflict.base_moved` after the last try, `usage.unknown_column`
 * for a column that rows can't be chosen by, and what the commit throws.
 */
export async function finishRun(run: ReadRun): Promise<FinishedRun> {
  const { frame } = run;
  let baseSequence = frame.order.base.sequence;
  for (let attempt = 1; attempt <= commitTriesMax; attempt += 1) {
    const span = frame.trace.start("commit", frame.order.runSpanId, { attempt });
    const { answer, report } = await tryCommit(run, baseSequence, attempt);
    span.end({ ok: answer.kind === "committed" });
    if (answer.kind === "committed") return { sequence: answer.sequence, report };
    baseSequence = answer.sequence;
  }
  throw new HakiriError({
    kind: "Transient",
    code: "conflict.base_moved",
    message: `expected to commit within ${commitTriesMax} tries, but the tables changed each time`,
    hint: "run it again",
  });
}

async function tryCommit(
  run: ReadRun,
  baseSequence: number,
  attempt: number,
): Promise<{ readonly answer: RunAnswers["commit"]; readonly report: RunReport }> {
  const { frame, keepers, cursors } = run;
  const { order, journal, staging, control } = frame;
  const { pipelineKey: key, spec } = order;
  const tables: ManifestTable[] = [];
  const reports: TableReport[] = [];
  for (const keeper of keepers) {
    const superseded = await supersede(frame, keeper, { baseSequence, attempt });
    const aside = await supersedeAside(frame, keeper, { baseSequence, attempt });
    const deletes = [superseded.file, aside];
    tables.push(
      ...keeper.manifestTables().map((table, index) => {
        const file = deletes[index] ?? null;
        return { ...table, deletes: file === null ? [] : [file], removed: [] };
      }),
    );
    const replaced = await replacedRows(frame, keeper, baseSequence);
    reports.push(tableReport(keeper, journal.entries, { ...superseded, replaced }));
  }
  const isBounded = isByHand(order.parameters);
  const manifest = buildManifest({
    run: {
      storeId: order.storeId,
      pipelineId: order.pipelineId,
      pipelineName: spec.name,
      pipeline: key === null ? null : { key, spec },
      runId: order.runId,
      epoch: order.epoch,
      baseSequence,
      loadedAtMicros: order.loadedAt,
    },
    entries: journal.entries,
    tables,
    cursors: isBounded ? { kind: "leave" } : { kind: "move", before: cursors },
  });
  const report = boundedReport(reports);
  const answer = await control.ask({
    type: "commit",
    kind: manifest.kind === "cursor" ? "commit_cursor" : "commit_snapshot",
    baseSequence,
    manifest: await publishManifest(staging.publisher, manifest, attempt),
    report,
  });
  return { answer, report };
}

/** Whether the user bounded the run, so that the stored cursor stays. */
function isByHand({ from, to, limit }: RunFrame["order"]["parameters"]): boolean {
  return from !== null || to !== null || limit !== null;
}

async function supersede(
  frame: RunFrame,
  keeper: TableKeeper,
  at: { readonly baseSequence: number; readonly attempt: number },
): Promise<Superseded> {
  const { schema, plan } = keeper;
  const batches = batchesOf(frame, keeper);
  if (schema === null || batches.length === 0) return nothing;
  const staged = batches.flatMap(({ files }) => files);
  const target = targetOf(frame, at.attempt);
  const gone = await goneFiles(frame, batches, "files");
  // Without rows of its own a run takes none by key.
  const isMerge = plan.isKeyed && staged.length > 0;
  if (!isMerge && gone.length === 0) return nothing;
  const { base, schemas } = await baseOf(frame, keeper, at.baseSequence);
  if (!isMerge) return fileDeletes(target, { base, schemas, staged, gone, fileColumn });
  const dedupSort = columnIdOf(schema, plan.dedupSort);
  return mergeDeletes(target, { base, schemas, staged, gone, key: schema.primaryKey, dedupSort });
}

/** The same of the quarantine table beside it. */
async function supersedeAside(
  frame: RunFrame,
  keeper: TableKeeper,
  at: { readonly baseSequence: number; readonly attempt: number },
): Promise<Superseded["file"]> {
  const batches = batchesOf(frame, keeper);
  if (batches.length === 0) return null;
  const staged = {
    files: batches.flatMap(({ files }) => files),
    quarantineFiles: batches.flatMap(({ quarantineFiles }) => quarantineFiles),
    gone: await goneFiles(frame, batches, "quarantineFiles"),
  };
  const target = (): DeletesTarget => targetOf(frame, at.attempt);
  return supersedeQuarantine(frame, keeper, at.baseSequence, { staged, target });
}

/** What the run's rows come beside: of a table that is replaced nothing stays. */
async function baseOf(
  frame: RunFrame,
  keeper: TableKeeper,
  sequence: number,
): Promise<{ readonly base: TableState; readonly schemas: readonly TableSchema[] }> {
  const { table, schemas } = await basedTable(frame, wantedTable(keeper), sequence);
  const isReplaced = keeper.plan.disposition === "replace";
  return { base: isReplaced ? { ...table, files: [] } : table, schemas };
}

/** Rows that go with the table as it was. */
async function replacedRows(
  frame: RunFrame,
  keeper: TableKeeper,
  sequence: number,
): Promise<number> {
  if (keeper.plan.disposition !== "replace" || keeper.base === null) return 0;
  const { table } = await basedTable(frame, wantedTable(keeper), sequence);
  const data = table.files.filter(({ kind }) => kind === "data");
  const isLive = new Set(data.map(({ fileId }) => fileId));
  const masks = table.files.flatMap((file) => file.masks);
  const masked = masks.reduce((sum, { fileId, rows }) => sum + (isLive.has(fileId) ? rows : 0), 0);
  return data.reduce((sum, { rows }) => sum + rows, 0) - masked;
}

const nothing: Superseded = { file: null, updated: 0, deleted: 0 };

/** In the order of delivery: partitions one after the other, each by its numbers. */
function batchesOf({ journal }: RunFrame, { tableId }: TableKeeper): readonly Batch[] {
  const batches = journal.entries
    .filter((entry) => entry.kind === "batch")
    .filter((batch) => batch.tableId === tableId);
  const partitions = Map.groupBy(batches, ({ stream, partition }) => `${stream}\n${partition}`);
  return [...partitions.values()].flat();
}

function targetOf({ staging, duckDb, order }: RunFrame, attempt: number): DeletesTarget {
  const { publisher, numbers } = staging;
  const { runId, epoch } = order;
  return { publisher, duckDb, runId, epoch, attempt, fileId: numbers.take().fileId };
}

/** Of a file that several batches take the place of, the last one counts. */
async function goneFiles(
  { staging }: RunFrame,
  batches: readonly Batch[],
  parts: "files" | "quarantineFiles",
): Promise<readonly GoneFile[]> {
  const gone = new Map<string, GoneFile>();
  let stagedBefore = 0;
  for (const { supersedes, [parts]: files } of batches) {
    if (supersedes !== null) {
      const names = await readSideFile(staging.publisher.filesystem, supersedes);
      for (const name of names) gone.set(name, { name, stagedBefore });
    }
    stagedBefore += files.length;
  }
  return [...gone.values()];
}

function columnIdOf(schema: TableSchema, sourceName: string | null): number | null {
  if (sourceName === null) return null;
  const column = schema.columns.find((candidate) => candidate.sourceName === sourceName);
  if (column !== undefined) return column.id;
  const names = schema.columns.map((each) => each.sourceName);
  const meant = nearest(sourceName, names);
  throw usageError(
    "unknown_column",
    `expected a column to choose among rows of one key by, got '${sourceName}'`,
    meant === null ? `one of: ${names.slice(0, 20).join(", ")}` : `did you mean '${meant}'?`,
  );
}
