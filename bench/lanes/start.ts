// Lane `start`: what it costs to start hakiri, against the start of the bare node under it.
//
// Each round runs every subject twice: once unobserved, for wall and CPU time, and once with its
// memory polled every 2 ms, which costs a start of 40 ms about a tenth of wall time and so must not
// be timed. What one round's `node -e 0` took is the divisor of that round's ratios.

import { existsSync, readdirSync } from "node:fs";
import path from "node:path";

import { type Figure, type Goal, figureOf } from "../figure.ts";
import type { LaneOptions } from "../lane.ts";
import { type Rounds, interleave } from "../measure/interleave.ts";
import { type MeasuredRun, runMeasured } from "../measure/run-command.ts";
import { median, pairedRatios } from "../measure/statistics.ts";

/** A hakiri to start: the checkout, or one packed build. */
export type StartTarget = {
  /** Prefix of its figures; empty for the checkout. */
  readonly prefix: string;
  readonly launcher: string;
  /** The node that its launcher picks: the limit. */
  readonly node: string;
};

const DEFAULT_ROUNDS = 15;
const DEADLINE_MS = 30_000;
const MEMORY_EVERY_MS = 2;
/** A launcher that execs node and an entry that loads only what the command needs. */
const VERSION_RATIO_GOAL: Goal = { max: 2.5 };
/** The budget of a cold start; absolute, so judged only where it is asked for. */
const VERSION_WALL_GOAL: Goal = { max: 200 };
/** A profile without that command says so with this exit code. */
const USAGE_EXIT_CODE = 2;

const COMMANDS = [
  { name: "version", args: ["--version"], isRequired: true },
  { name: "help", args: ["--help"], isRequired: false },
  // Loads DuckDB's native library and runs `select 1`.
  { name: "doctor_duckdb", args: ["doctor", "duckdb"], isRequired: false },
] as const;

/** Measures the checkout and every packed build; see bench/README.md. */
export async function runLane(options: LaneOptions): Promise<readonly Figure[]> {
  return await measureStarts(startTargets(options), options);
}

/** The checkout, then the packed builds: the named ones, else those in dist/. */
export function startTargets(
  options: Pick<LaneOptions, "projectDir" | "packed">,
): readonly StartTarget[] {
  const { projectDir, packed } = options;
  const dist = path.join(projectDir, "dist");
  const names = existsSync(dist) ? readdirSync(dist) : [];
  const found = names.filter((name) => name.startsWith("hakiri-")).map((n) => path.join(dist, n));
  const packedDirs =
    packed.length > 0 ? packed : found.filter((dir) => existsSync(launcherOf(dir)));
  return [
    { prefix: "", launcher: launcherOf(projectDir), node: process.execPath },
    ...packedDirs.map((dir) => {
      const ownNode = path.join(dir, "bin", "node");
      return {
        prefix: `${path.basename(path.resolve(dir))}.`,
        launcher: launcherOf(dir),
        node: existsSync(ownNode) ? ownNode : process.execPath,
      };
    }),
  ];
}

/** Measures the given targets in common rounds. Throws Error when a required command fails. */
export async function measureStarts(
  targets: readonly StartTarget[],
  options: LaneOptions,
): Promise<readonly Figure[]> {
  const commands = new Map<string, readonly string[]>();
  for (const { prefix, launcher, node } of targets) {
    commands.set(`${prefix}node`, [node, "-e", "0"]);
    for (const { name, args, isRequired } of COMMANDS) {
      const command = [launcher, ...args];
      if (isRequired || (await hasCommand(command))) commands.set(`${prefix}${name}`, command);
      else options.progress(`left out ${prefix}${name}: this build has no such command`);
    }
  }
  const rounds = await interleave({
    subjects: Object.fromEntries(
      [...commands].map(([name, command]) => [name, () => startOnce(command)]),
    ),
    rounds: options.rounds ?? DEFAULT_ROUNDS,
    warmupRounds: 1,
    seed: options.seed,
    onRound: (round, order) => options.progress(`round ${round}: ${order.join(" ")}`),
  });
  return targets.flatMap((target) => targetFigures(target, rounds, options));
}

