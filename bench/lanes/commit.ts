// Lane `commit`: does a commit cost the same after thousands of runs, what do small runs and
// uncompacted merges cost a query, and what does the commit of a merge cost itself.

import { join } from "node:path";

import { DuckDBInstance, type DuckDBConnection } from "@duckdb/node-api";

import { defaultProject } from "../../src/config/parse-project.ts";
import { compactStore } from "../../src/context/compaction/compact-store.ts";
import { type CompactionRules, oneShotSlack } from "../../src/context/compaction/rules.ts";
import { lazyDuckDb } from "../../src/context/duckdb/lazy-duckdb.ts";
import { createPublisher } from "../../src/context/publish.ts";
import { type Figure, figureOf } from "../figure.ts";
import type { LaneOptions } from "../lane.ts";
import { interleave } from "../measure/interleave.ts";
import { median, pairedRatios } from "../measure/statistics.ts";
import { SMALL_TABLE, commitRuns } from "../store/bare-commits.ts";
import {
  type BenchStore,
  registerPipeline,
  relationOf,
  runOver,
  spanMs,
  withBenchStore,
} from "../store/bench-store.ts";

const DEFAULT_ROUNDS = 9;
const THREADS = 2;
const SMALL_RUNS = 2000;
const SMALL_ROWS = 10;
/** Commits around the 10th and before the 2,000th that are compared, one with one. */
const NEIGHBOURS = 15;
const BASE_ROWS = 5_000_000;
const DELTAS = 20;
const DELTA_ROWS = 10_000;
const LANE = "commit";
const EVERYTHING: CompactionRules = { kind: "full" };
/** As a run's command does after it. */
const AFTER_A_RUN: CompactionRules = {
  kind: "automatic",
  bounds: defaultProject().store.compaction,
  slack: oneShotSlack,
};

/** Measures commits and queries; see bench/README.md. */
export async function runLane(options: LaneOptions): Promise<readonly Figure[]> {
  const small = await withBenchStore(THREADS, (benchStore) => smallRuns(benchStore, options));
  const merges = await withBenchStore(THREADS, (benchStore) => merging(benchStore, options));
  return [...small, ...merges];
}

async function smallRuns(benchStore: BenchStore, options: LaneOptions): Promise<readonly Figure[]> {
  options.progress(`${SMALL_RUNS} runs of ${SMALL_ROWS} rows`);
  const compactDue = () => compact(benchStore, AFTER_A_RUN);
  const times = await commitRuns(benchStore, { runs: SMALL_RUNS, rows: SMALL_ROWS, compactDue });
  // The first commits make folders and warm the code up; the 10th is in the middle of these.
  const early = times.slice(3, 3 + NEIGHBOURS);
  const late = times.slice(-NEIGHBOURS);
  await compact(benchStore, EVERYTHING);
  return withDuckDb(async (duckDb) => {
    const single = join(benchStore.folder, "single.parquet");
    const relation = await relationOf(benchStore, SMALL_TABLE);
    await duckDb.run(`COPY (${relation}) TO '${single}' (FORMAT parquet, COMPRESSION zstd)`);
    const compacted = await relationOf(benchStore, SMALL_TABLE);
    const rounds = await interleave({
      subjects: {
        store: () => timed(duckDb, `SELECT count(*) FROM (${compacted})`),
        single: () => timed(duckDb, `SELECT count(*) FROM read_parquet('${single}')`),
      },
      rounds: options.rounds ?? DEFAULT_ROUNDS,
      warmupRounds: 2,
      seed: options.seed,
    });
    return [
      figureOf(pairedRatios(late, early), {
        lane: LANE,
        figure: "run_2000.commit",
        unit: "x",
        goal: { max: 1.3 },
        limit: { name: "10th run of the pipeline", value: median(early), unit: "ms" },
      }),
      figureOf(pairedRatios(rounds.store, rounds.single), {
        lane: LANE,
        figure: "compacted.count",
        unit: "x",
        goal: { max: 2 },
        limit: { name: "one Parquet file", value: median(rounds.single), unit: "ms" },
      }),
    ];
  });
}

