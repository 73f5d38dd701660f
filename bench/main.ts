// The bench: `npm run -s bench -- LANE [--rounds N] [--seed N] [--absolute] [--packed DIR]...`
//
// stdout gets JSON only: one line for the machine, then one line per figure. stderr gets progress
// and a table. Exit codes: 0 every goal is met, 1 a goal is missed or a lane failed, 2 usage.

import { randomInt } from "node:crypto";
import path from "node:path";
import { parseArgs } from "node:util";

import { figureTable } from "./figure-table.ts";
import { figureLine } from "./figure.ts";
import { type Lane, type LaneOptions, ROUNDS_MIN } from "./lane.ts";
import { describeMachine } from "./measure/machine.ts";

/** What the bench runs and where it writes. */
export type BenchSetting = {
  /** Lanes by name, each loaded when it is asked for. */
  readonly lanes: Readonly<Record<string, () => Promise<Lane>>>;
  readonly writeOut: (text: string) => void;
  readonly writeErr: (text: string) => void;
};

/** Every lane that exists. */
export const LANES = {
  start: () => import("./lanes/start.ts"),
  file: () => import("./lanes/file.ts"),
  commit: () => import("./lanes/commit.ts"),
  write: () => import("./lanes/write.ts"),
  postgres: () => import("./lanes/postgres.ts"),
} as const satisfies BenchSetting["lanes"];

/** Seeds are at most nine digits, so that one can be typed again. */
const SEED_MAX = 1_000_000_000;

const USAGE =
  "npm run -s bench -- LANE [--rounds N] [--seed N] [--absolute] [--packed DIR]... (N of rounds from " +
  `${ROUNDS_MIN})`;

/** Runs one lane and prints its figures; returns the exit code. Throws only on defects. */
export async function runBench(argv: readonly string[], setting: BenchSetting): Promise<number> {
  const usage = (problem: string): number => {
    const names = Object.keys(setting.lanes).join(", ");
    setting.writeErr(`bench: ${problem}\nlanes: ${names}\nusage: ${USAGE}\n`);
    return 2;
  };
  const progress = (text: string): void => setting.writeErr(`${text}\n`);
  const request = parseRequest(argv, progress);
  if ("problem" in request) return usage(request.problem);
  const load = Object.hasOwn(setting.lanes, request.lane) ? setting.lanes[request.lane] : undefined;
  if (load === undefined) return usage(`expected a lane that exists, came "${request.lane}"`);

  const machine = describeMachine();
  const { seed } = request.options;
  setting.writeOut(`${JSON.stringify({ lane: request.lane, machine, seed })}\n`);
  for (const warning of machine.warnings) progress(`warning: ${warning}`);
  progress(`lane ${request.lane}, seed ${seed}`);

  const { runLane } = await load();
  let figures;
  try {
    figures = await runLane(request.options);
  } catch (error) {
    progress(error instanceof Error ? error.message : String(error));
    return 1;
  }
  for (const figure of figures) setting.writeOut(`${figureLine(figure)}\n`);
  setting.writeErr(figureTable(figures));
  return figures.every((figure) => figure.ok) ? 0 : 1;
}

type Request =
  { readonly lane: string; readonly options: LaneOptions } | { readonly problem: string };

function parseRequest(argv: readonly string[], progress: LaneOptions["progress"]): Request {
  let parsed;
  try {
    parsed = parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        rounds: { type: "string" },
        seed: { type: "string" },
        absolute: { type: "boolean", default: false },
        packed: { type: "string", multiple: true, default: [] },
      },
    });
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
  const { values, positionals } = parsed;
  const [lane, ...more] = positionals;
  if (lane === undefined) return { problem: "expected a lane, came none" };
  if (more.length > 0) return { problem: `expected one lane, came ${positionals.join(" ")}` };
  const rounds = values.rounds === undefined ? null : wholeNumber(values.rounds);
  if (values.rounds !== undefined && (rounds === null || rounds < ROUNDS_MIN)) {
    return { problem: `expected --rounds from ${ROUNDS_MIN}, came "${values.rounds}"` };
  }
  const seed = values.seed === undefined ? randomInt(SEED_MAX) : wholeNumber(values.seed);
  if (seed === null) return { problem: `expected --seed from 0, came "${values.seed}"` };
  return {
    lane,
    options: {
      rounds,
      seed,
      isAbsolute: values.absolute,
      packed: values.packed,
      projectDir: path.dirname(import.meta.dirname),
      progress,
    },
  };
}

function wholeNumber(text: string): number | null {
  return /^\d{1,9}$/.test(text) ? Number(text) : null;
}

if (import.meta.main) {
  process.exitCode = await runBench(process.argv.slice(2), {
    lanes: LANES,
    writeOut: (text) => void process.stdout.write(text),
    writeErr: (text) => void process.stderr.write(text),
  });
}
