/** Commands and manifests as tests write them: what a test doesn't speak of has a plain value. */
import { createHash } from "node:crypto";
import type {
  CatalogAnswers,
  ClaimRun,
  CommitKind,
  CommitManifest,
  Grant,
  ManifestReference,
  MoveRun,
  RegisterPipeline,
} from "../../src/core/catalog-command.ts";
import { openContract } from "../../src/core/contract.ts";
import type { StoredCursor } from "../../src/core/cursor.ts";
import type { ErrorRecord } from "../../src/core/error.ts";
import { canonicalJson } from "../../src/core/json.ts";
import type { PipelineSpec } from "../../src/core/pipeline.ts";
import type { Catalog } from "../../src/core/ports/catalog.ts";
import type { RunEvent } from "../../src/core/run.ts";
import type { TableSchema } from "../../src/core/schema.ts";
import {
  fileIdOf,
  grantSequenceOf,
  type CursorEntry,
  type Manifest,
  type TableChange,
  type TableFile,
} from "../../src/core/snapshot.ts";

/** The id of every test's store. */
export const storeId = "0store00000000000000000000";

/** A pipeline's spec. */
export function specOf(name: string, over: Partial<PipelineSpec> = {}): PipelineSpec {
  return {
    name,
    connector: "file",
    source: {},
    namespace: "main",
    tableTemplate: "{stream}",
    naming: "source",
    streams: [],
    contract: openContract,
    onConflict: "error",
    onChange: "replace",
    onMissing: "keep",
    rowMetadata: true,
    parallel: 1,
    deadlineMs: 1000,
    shared: false,
    ...over,
  };
}

/** Registers `pipelineId` under a name and key made of it. */
export function registerOf(
  pipelineId: string,
  over: Partial<RegisterPipeline> = {},
): RegisterPipeline {
  return {
    kind: "register_pipeline",
    version: 1,
    pipelineId,
    key: `key-${pipelineId}`,
    spec: specOf(pipelineId),
    at: "1000",
    ...over,
  };
}

/** Claims a run at 1000 with a deadline at 2000. */
export function claimOf(pipelineId: string, runId: string, over: Partial<ClaimRun> = {}): ClaimRun {
  return {
    kind: "claim_run",
    version: 1,
    pipelineId,
    runId,
    resumeKey: "k",
    resumeParts: { spec: "s" },
    resumableSince: "0",
    what: "run",
    at: "1000",
    deadlineAt: "2000",
    ...over,
  };
}

/** An error that a run ended with. */
export const broken: ErrorRecord = {
  kind: "Transient",
  code: "x.broken",
  message: "expected a reply, got none",
  hint: "try again",
};

/** Moves the run of a grant. */
export function moveOf(
  grant: Pick<Grant, "runId" | "epoch">,
  event: RunEvent,
  over: Partial<MoveRun> = {},
): MoveRun {
  const { runId, epoch } = grant;
  return {
    kind: "move_run",
    version: 1,
    runId,
    epoch,
    event,
    report: null,
    error: null,
    at: "1500",
    ...over,
  };
}

/** The event by which a grant's holder says that it failed after so many batches. */
export function failedOf({ epoch }: Pick<Grant, "epoch">, writtenBatches: number): RunEvent {
  return { type: "failed", epoch, writtenBatches, error: broken };
}

/** A schema of `version` columns. */
export function schemaOf(version: number): TableSchema {
  return {
    version,
    columns: Array.from({ length: version }, (_, index) => ({
      id: index + 1,
      name: `c${index + 1}`,
      sourceName: `c${index + 1}`,
      type: { kind: "text" },
      nullable: true,
    })),
    nextColumnId: version + 1,
    primaryKey: [],
  };
}

/** The nth file of a grant: ten rows of data, unless said otherwise. */
export function fileOf(
  { epoch }: Pick<Grant, "epoch">,
  n: number,
  over: Partial<TableFile> = {},
): TableFile {
  const fileId = fileIdOf(grantSequenceOf(epoch), n);
  return {
    fileId,
    kind: "data",
    path: `runs/r/t/${epoch}-all-${n}.parquet`,
    rows: 10,
    sizeBytes: 100,
    sha256: digestOfText(String(fileId)),
    schemaVersion: 1,
    masks: [],
    ...over,
  };
}