type Start = { readonly wallMs: number; readonly cpuMs: number; readonly peakRssBytes: number };

async function startOnce(command: readonly string[]): Promise<Start> {
  const timed = await runMeasured(command, { deadlineMs: DEADLINE_MS, memoryEveryMs: 0 });
  requireSuccess(command, timed);
  const watched = await runMeasured(command, {
    deadlineMs: DEADLINE_MS,
    memoryEveryMs: MEMORY_EVERY_MS,
  });
  requireSuccess(command, watched);
  // Null only when it ended before the first look, which a start of node can't.
  const peakRssBytes = watched.peakTreeRssBytes ?? 0;
  return { wallMs: timed.wallMs, cpuMs: timed.cpuMs, peakRssBytes };
}

async function hasCommand(command: readonly string[]): Promise<boolean> {
  const run = await runMeasured(command, { deadlineMs: DEADLINE_MS, memoryEveryMs: 0 });
  if (run.exitCode === USAGE_EXIT_CODE) return false;
  requireSuccess(command, run);
  return true;
}

function requireSuccess(command: readonly string[], run: MeasuredRun): void {
  if (run.exitCode === 0) return;
  const ending = run.isTimedOut
    ? `no end within ${DEADLINE_MS} ms`
    : `exit ${run.exitCode ?? run.signal}`;
  throw new Error(
    `bench start: expected exit 0 from ${command.join(" ")}, came ${ending}\n${run.stderr.slice(0, 2000)}`,
  );
}

function targetFigures(
  target: StartTarget,
  rounds: Rounds<string, Start>,
  options: LaneOptions,
): readonly Figure[] {
  const node = rounds[`${target.prefix}node`] ?? [];
  return COMMANDS.flatMap(({ name }) => {
    const starts = rounds[`${target.prefix}${name}`];
    if (starts === undefined) return [];
    return commandFigures({
      name: `${target.prefix}${name}`,
      isVersion: name === "version",
      starts,
      node,
    }).filter((figure) => options.isAbsolute || !figure.figure.endsWith(".wall_ms"));
  });
}

function commandFigures(of: {
  readonly name: string;
  readonly isVersion: boolean;
  readonly starts: readonly Start[];
  readonly node: readonly Start[];
}): readonly Figure[] {
  const { name, isVersion, starts, node } = of;
  const lane = "start";
  const cpuMsPerOp = median(cpuOf(starts));
  const limit = { name: "node -e 0", cpuMsPerOp: median(cpuOf(node)) };
  const wallLimit = { ...limit, value: median(wallOf(node)), unit: "ms" };
  return [
    figureOf(pairedRatios(wallOf(starts), wallOf(node)), {
      lane,
      figure: `${name}.wall`,
      unit: "x",
      goal: isVersion ? VERSION_RATIO_GOAL : null,
      cpuMsPerOp,
      limit: wallLimit,
    }),
    figureOf(cpuOf(starts), {
      lane,
      figure: `${name}.cpu`,
      unit: "ms",
      goal: null,
      limit: { name: "node -e 0", value: limit.cpuMsPerOp, unit: "ms" },
    }),
    figureOf(peakOf(starts), {
      lane,
      figure: `${name}.peak_rss`,
      unit: "bytes",
      goal: null,
      limit: { name: "node -e 0", value: median(peakOf(node)), unit: "bytes" },
    }),
    figureOf(wallOf(starts), {
      lane,
      figure: `${name}.wall_ms`,
      unit: "ms",
      goal: isVersion ? VERSION_WALL_GOAL : null,
      cpuMsPerOp,
      limit: wallLimit,
    }),
  ];
}

function launcherOf(dir: string): string {
  return path.join(path.resolve(dir), "bin", "hakiri");
}

function wallOf(starts: readonly Start[]): readonly number[] {
  return starts.map((start) => start.wallMs);
}

function cpuOf(starts: readonly Start[]): readonly number[] {
  return starts.map((start) => start.cpuMs);
}

function peakOf(starts: readonly Start[]): readonly number[] {
  return starts.map((start) => start.peakRssBytes);
}