async function merging(benchStore: BenchStore, options: LaneOptions): Promise<readonly Figure[]> {
  options.progress(`a merge table of ${BASE_ROWS} rows, ${DELTAS} deltas of ${DELTA_ROWS}`);
  const commits = await withDuckDb((duckDb) => fill(benchStore, duckDb));
  const uncompacted = await relationOf(benchStore, "orders");
  await compact(benchStore, EVERYTHING);
  const compacted = await relationOf(benchStore, "orders");
  return withDuckDb(async (duckDb) => {
    const subjects = Object.fromEntries(
      [
        ["merged", uncompacted],
        ["compacted", compacted],
      ].flatMap(([name, relation]) =>
        Object.entries(QUESTIONS).map(([question, sql]) => [
          `${name}.${question}`,
          () => timed(duckDb, sql.replace("orders", `(${relation})`)),
        ]),
      ),
    );
    const rounds = await interleave({
      subjects,
      rounds: options.rounds ?? DEFAULT_ROUNDS,
      warmupRounds: 1,
      seed: options.seed,
    });
    const of = (name: string): readonly number[] => rounds[name] ?? [];
    const figure = (question: keyof typeof QUESTIONS, against: keyof typeof QUESTIONS): Figure =>
      figureOf(pairedRatios(of(`merged.${question}`), of(`compacted.${against}`)), {
        lane: LANE,
        figure: `merge_on_read.${question}`,
        unit: "x",
        goal: { max: 3 },
        limit: {
          name: `compacted ${against}`,
          value: median(of(`compacted.${against}`)),
          unit: "ms",
        },
      });
    return [
      figure("point", "point"),
      figure("sum", "sum"),
      figure("sum_double", "sum_double"),
      figure("count", "sum"),
      figureOf(commits, { lane: LANE, figure: "merge.commit", unit: "ms", goal: null }),
    ];
  });
}

const QUESTIONS = {
  point: "SELECT * FROM orders WHERE id = 4242",
  sum: "SELECT sum(amount) FROM orders",
  sum_double: "SELECT sum(rate) FROM orders",
  count: "SELECT count(*) FROM orders",
} as const;

/** Loads the base and the deltas by real runs; answers the merge commits' times, milliseconds. */
async function fill(benchStore: BenchStore, duckDb: DuckDBConnection): Promise<readonly number[]> {
  const pipeline = { id: await registerPipeline(benchStore, "orders"), name: "orders" };
  const merge = { stream: "orders", disposition: "merge", primaryKey: ["id"] } as const;
  const base = join(benchStore.folder, "base.parquet");
  await duckDb.run(`COPY (${rowsOf("range", BASE_ROWS, 0)}) TO '${base}' (FORMAT parquet)`);
  await runOver(benchStore, pipeline, { ...merge, files: [base] });
  const commits: number[] = [];
  for (let delta = 1; delta <= DELTAS; delta += 1) {
    const file = join(benchStore.folder, `delta-${delta}.parquet`);
    const id = `(hash(range * 31 + ${delta}) % ${BASE_ROWS})::BIGINT`;
    await duckDb.run(`COPY (${rowsOf(id, DELTA_ROWS, delta)}) TO '${file}' (FORMAT parquet)`);
    const run = await runOver(benchStore, pipeline, { ...merge, files: [file] });
    commits.push(await spanMs(benchStore, run.runId, "commit"));
  }
  return commits;
}

/** Orders as a shop has them: the columns of the mixed table of DESIGN's Postgres figures. */
function rowsOf(id: string, rows: number, seed: number): string {
  return (
    `SELECT ${id} AS id, ((hash(range + ${seed}) % 1000000) / 100)::DECIMAL(12,2) AS amount, ` +
    `(hash(range * 3 + ${seed}) % 100000) / 7.0 AS rate, ` +
    `'customer ' || (hash(range * 7 + ${seed}) % 100000) AS customer, ` +
    `TIMESTAMPTZ '2020-01-01 00:00:00+00' + INTERVAL (range % 50000000) SECOND AS placed_at, ` +
    `range % 3 = 0 AS is_paid, CASE WHEN range % 5 = 0 THEN NULL ELSE (range % 1000)::INTEGER END ` +
    `AS quantity FROM range(${rows})`
  );
}

async function compact(
  { folder, store, threads }: BenchStore,
  rules: CompactionRules,
): Promise<void> {
  const duckDb = lazyDuckDb({
    threads,
    memoryLimit: "2GiB",
    temporaryFolder: join(folder, ".hakiri", "tmp-compaction"),
  });
  try {
    const { catalog, claims, clock, filesystem, pins, random } = store;
    const publisher = createPublisher(filesystem, random);
    const takeViewsLock = () => claims.take("views");
    await compactStore(
      { catalog, pins, clock, publisher, duckDb: () => Promise.resolve(duckDb), takeViewsLock },
      {
        tables: null,
        rules,
        claim: { kind: "take", claims },
        signal: AbortSignal.timeout(600_000),
      },
    );
  } finally {
    duckDb.close();
  }
}

async function withDuckDb<T>(work: (duckDb: DuckDBConnection) => Promise<T>): Promise<T> {
  const instance = await DuckDBInstance.create(":memory:", { threads: String(THREADS) });
  const connection = await instance.connect();
  try {
    return await work(connection);
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

async function timed(duckDb: DuckDBConnection, sql: string): Promise<number> {
  const started = performance.now();
  await duckDb.run(sql);
  return performance.now() - started;
}
