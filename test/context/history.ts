/**
 * Histories of real stores: a folder with a catalog, Parquet parts and manifests, made run by run
 * as the runner does it, so that tests of what lives on a store have one to live on.
 */
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { lockClaims } from "../../src/catalog/claims.ts";
import { lockPins } from "../../src/catalog/pins.ts";
import {
  openSqliteCatalog,
  type CatalogOpening,
  type SqliteCatalog,
} from "../../src/catalog/sqlite/sqlite-catalog.ts";
import type { BootClock } from "../../src/context/garbage/clock-witness.ts";
import { openDuckDb, type DuckDb } from "../../src/context/duckdb/open-duckdb.ts";
import { emptyPartPath, newId, partPath, temporaryPath } from "../../src/context/layout.ts";
import { deriveCommitted } from "../../src/context/manifest/committed.ts";
import { publishManifest } from "../../src/context/manifest/publish-manifest.ts";
import { createPublisher, type Publisher } from "../../src/context/publish.ts";
import { allFiles } from "../../src/context/snapshot/table-files.ts";
import { FileNumbers } from "../../src/context/stage/staging.ts";
import { mergeDeletes } from "../../src/context/supersede/position-deletes.ts";
import { sqlType } from "../../src/context/duckdb/sql-type.ts";
import { tableRelation } from "../../src/context/views/table-relation.ts";
import type { Committed, Grant, ManifestReference } from "../../src/core/catalog-command.ts";
import { quoteIdentifier, quoteText } from "../../src/core/identifier.ts";
import type { Disposition } from "../../src/core/pipeline.ts";
import type { Pins } from "../../src/core/ports/catalog.ts";
import type { Claims } from "../../src/core/ports/claim.ts";
import type { Filesystem } from "../../src/core/ports/filesystem.ts";
import { deletedColumn, loadedAtColumn, runIdColumn } from "../../src/core/reserved-column.ts";
import type { TableSchema } from "../../src/core/schema.ts";
import type {
  CursorEntry,
  Manifest,
  TableChange,
  TableFile,
  TableState,
} from "../../src/core/snapshot.ts";
import { nodeFilesystem } from "../../src/platform/node-filesystem.ts";
import { registerOf, specOf } from "../catalog/commands.ts";
import { ManualClock } from "../platform/manual-clock.ts";
import { seededRandom } from "../platform/seeded-random.ts";

/** A row of every table here; `n` is there from schema version 2 on. */
export interface HistoryRow {
  readonly id: number;
  readonly v: string | null;
  readonly n?: number | null;
}

/** What a run does to one table. */
export interface TableWork {
  readonly table: string;
  readonly disposition: Disposition;
  /** In the order of delivery. */
  readonly rows: readonly HistoryRow[];
  /** Keys whose rows a merge takes away; delivered after the rows. */
  readonly deleted?: readonly number[];
  /** Parts that the rows are split over; 1 by default. */
  readonly parts?: number;
  /** Of the table's schema when the run is over, as `schemaOf` makes it; as before by default. */
  readonly schemaVersion?: number;
}

/** A store with a history. */
export interface HistoryStore {
  /** The project's folder; the store's is `.hakiri` in it. */
  readonly project: string;
  readonly storeId: string;
  readonly filesystem: Filesystem;
  readonly publisher: Publisher;
  readonly catalog: SqliteCatalog;
  readonly claims: Claims;
  readonly pins: Pins;
  readonly bootClock: BootClock;
  readonly clock: ManualClock;
  readonly duckDb: DuckDb;
  close(): Promise<void>;
}

/** What a store is opened with. */
export interface StoreOptions {
  readonly duckDb: DuckDb;
  /** Of ids; 1 by default. */
  readonly seed?: number;
  /** Wraps the filesystem that everything but DuckDB and SQLite goes through. */
  readonly wrap?: (inner: Filesystem) => Filesystem;
}

/** The DuckDB of a test file: opened once, since opening takes longer than most tests. */
export function openTestDuckDb(): Promise<DuckDb> {
  const temporaryFolder = join(tmpdir(), "hakiri-test-duckdb");
  return openDuckDb({ threads: 2, memoryLimit: "512MB", temporaryFolder });
}

/** The name of the catalog's file in a store. */
export const catalogName = "catalog.sqlite";

