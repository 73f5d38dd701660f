// Small append runs without their threads: the steps of a run actor and of its control process in
// one place, so that thousands of runs take seconds and the commit alone is timed.

import { batchBuilder } from "../../src/columns/batch-builder.ts";
import { openJournal } from "../../src/context/journal/writer.ts";
import { newId } from "../../src/context/layout.ts";
import { buildManifest } from "../../src/context/manifest/build.ts";
import { publishManifest } from "../../src/context/manifest/publish-manifest.ts";
import { createPublisher } from "../../src/context/publish.ts";
import { encodePart } from "../../src/context/stage/encode-part.ts";
import { stageRecords } from "../../src/context/stage/stage-records.ts";
import { FileNumbers } from "../../src/context/stage/staging.ts";
import { openContract } from "../../src/core/contract.ts";
import { planEvolution } from "../../src/core/evolution.ts";
import { loadedAtColumn, runIdColumn } from "../../src/core/reserved-column.ts";
import type { TableSchema } from "../../src/core/schema.ts";
import type { TableFile } from "../../src/core/snapshot.ts";
import type { Field } from "../../src/core/type.ts";
import { RunJournal } from "../../src/runtime/actor/run-frame.ts";
import { type BenchStore, registerPipeline } from "./bench-store.ts";

/** The table that the runs append to. */
export const SMALL_TABLE = "small";

const FIELDS: readonly Field[] = [
  { name: "id", type: { kind: "int", bits: 64, signed: true }, nullable: false },
  { name: "name", type: { kind: "text" }, nullable: true },
];

const CLAIM_US = 60_000_000n;

/** How many runs of how many rows, and what is done after each, untimed. */
export type SmallRuns = {
  readonly runs: number;
  readonly rows: number;
  readonly compactDue: () => Promise<void>;
};

/** Appends `rows` rows in each of `runs` runs; answers each commit's time, milliseconds. */
export async function commitRuns(
  benchStore: BenchStore,
  { runs, rows, compactDue }: SmallRuns,
): Promise<readonly number[]> {
  const { random } = benchStore.store;
  const plan = planEvolution(
    null,
    { fields: FIELDS, primaryKey: [] },
    {
      contract: openContract,
      naming: "source",
      onConflict: "error",
      columnBounds: new Map(),
      incomingBounds: new Map(),
    },
  );
  if (plan.kind !== "planned") throw new Error("bench: the table can't be planned");
  const table = {
    pipelineId: await registerPipeline(benchStore, SMALL_TABLE),
    tableId: newId(random),
    quarantineTableId: newId(random),
    schema: plan.schema,
    targets: plan.targets,
  };
  const times: number[] = [];
  for (let run = 0; run < runs; run += 1) {
    times.push(await commitRun(benchStore, table, { run, rows }));
    await compactDue();
  }
  return times;
}

type SmallTable = {
  readonly pipelineId: string;
  readonly tableId: string;
  readonly quarantineTableId: string;
  readonly schema: TableSchema;
  readonly targets: Parameters<typeof stageRecords>[0]["targets"];
};

async function commitRun(
  { store }: BenchStore,
  table: SmallTable,
  { run, rows }: { readonly run: number; readonly rows: number },
): Promise<number> {
  const { catalog, clock, filesystem, random } = store;
  const { pipelineId, tableId, quarantineTableId, schema } = table;
  const head = await catalog.head();
  const now = clock.nowMicros();
  const grant = await catalog.apply<"claim_run">({
    kind: "claim_run",
    version: 1,
    pipelineId,
    runId: newId(random),
    resumeKey: String(run),
    resumeParts: {},
    resumableSince: String(now),
    what: "run",
    at: String(now),
    deadlineAt: String(now + CLAIM_US),
  });
  const publisher = createPublisher(filesystem, random);
  const { runId, epoch, loadedAt: loadedAtMicros } = grant;
  const identity = { runId, pipelineId, epoch };
  const header = { kind: "header", ...identity, resumeKey: String(run), loadedAtMicros } as const;
  const writer = await openJournal(publisher, { ...header, adoptedEpoch: null }, []);
  const journal = new RunJournal(writer, []);
  const place = { stream: SMALL_TABLE, partition: "" };
  const disposition = "append";
  await journal.append({ kind: "stream_begin", ...place, tableId, quarantineTableId, disposition });
  const isFirst = run === 0;
  if (isFirst) await journal.append({ kind: "schema", tableId, schema });
  const builder = batchBuilder(FIELDS);
  for (let row = 0; row < rows; row += 1) builder.append([BigInt(run * rows + row), `n${row}`]);
  const numbers = new FileNumbers(epoch);
  const staging = { publisher, runId, epoch, loadedAtMicros, numbers };
  const staged = await stageRecords({
    run: { ...staging, rowMetadata: true, encode: encodePart },
    partition: "",
    table: { tableId, schema },
    quarantineTableId,
    fields: FIELDS,
    targets: table.targets,
    batches: [builder.finish()],
  });
  await endStream(journal, { place, tableId, files: staged.files, rows, run });
  const started = performance.now();
  const manifest = buildManifest({
    run: {
      storeId: head.storeId,
      ...identity,
      pipelineName: SMALL_TABLE,
      pipeline: null,
      baseSequence: head.sequence,
      loadedAtMicros,
    },
    entries: journal.entries,
    tables: [
      {
        tableId,
        namespace: "main",
        name: SMALL_TABLE,
        created: isFirst
          ? { naming: "source", shared: false, reserved: [runIdColumn.id, loadedAtColumn.id] }
          : null,
        baseSchemaVersion: isFirst ? 0 : schema.version,
        deletes: [],
        removed: [],
      },
    ],
    cursors: { kind: "move", before: [] },
  });
  const reference = await publishManifest(publisher, manifest, 1);
  const committed = await catalog.apply<"commit_snapshot">(
    {
      kind: "commit_snapshot",
      version: 1,
      runId,
      epoch,
      baseSequence: head.sequence,
      cursorsBefore: grant.cursorsDigest,
      manifest: reference,
      report: null,
      at: String(clock.nowMicros()),
    },
    { manifest },
  );
  await store.derive({ manifest, reference, committed });
  const elapsed = performance.now() - started;
  await journal.close();
  return elapsed;
}

async function endStream(
  journal: RunJournal,
  of: {
    readonly place: { readonly stream: string; readonly partition: string };
    readonly tableId: string;
    readonly files: readonly TableFile[];
    readonly rows: number;
    readonly run: number;
  },
): Promise<void> {
  const { place, tableId, files, rows, run } = of;
  const cursor = {
    resume: "any",
    stored: {
      version: 1,
      connector: "bench",
      stream: place.stream,
      column: null,
      type: null,
      value: String(run),
      boundary: null,
    },
    boundaryPath: null,
  } as const;
  const none = { quarantineFiles: [], supersedes: null, discarded: 0, quarantined: 0 };
  const sizeBytes = files.reduce((sum, file) => sum + file.sizeBytes, 0);
  const batch = { kind: "batch", ...place, number: 0, tableId } as const;
  await journal.append({ ...batch, rows, sizeBytes, files, ...none, cursor });
  await journal.append({ kind: "stream_end", ...place, batches: 1, cursor });
}
