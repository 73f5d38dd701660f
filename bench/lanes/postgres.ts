// Lane `postgres`: tables of a server into a fresh store, against psql's drain of the same rows.
//
// Both are whole processes from start to exit. psql copies in the binary format into `cat`, which
// is as fast as a client can take rows; hakiri also decodes, encodes, hashes, fsyncs and commits.
// `--packed DIR` measures that build in the place of the checkout, which starts more slowly.

import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { EmbeddedPostgres } from "../../scripts/servers/embedded-postgres.ts";
import { type Figure, figureOf } from "../figure.ts";
import type { LaneOptions } from "../lane.ts";
import { interleave } from "../measure/interleave.ts";
import { type MeasuredRun, runSucceeding } from "../measure/run-command.ts";
import { median, pairedRatios } from "../measure/statistics.ts";
import { ROWS, startDatabase, type TableName } from "../postgres/database.ts";

const DEFAULT_ROUNDS = 5;
const DEADLINE_MS = 300_000;
const MEMORY_EVERY_MS = 20;
const LANE = "postgres";
const SPEED_GOALS = { mixed: 0.85, accounts: 0.85, wide: 0.75 } as const;
const PEAK_BYTES_MAX = 300_000_000;
const UNCHANGED_MS_MAX = 300;

type Place = "tcp" | "socket";