/** Makes a store in a new folder; `close` removes it. */
export async function openHistoryStore(options: StoreOptions): Promise<HistoryStore> {
  const project = await mkdtemp(join(tmpdir(), "hakiri-history-"));
  const folder = join(project, ".hakiri");
  await mkdir(folder);
  await options.duckDb.run(
    `COPY (SELECT 1 AS c WHERE false) TO ${quoteText(join(folder, emptyPartPath))} (FORMAT parquet)`,
  );
  const storeId = newId(seededRandom(options.seed ?? 1));
  return openStoreIn(project, { kind: "create", storeId }, options);
}

/** Opens what is in a project's folder; `close` removes it. */
export async function openStoreIn(
  project: string,
  opening: CatalogOpening,
  { duckDb, seed = 1, wrap = (inner) => inner }: StoreOptions,
): Promise<HistoryStore> {
  const folder = join(project, ".hakiri");
  const catalog = openSqliteCatalog(join(folder, catalogName), opening);
  const filesystem = wrap(nodeFilesystem(folder));
  const random = seededRandom(seed);
  return {
    project,
    storeId: (await catalog.head()).storeId,
    filesystem,
    publisher: createPublisher(filesystem, random),
    catalog,
    claims: lockClaims(folder),
    pins: lockPins(folder, random),
    // Files have their times from the system's clock, so that both have to go together.
    bootClock: async () => null,
    clock: new ManualClock(BigInt(Date.now()) * 1000n),
    duckDb,
    close: async () => {
      await catalog.close();
      await rm(project, { recursive: true, force: true });
    },
  };
}

/** The schema of every table here: `id` and `v`; 2 adds `n`, which 3 and 4 make wider. */
function schemaOf(version: number): TableSchema {
  const wider = [
    { kind: "int", bits: 16, signed: true },
    { kind: "int", bits: 64, signed: true },
    { kind: "decimal", precision: 20, scale: 2 },
  ] as const;
  const n = wider[version - 2];
  const column = (id: number, name: string, type: TableSchema["columns"][number]["type"]) => ({
    id,
    name,
    sourceName: name,
    type,
    nullable: id !== 1,
  });
  return {
    version,
    columns: [
      column(1, "id", { kind: "int", bits: 64, signed: true }),
      column(2, "v", { kind: "text" }),
      ...(n === undefined ? [] : [column(3, "n", n)]),
    ],
    nextColumnId: n === undefined ? 3 : 4,
    primaryKey: [1],
  };
}

/** Registers a pipeline and answers its id: the known one where the name is known. */
export async function addPipeline(
  { catalog, publisher, clock }: HistoryStore,
  name: string,
  shared: boolean = false,
): Promise<string> {
  const pipelineId = newId(publisher.random);
  const spec = specOf(name, { shared });
  const answer = await catalog.apply<"register_pipeline">(
    registerOf(pipelineId, { spec, key: name, at: String(clock.nowMicros()) }),
  );
  return answer.pipelineId;
}

/** A run that was granted and isn't over. */
export interface OpenRun {
  readonly pipelineId: string;
  readonly grant: Grant;
  readonly numbers: FileNumbers;
}

/** Claims a run, without the lock that a process would hold. */
export async function beginRun(
  { catalog, publisher, clock }: HistoryStore,
  pipelineId: string,
  resumeKey: string = "key",
): Promise<OpenRun> {
  const at = clock.nowMicros();
  const grant = await catalog.apply<"claim_run">({
    kind: "claim_run",
    version: 1,
    pipelineId,
    runId: newId(publisher.random),
    resumeKey,
    resumeParts: {},
    resumableSince: "0",
    what: "run",
    at: String(at),
    deadlineAt: String(at + 3_600_000_000n),
  });
  return { pipelineId, grant, numbers: new FileNumbers(grant.epoch) };
}

/** A table with its files as of a sequence, the newest by default; null where there is none. */
export async function tableAt(
  { catalog }: HistoryStore,
  name: string,
  sequence?: number,
): Promise<TableState | null> {
  const at = sequence ?? (await catalog.head()).sequence;
  const table = await catalog.table({ namespace: "main", name }, at);
  return table === null ? null : { ...table, files: await allFiles(catalog, table.tableId, at) };
}

/** Runs a pipeline: claims, stages, commits and derives. */
export async function runOnce(
  store: HistoryStore,
  pipelineId: string,
  work: readonly TableWork[],
  more: { readonly derive?: boolean } = {},
): Promise<Committed> {
  const run = await beginRun(store, pipelineId);
  return commitRun(store, run, await stageRun(store, run, work), more);
}

/** What a run is about to commit, and against what. */
export interface StagedRun {
  readonly tables: readonly TableChange[];
  readonly baseSequence: number;
  readonly cursors: readonly CursorEntry[];
}