/** The nth file of a grant as deletes of one row of each of these files. */
export function deletesOf(
  grant: Pick<Grant, "epoch">,
  n: number,
  masked: readonly number[],
): TableFile {
  const masks = masked.map((fileId) => ({ fileId, rows: 1 }));
  return fileOf(grant, n, { kind: "deletes", rows: masked.length, masks });
}

/** An append of files to `main.<tableId>`. */
export function changeOf(
  tableId: string,
  added: readonly TableFile[],
  over: Partial<TableChange> = {},
): TableChange {
  return {
    tableId,
    namespace: "main",
    name: tableId,
    created: null,
    disposition: "append",
    schema: null,
    added,
    removed: [],
    ...over,
  };
}

/** What makes a table beside its files. */
export const creation: Pick<TableChange, "created" | "schema"> = {
  created: { naming: "source", shared: false, reserved: [] },
  schema: schemaOf(1),
};

/** A cursor at a value. */
export function cursorOf(stream: string, value: string): StoredCursor {
  const text = { connector: "file", column: "c", type: "text", value };
  return { version: 1, stream, boundary: null, ...text };
}

/** A cursor's place in a manifest; null takes it away. */
export function entryOf(
  stream: string,
  value: string | null,
  over: Partial<CursorEntry> = {},
): CursorEntry {
  const cursor = value === null ? null : cursorOf(stream, value);
  return { stream, partition: "", cursor, boundaryPath: null, ...over };
}

/** The manifest of a granted run of a pipeline. */
export function manifestOf(
  pipelineId: string,
  grant: Pick<Grant, "runId" | "epoch" | "loadedAt">,
  over: Partial<Manifest> = {},
): Manifest {
  return {
    kind: "run",
    storeId,
    pipelineId,
    pipelineName: pipelineId,
    pipeline: null,
    runId: grant.runId,
    epoch: grant.epoch,
    baseSequence: 0,
    loadedAtMicros: grant.loadedAt,
    tables: [],
    cursors: [],
    ...over,
  };
}

/** What names the manifest in a commit. */
export function referenceOf(manifest: Manifest): ManifestReference {
  const text = canonicalJson(manifest);
  const path = `runs/${manifest.runId}/_manifest-${manifest.epoch}-0.json`;
  return { sha256: digestOfText(text), sizeBytes: text.length, path };
}

/** Lower-case hexadecimal SHA-256 of a text. */
export function digestOfText(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

const commitKinds = {
  run: "commit_snapshot",
  cursor: "commit_cursor",
  compaction: "commit_compaction",
} as const satisfies Record<Manifest["kind"], CommitKind>;

/** The commit of a manifest under the grant that its run got. */
export function commitOf(
  manifest: Manifest,
  grant: Pick<Grant, "cursorsDigest">,
  over: Partial<CommitManifest> = {},
): CommitManifest {
  return {
    kind: commitKinds[manifest.kind],
    version: 1,
    runId: manifest.runId,
    epoch: manifest.epoch,
    baseSequence: manifest.baseSequence,
    cursorsBefore: grant.cursorsDigest,
    manifest: referenceOf(manifest),
    report: null,
    at: "1600",
    ...over,
  };
}

/** What a test says of a whole run: it is claimed and committed. */
export interface WholeRun extends Partial<Omit<Manifest, "tables">> {
  readonly tables?: (grant: Grant) => readonly TableChange[];
  readonly what?: ClaimRun["what"];
  readonly at?: string;
}

/** A run that was committed. */
export interface CommittedRun {
  readonly grant: Grant;
  readonly manifest: Manifest;
  readonly commit: CommitManifest;
  readonly committed: CatalogAnswers["commit_snapshot"];
}

/** Claims and commits a run of the pipeline, against the newest base unless said otherwise. */
export async function runOnce(
  catalog: Catalog,
  pipelineId: string,
  runId: string,
  { tables, what = "run", at = "1600", ...over }: WholeRun = {},
): Promise<CommittedRun> {
  const grant = await catalog.apply<"claim_run">(claimOf(pipelineId, runId, { what }));
  const { sequence } = await catalog.head();
  const manifest = manifestOf(pipelineId, grant, {
    baseSequence: sequence,
    tables: tables?.(grant) ?? [],
    ...over,
  });
  const commit = commitOf(manifest, grant, { at });
  const committed = await catalog.apply<CommitKind>(commit, { manifest });
  return { grant, manifest, commit, committed };
}
