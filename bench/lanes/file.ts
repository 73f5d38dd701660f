// Lane `file`: a large CSV file into a fresh store, against DuckDB's own COPY of it to Parquet.
//
// Both are whole processes from start to exit, with the same threads and memory limit. hakiri also
// sniffs, hashes the input and the output, fsyncs, journals and commits; the rival does not.

import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { DuckDBInstance } from "@duckdb/node-api";

import { type Figure, figureOf } from "../figure.ts";
import type { LaneOptions } from "../lane.ts";
import { interleave } from "../measure/interleave.ts";
import { type MeasuredRun, runSucceeding } from "../measure/run-command.ts";
import { median, pairedRatios } from "../measure/statistics.ts";

const DEFAULT_ROUNDS = 5;
const ROWS = 5_000_000;
const THREADS = 2;
const MEMORY_LIMIT = "1 GiB";
const DEADLINE_MS = 300_000;
/** Often enough for a run of seconds, and too seldom to slow it down. */
const MEMORY_EVERY_MS = 20;
const LANE = "file";

/** Measures; see bench/README.md. */
export async function runLane(options: LaneOptions): Promise<readonly Figure[]> {
  const folder = await mkdtemp(join(tmpdir(), "hakiri-bench-"));
  try {
    const csv = join(folder, "orders.csv");
    options.progress(`making a CSV file of ${ROWS} rows`);
    await makeCsv(csv);
    const rival = join(folder, "rival.ts");
    await writeFile(rival, rivalProgram(csv, folder));
    let round = 0;
    const rounds = await interleave({
      subjects: {
        hakiri: () => ingest(options, csv, join(folder, `project-${(round += 1)}`)),
        duckdb: () => measured([process.execPath, rival]),
      },
      rounds: options.rounds ?? DEFAULT_ROUNDS,
      warmupRounds: 1,
      seed: options.seed,
      onRound: (at, order) => options.progress(`round ${at}: ${order.join(" ")}`),
    });
    return figures(rounds.hakiri, rounds.duckdb);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function makeCsv(path: string): Promise<void> {
  const instance = await DuckDBInstance.create(":memory:", { threads: String(THREADS) });
  const connection = await instance.connect();
  try {
    await connection.run(
      "COPY (SELECT range AS id, ((hash(range) % 1000000) / 100)::DECIMAL(12,2)::DOUBLE AS amount, " +
        "'customer ' || (hash(range * 7) % 100000) AS customer, " +
        "DATE '2020-01-01' + (range % 2000)::INTEGER AS placed_on, " +
        "TIMESTAMP '2020-01-01' + INTERVAL (range % 50000000) SECOND AS placed_at, " +
        "range % 3 = 0 AS is_paid, " +
        "CASE WHEN range % 5 = 0 THEN NULL ELSE range % 1000 END AS quantity, " +
        "md5(range::VARCHAR) AS token, 'a note, with a comma ' || (range % 97) AS note " +
        `FROM range(${ROWS})) TO '${path}' (FORMAT csv, HEADER)`,
    );
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

/** A process of its own, so that its start and its memory count like hakiri's. */
function rivalProgram(csv: string, folder: string): string {
  const library = import.meta.resolve("@duckdb/node-api");
  const limit = MEMORY_LIMIT.replace(" ", "");
  return (
    `import { DuckDBInstance } from ${JSON.stringify(library)};\n` +
    `const instance = await DuckDBInstance.create(":memory:", ` +
    `{ threads: "${THREADS}", memory_limit: "${limit}" });\n` +
    "const connection = await instance.connect();\n" +
    `await connection.run("COPY (SELECT * FROM read_csv('${csv}')) TO '${folder}/rival.parquet' ` +
    '(FORMAT parquet, COMPRESSION zstd)");\n' +
    "connection.closeSync();\ninstance.closeSync();\n"
  );
}

/** Into a store of its own, removed after, so that each round meets the same disk. */
async function ingest(options: LaneOptions, csv: string, project: string): Promise<MeasuredRun> {
  await mkdir(project);
  const limits = `[store]\nthreads = ${THREADS}\nmemory_limit = "${MEMORY_LIMIT}"\n`;
  await writeFile(join(project, "hakiri.toml"), limits);
  try {
    const launcher = join(options.projectDir, "bin", "hakiri");
    const command = [launcher, "ingest", csv, "--project", project, "--progress", "none"];
    return await measured(command);
  } finally {
    await rm(project, { recursive: true, force: true });
  }
}

function measured(command: readonly string[]): Promise<MeasuredRun> {
  return runSucceeding(command, { deadlineMs: DEADLINE_MS, memoryEveryMs: MEMORY_EVERY_MS });
}

function figures(
  hakiri: readonly MeasuredRun[],
  duckdb: readonly MeasuredRun[],
): readonly Figure[] {
  const wall = (runs: readonly MeasuredRun[]): number[] => runs.map((run) => run.wallMs);
  const peak = (runs: readonly MeasuredRun[]): number[] =>
    runs.map((run) => run.peakTreeRssBytes ?? 0);
  const cpu = (runs: readonly MeasuredRun[]): number[] => runs.map((run) => run.cpuMs);
  const perRow = (runs: readonly MeasuredRun[]): number => (median(cpu(runs)) * 1000) / ROWS;
  const name = "DuckDB COPY (FROM read_csv) TO parquet (zstd)";
  return [
    figureOf(pairedRatios(wall(duckdb), wall(hakiri)), {
      lane: LANE,
      figure: "csv.speed",
      unit: "x",
      goal: { min: 0.8 },
      cpuMsPerOp: median(cpu(hakiri)),
      limit: { name, value: median(wall(duckdb)), unit: "ms", cpuMsPerOp: median(cpu(duckdb)) },
    }),
    figureOf(pairedRatios(peak(hakiri), peak(duckdb)), {
      lane: LANE,
      figure: "csv.peak_rss",
      unit: "x",
      goal: { max: 1.2 },
      limit: { name, value: median(peak(duckdb)), unit: "bytes" },
    }),
    figureOf(
      cpu(hakiri).map((ms) => (ms * 1000) / ROWS),
      {
        lane: LANE,
        figure: "csv.cpu_per_row",
        unit: "us",
        goal: null,
        limit: { name, value: perRow(duckdb), unit: "us" },
      },
    ),
  ];
}