/** Stages the parts of a run. */
export async function stageRun(
  store: HistoryStore,
  run: OpenRun,
  work: readonly TableWork[],
): Promise<StagedRun> {
  const { sequence: baseSequence } = await store.catalog.head();
  const tables: TableChange[] = [];
  for (const one of work) tables.push(...(await stageTable(store, run, one)));
  const cursors = work.map(({ table }) => cursorEntry(table, String(run.grant.epoch)));
  return { tables, baseSequence, cursors };
}

/** A cursor of a stream at a value. */
export function cursorEntry(stream: string, value: string): CursorEntry {
  const text = { connector: "test", column: "id", type: "int8", value };
  const cursor = { version: 1, stream, boundary: null, ...text } as const;
  return { stream, partition: "", cursor, boundaryPath: null };
}

/** Commits a staged run. `derive: false` leaves it as a crash right after the commit does. */
export async function commitRun(
  store: HistoryStore,
  run: OpenRun,
  staged: StagedRun,
  { derive = true }: { readonly derive?: boolean } = {},
): Promise<Committed> {
  const { catalog, publisher, clock } = store;
  const { manifest, reference } = await publishRun(store, run, staged);
  const isCursor = manifest.kind === "cursor";
  const at = String(clock.nowMicros());
  const { runId, epoch, cursorsDigest: cursorsBefore } = run.grant;
  const { baseSequence } = manifest;
  const common = { version: 1, runId, epoch, baseSequence, cursorsBefore, at } as const;
  const command = { ...common, manifest: reference, report: null };
  const committed = isCursor
    ? await catalog.apply<"commit_cursor">({ kind: "commit_cursor", ...command }, { manifest })
    : await catalog.apply<"commit_snapshot">({ kind: "commit_snapshot", ...command }, { manifest });
  const { sha256 } = reference;
  if (derive) await deriveCommitted(publisher, manifest, { ...committed, sha256 });
  return committed;
}

/** Publishes the manifest of a staged run, as far as a run gets that dies before its commit. */
export async function publishRun(
  { publisher, storeId, catalog }: HistoryStore,
  run: OpenRun,
  staged: StagedRun,
): Promise<{ readonly manifest: Manifest; readonly reference: ManifestReference }> {
  const { runId, epoch, loadedAt: loadedAtMicros } = run.grant;
  const { pipelineId } = run;
  const kind = staged.tables.length === 0 ? ("cursor" as const) : ("run" as const);
  const known = await catalog.pipeline({ id: pipelineId });
  const pipeline = known === null ? null : { key: known.key, spec: known.spec };
  const pipelineName = known?.spec.name ?? pipelineId;
  const names = { storeId, pipelineId, pipelineName, pipeline, runId, epoch };
  const manifest: Manifest = { kind, ...names, loadedAtMicros, ...staged };
  return { manifest, reference: await publishManifest(publisher, manifest, 1) };
}

async function stageTable(
  store: HistoryStore,
  run: OpenRun,
  work: TableWork,
): Promise<readonly TableChange[]> {
  const { publisher } = store;
  const before = await tableAt(store, work.table);
  const oldVersion = before?.schema.version ?? 0;
  const version = Math.max(1, oldVersion, work.schemaVersion ?? 0);
  const tableId = before?.tableId ?? newId(publisher.random);
  const schema = schemaOf(version);
  const added: TableFile[] = [];
  for (const rows of split(work)) {
    if (rows.length > 0) added.push(await stagePart(store, run, { tableId, schema, rows }));
  }
  const base = { ...(before ?? newTable(tableId, run, work.table)), schema };
  if (work.disposition === "merge" && added.length > 0) {
    const deletes = await deletesOf(store, run, { base, staged: added });
    if (deletes !== null) added.push(deletes);
  }
  const { disposition } = work;
  const common = { tableId, namespace: "main", name: work.table, disposition } as const;
  const removed = disposition === "replace" ? ("all" as const) : [];
  const fresh = Array.from({ length: version - oldVersion }, (_, index) => oldVersion + 1 + index);
  if (fresh.length === 0) return [{ ...common, created: null, schema: null, added, removed }];
  const rules = { naming: base.naming, shared: base.shared, reserved: base.reserved };
  return fresh.map((each, index) => ({
    ...common,
    created: before === null && index === 0 ? rules : null,
    schema: schemaOf(each),
    added: each === version ? added : [],
    removed: index === 0 ? removed : [],
  }));
}

