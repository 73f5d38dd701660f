/** Cold starts of core, interleaved with `node -e 0` on the release's own node. */
import { join } from "node:path";
import { interleave } from "../measure/interleave.ts";
import { runMeasured } from "../measure/run-command.ts";
import { median, pairedRatios } from "../measure/statistics.ts";
import { coldStartMs, coldStartRatio } from "./budgets.ts";
import type { FootprintFigure } from "./figure.ts";
import type { Unpacked } from "./unpack.ts";

/** Whether milliseconds gate (a quiet machine) or ratios do. */
export type TimeGate = "absolute" | "ratio";

const deadlineMs = 60_000;
const seed = 20_260_101;

const firstEvent = `
  const { handler } = await import(process.argv[1] + "/lib/lambda.js");
  const reply = await handler({ args: ["--version"] });
  if (reply.exitCode !== 0) throw new Error(reply.stderr);
`;

/** Medians over the rounds: `--version`, a handler's first event, DuckDB touched. */
export async function coldStarts(
  core: Unpacked,
  options: { readonly rounds: number; readonly gate: TimeGate },
): Promise<readonly FootprintFigure[]> {
  const node = join(core.folder, "bin/node");
  const hakiri = join(core.folder, "bin/hakiri");
  const wall = (command: readonly string[]) => async (): Promise<number> => {
    const run = await runMeasured(command, { deadlineMs, env: core.env, memoryEveryMs: 0 });
    if (run.exitCode === 0) return run.wallMs;
    throw new Error(`expected ${command.join(" ")} to exit 0: ${run.stderr}`);
  };
  const times = await interleave({
    subjects: {
      bare: wall([node, "-e", "0"]),
      version: wall([hakiri, "--version"]),
      handler: wall([node, "--input-type=module", "-e", firstEvent, "--", core.folder]),
      duckdb: wall([hakiri, "doctor", "duckdb"]),
    },
    rounds: options.rounds,
    warmupRounds: 1,
    seed,
  });
  const detail = `node -e 0: ${median(times.bare).toFixed(1)} ms`;
  const figures = (name: string, values: readonly number[], ratio?: number): FootprintFigure[] => {
    const ms: FootprintFigure = {
      profile: "core",
      name,
      value: median(values),
      unit: "ms",
      detail,
    };
    const x: FootprintFigure = {
      profile: "core",
      name: `${name} / node -e 0`,
      unit: "x",
      value: median(pairedRatios(values, times.bare)),
    };
    if (ratio === undefined) return [ms, x];
    return options.gate === "absolute"
      ? [{ ...ms, budget: coldStartMs }, x]
      : [ms, { ...x, budget: ratio }];
  };
  return [
    ...figures("cold start --version", times.version, coldStartRatio.version),
    ...figures("cold start of a handler's first event", times.handler, coldStartRatio.handler),
    ...figures("cold start that touches DuckDB", times.duckdb),
  ];
}