/** Measures; see bench/README.md. */
export async function runLane(options: LaneOptions): Promise<readonly Figure[]> {
  const folder = await mkdtemp(join(tmpdir(), "hakiri-bench-"));
  const server = await startDatabase(["mixed", "accounts", "wide", "big"], options.progress);
  try {
    const setting = { options, server, folder };
    return [...(await speed(setting)), ...(await memory(setting)), ...(await unchanged(setting))];
  } finally {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

type Setting = {
  readonly options: LaneOptions;
  readonly server: EmbeddedPostgres;
  readonly folder: string;
};

async function speed(setting: Setting): Promise<readonly Figure[]> {
  const { options } = setting;
  const rounds = await interleave({
    subjects: {
      "mixed hakiri": () => ingested(setting, "mixed", "tcp"),
      "mixed psql": () => drained(setting, "mixed", "tcp"),
      "accounts hakiri": () => ingested(setting, "accounts", "tcp"),
      "accounts psql": () => drained(setting, "accounts", "tcp"),
      "wide hakiri": () => ingested(setting, "wide", "tcp"),
      "wide psql": () => drained(setting, "wide", "tcp"),
      "socket hakiri": () => ingested(setting, "mixed", "socket"),
      "socket psql": () => drained(setting, "mixed", "socket"),
    },
    rounds: options.rounds ?? DEFAULT_ROUNDS,
    warmupRounds: 1,
    seed: options.seed,
    onRound: (at, order) => options.progress(`round ${at}: ${order.join(", ")}`),
  });
  const tables = ["mixed", "accounts", "wide"] as const;
  return [
    ...tables.flatMap((table) =>
      speedFigures(table, table, {
        hakiri: rounds[`${table} hakiri`],
        psql: rounds[`${table} psql`],
        goal: SPEED_GOALS[table],
      }),
    ),
    ...speedFigures("socket", "mixed", {
      hakiri: rounds["socket hakiri"],
      psql: rounds["socket psql"],
      goal: null,
    }),
  ];
}

function speedFigures(
  name: string,
  table: TableName,
  runs: {
    readonly hakiri: readonly MeasuredRun[];
    readonly psql: readonly MeasuredRun[];
    readonly goal: number | null;
  },
): readonly Figure[] {
  const wall = (all: readonly MeasuredRun[]): number[] => all.map((run) => run.wallMs);
  const cpu = (all: readonly MeasuredRun[]): number[] => all.map((run) => run.cpuMs);
  const { hakiri, psql, goal } = runs;
  const limit = {
    name: "psql \\copy to cat, binary",
    value: median(wall(psql)),
    unit: "ms" as const,
    cpuMsPerOp: median(cpu(psql)),
  };
  return [
    figureOf(pairedRatios(wall(psql), wall(hakiri)), {
      lane: LANE,
      figure: `${name}.speed`,
      unit: "x",
      goal: goal === null ? null : { min: goal },
      cpuMsPerOp: median(cpu(hakiri)),
      limit,
    }),
    figureOf(
      cpu(hakiri).map((ms) => (ms * 1000) / ROWS[table]),
      {
        lane: LANE,
        figure: `${name}.cpu_per_row`,
        unit: "us",
        goal: name === "mixed" ? { max: 0.7 } : null,
        limit: { ...limit, value: (median(cpu(psql)) * 1000) / ROWS[table], unit: "us" },
      },
    ),
  ];
}

async function memory(setting: Setting): Promise<readonly Figure[]> {
  const { options } = setting;
  const rounds = await interleave({
    subjects: {
      mixed: () => ingested(setting, "mixed", "tcp"),
      big: () => ingested(setting, "big", "tcp"),
    },
    rounds: options.rounds ?? DEFAULT_ROUNDS,
    warmupRounds: 0,
    seed: options.seed,
    onRound: (at, order) => options.progress(`memory, round ${at}: ${order.join(", ")}`),
  });
  const peaks = (runs: readonly MeasuredRun[]): number[] =>
    runs.map((run) => run.peakTreeRssBytes ?? Number.POSITIVE_INFINITY);
  const ratio = median(peaks(rounds.big)) / median(peaks(rounds.mixed));
  return [
    figureOf(peaks(rounds.big), {
      lane: LANE,
      figure: "big.peak_rss",
      unit: "bytes",
      goal: { max: PEAK_BYTES_MAX },
    }),
    figureOf([ratio], {
      lane: LANE,
      figure: "big.peak_rss_growth",
      unit: "x",
      goal: { max: 1.05 },
    }),
  ];
}

/** A later run of a large table in which nothing is new. */
async function unchanged(setting: Setting): Promise<readonly Figure[]> {
  const { options, folder } = setting;
  const project = join(folder, "unchanged");
  await mkdir(project);
  options.progress("reading all of big, incrementally");
  await measured(
    ingestCommand(setting, project, { table: "big", place: "tcp", more: ["--incremental", "id"] }),
  );
  const runs: MeasuredRun[] = [];
  for (let round = 0; round < (options.rounds ?? DEFAULT_ROUNDS) * 2; round += 1) {
    runs.push(
      await measured(
        ingestCommand(setting, project, {
          table: "big",
          place: "tcp",
          more: ["--incremental", "id"],
        }),
      ),
    );
  }
  return [
    figureOf(
      runs.map((run) => run.wallMs),
      { lane: LANE, figure: "unchanged.wall", unit: "ms", goal: { max: UNCHANGED_MS_MAX } },
    ),
  ];
}

let projects = 0;

/** Into a store of its own, removed after, so that each round meets the same disk. */
async function ingested(setting: Setting, table: TableName, place: Place): Promise<MeasuredRun> {
  const project = join(setting.folder, `project-${(projects += 1)}`);
  await mkdir(project);
  try {
    return await measured(ingestCommand(setting, project, { table, place, more: [] }));
  } finally {
    await rm(project, { recursive: true, force: true });
  }
}

function ingestCommand(
  { options, server }: Setting,
  project: string,
  { table, place, more }: { table: TableName; place: Place; more: readonly string[] },
): readonly string[] {
  const uri = `${urlOf(server, place)}${place === "tcp" ? "?" : "&"}table=${table}`;
  const [home = options.projectDir] = options.packed;
  const launcher = join(home, "bin", "hakiri");
  return [launcher, "ingest", uri, "--project", project, "--progress", "none", ...more];
}

async function drained({ server }: Setting, table: TableName, place: Place): Promise<MeasuredRun> {
  const copy = `\\copy ${table} to program 'cat >/dev/null' (format binary)`;
  return measured(["psql", "--no-psqlrc", "--quiet", "-c", copy, urlOf(server, place)]);
}

function urlOf(server: EmbeddedPostgres, place: Place): string {
  if (place === "tcp") return server.url;
  const { user, database, port, socketFolder } = server;
  return `postgres://${user}@/${database}?host=${encodeURIComponent(socketFolder)}&port=${port}`;
}

function measured(command: readonly string[]): Promise<MeasuredRun> {
  return runSucceeding(command, { deadlineMs: DEADLINE_MS, memoryEveryMs: MEMORY_EVERY_MS });
}