function newTable(tableId: string, run: OpenRun, name: string): TableState {
  return {
    tableId,
    namespace: "main",
    name,
    ownerPipelineId: run.pipelineId,
    schema: schemaOf(1),
    naming: "source",
    shared: false,
    reserved: [runIdColumn.id, loadedAtColumn.id],
    files: [],
  };
}

interface StagedRow extends HistoryRow {
  readonly isTombstone: boolean;
}

function split({ rows, deleted = [], parts = 1 }: TableWork): readonly (readonly StagedRow[])[] {
  const all = [
    ...rows.map((row) => ({ ...row, isTombstone: false })),
    ...deleted.map((id) => ({ id, v: null, isTombstone: true })),
  ];
  const size = Math.max(1, Math.ceil(all.length / parts));
  return Array.from({ length: parts }, (_, index) => all.slice(index * size, (index + 1) * size));
}

/** Writes one part of rows under its final name. */
async function stagePart(
  { publisher, duckDb }: HistoryStore,
  { grant, numbers }: OpenRun,
  part: {
    readonly tableId: string;
    readonly schema: TableSchema;
    readonly rows: readonly StagedRow[];
  },
): Promise<TableFile> {
  const { tableId, schema, rows } = part;
  const { seq, fileId } = numbers.take();
  const { runId, epoch } = grant;
  const path = partPath({ runId, tableId, epoch, partition: "", seq });
  await publisher.makeFolder(path.slice(0, path.lastIndexOf("/")));
  const temporary = temporaryPath(path, publisher.random);
  const columns = [
    ...schema.columns.map(({ id, name, type }) => ({
      id,
      name,
      value: `${quoteIdentifier(name)}::${sqlType(type)}`,
    })),
    { ...runIdColumn, value: quoteText(runId) },
    { ...loadedAtColumn, value: `make_timestamptz(${grant.loadedAt}::BIGINT)` },
    { ...deletedColumn, value: "deleted" },
  ];
  const select = columns.map(({ name, value }) => `${value} AS ${quoteIdentifier(name)}`);
  const ids = columns.map(({ name, id }) => `${quoteIdentifier(name)}: ${id}`);
  const values = rows.map(
    ({ id, v, n, isTombstone }, index) =>
      `(${index}, ${id}, ${v === null ? "NULL" : quoteText(v)}, ${n ?? "NULL"}, ${isTombstone})`,
  );
  await duckDb.run(
    `COPY (SELECT ${select.join(", ")} FROM (VALUES ${values.join(", ")}) AS t(i, id, v, n, deleted)
     ORDER BY i) TO ${quoteText(publisher.filesystem.absolute(temporary))}
     (FORMAT parquet, COMPRESSION zstd, FIELD_IDS {${ids.join(", ")}})`,
  );
  const published = await publisher.publishExisting(temporary, path);
  const { version: schemaVersion } = schema;
  return { ...published, fileId, kind: "data", rows: rows.length, schemaVersion, masks: [] };
}

async function deletesOf(
  { publisher, duckDb }: HistoryStore,
  { grant, numbers }: OpenRun,
  merge: { readonly base: TableState; readonly staged: readonly TableFile[] },
): Promise<TableFile | null> {
  const { runId, epoch } = grant;
  const { fileId } = numbers.take();
  const target = { publisher, duckDb, runId, epoch, attempt: 1, fileId };
  const schemas = Array.from({ length: merge.base.schema.version }, (_, i) => schemaOf(i + 1));
  const input = { ...merge, schemas, key: [1], dedupSort: null, gone: [] };
  return (await mergeDeletes(target, input)).file;
}

/** The rows of a table as of a sequence, by key and value; null where there is no table. */
export async function rowsAt(
  store: HistoryStore,
  name: string,
  sequence?: number,
): Promise<readonly HistoryRow[] | null> {
  const table = await tableAt(store, name, sequence);
  if (table === null) return null;
  const schemas = await store.catalog.schemas(table.tableId);
  const root = `${store.filesystem.absolute("")}/`;
  const hasN = table.schema.version > 1;
  const rows = await store.duckDb.rows(
    `SELECT id::INTEGER AS id, v, ${hasN ? "n::INTEGER" : "NULL"} AS n ` +
      `FROM (${tableRelation({ table, schemas, root })}) ORDER BY ALL`,
  );
  return rows.map(({ id, v, n }) => ({
    id: Number(id),
    v: typeof v === "string" ? v : null,
    n: n === null ? null : Number(n),
  }));
}
