// A real store in a temporary folder, filled by real runs and by bare commits.

import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { lockClaims } from "../../src/catalog/claims.ts";
import { lockPins } from "../../src/catalog/pins.ts";
import { openSqliteCatalog } from "../../src/catalog/sqlite/sqlite-catalog.ts";
import type { OpenStore } from "../../src/cli/commands/engine.ts";
import { defaultPipeline } from "../../src/config/pipeline-schema.ts";
import { deriveViews } from "../../src/context/derive/derive-views.ts";
import { ensureEmptyPart } from "../../src/context/derive/empty-part.ts";
import { newId, storeFolder } from "../../src/context/layout.ts";
import { deriveCommitted } from "../../src/context/manifest/committed.ts";
import { createPublisher } from "../../src/context/publish.ts";
import { allFiles } from "../../src/context/snapshot/table-files.ts";
import { tableRelation } from "../../src/context/views/table-relation.ts";
import type { PipelineSpec } from "../../src/core/pipeline.ts";
import { systemClock } from "../../src/platform/system-clock.ts";
import { nodeFilesystem } from "../../src/platform/node-filesystem.ts";
import { systemRandom } from "../../src/platform/system-random.ts";
import { runPipeline, type RunResult } from "../../src/runtime/control/run-pipeline.ts";
import { ThreadActors } from "../../src/supervisor/thread-actors.ts";
import { settingsOf, type ParquetSettings } from "./parquet-source.ts";

/** A store that a bench fills. */
export type BenchStore = {
  readonly folder: string;
  readonly store: OpenStore;
  /** Threads and memory of DuckDB in runs. */
  readonly threads: number;
};

const MEMORY_LIMIT = "2GiB";
const DEADLINE_MS = 600_000;

/** Has the work done over a fresh store, and removes it. */
export async function withBenchStore<T>(
  threads: number,
  work: (benchStoreStore: BenchStore) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "hakiri-bench-"));
  try {
    const store = await openStore(folder);
    try {
      return await work({ folder, store, threads });
    } finally {
      await store.close();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Wires a store as profile core does: a bench may not import a profile. */
async function openStore(project: string): Promise<OpenStore> {
  const folder = join(project, storeFolder);
  await mkdir(folder);
  const filesystem = nodeFilesystem(folder);
  const random = systemRandom;
  const publisher = createPublisher(filesystem, random);
  const opening = { kind: "create", storeId: newId(random) } as const;
  const catalog = openSqliteCatalog(join(folder, "catalog.sqlite"), opening);
  const claims = lockClaims(folder);
  const takeLock = () => claims.take("views");
  await ensureEmptyPart(publisher);
  return {
    project,
    filesystem,
    catalog,
    claims,
    pins: lockPins(folder, random),
    clock: systemClock,
    random,
    unwritable: null,
    bootClock: async () => null,
    derive: async ({ manifest, reference, committed }) => {
      await deriveCommitted(publisher, manifest, { ...committed, sha256: reference.sha256 });
      await deriveViews({ catalog, filesystem, random, takeLock });
    },
    close: () => catalog.close(),
  };
}

/** Registers a pipeline of the bench's source and answers its id. */
export async function registerPipeline({ store }: BenchStore, name: string): Promise<string> {
  const pipelineId = newId(store.random);
  await store.catalog.apply<"register_pipeline">({
    kind: "register_pipeline",
    version: 1,
    pipelineId,
    key: name,
    spec: benchSpec(name),
    at: String(store.clock.nowMicros()),
  });
  return pipelineId;
}

function benchSpec(name: string): PipelineSpec {
  return { ...defaultPipeline, name, connector: "bench", source: {}, deadlineMs: DEADLINE_MS };
}

/** Runs the pipeline over Parquet files. Throws where the run doesn't succeed. */
export async function runOver(
  benchStore: BenchStore,
  pipeline: { readonly id: string; readonly name: string },
  settings: ParquetSettings,
): Promise<RunResult> {
  const place = {
    runner: new ThreadActors({ clock: systemClock, actorsMax: 1 }),
    entry: new URL("./run-thread.ts", import.meta.url),
    env: {},
    limits: { oldGenerationMb: 512 },
    startMs: 60_000,
  };
  const result = await runPipeline(benchStore.store, place, {
    pipelineId: pipeline.id,
    spec: benchSpec(pipeline.name),
    settings: settingsOf(settings),
    connectorDigest: "bench",
    parameters: { fullRefresh: false, from: null, to: null, limit: null, streams: [] },
    limits: {
      threads: benchStore.threads,
      memoryLimit: MEMORY_LIMIT,
      batchRowsMax: 65_536,
      batchBytesMax: 8 * 2 ** 20,
      batchesInFlightMax: 3,
    },
    resumeTtlMs: DEADLINE_MS,
    signal: AbortSignal.timeout(DEADLINE_MS),
    progress: () => undefined,
  });
  if (result.status === "succeeded") return result;
  throw new Error(`bench: a run is ${result.status}: ${result.error?.message ?? ""}`);
}

/** The SELECT of a table as the store's head shows it. */
export async function relationOf({ folder, store }: BenchStore, table: string): Promise<string> {
  const { sequence } = await store.catalog.head();
  const tables = await store.catalog.tables(sequence);
  const found = tables.find(({ name }) => name === table);
  if (found === undefined) throw new Error(`bench: the store has no table ${table}`);
  const files = await allFiles(store.catalog, found.tableId, sequence);
  const schemas = await store.catalog.schemas(found.tableId);
  return tableRelation({ table: { ...found, files }, schemas, root: `${folder}/.hakiri/` });
}

/** Milliseconds of a run's span of that name. */
export async function spanMs({ store }: BenchStore, runId: string, name: string): Promise<number> {
  const spans = await store.catalog.spans(runId, 0);
  const span = spans.find((candidate) => candidate.name === name);
  if (span === undefined) throw new Error(`bench: run ${runId} has no span ${name}`);
  return Number(BigInt(span.endedAt) - BigInt(span.startedAt)) / 1000;
}
