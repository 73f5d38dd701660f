// A figure: one number that a lane reports, its goal, and what it is compared with.

import { type Spread, median, spread } from "./measure/statistics.ts";

/** What a value must meet: at most, at least, or nothing (reported only). */
export type Goal = { readonly max: number } | { readonly min: number } | null;

/** A physical limit or a rival, measured in the same rounds as the figure. */
export type Reference = {
  /** What ran, as a command or a product with its version. */
  readonly name: string;
  /** Median over the rounds. */
  readonly value: number;
  readonly unit: string;
  /** Median CPU time of one operation. */
  readonly cpuMsPerOp?: number;
};

/** One line of output. */
export type Figure = {
  readonly lane: string;
  /** Stable name within the lane, such as `version.wall`. */
  readonly figure: string;
  /** Median over the rounds, in `unit`. */
  readonly value: number;
  /** `x` is a ratio of one round's wall times, hakiri over the reference. */
  readonly unit: string;
  readonly goal: Goal;
  /** The goal is met; true where there is none. */
  readonly ok: boolean;
  /** How far the rounds lie apart, in `unit`. */
  readonly spread: Spread;
  /** Rounds counted. */
  readonly runs: number;
  /** Median CPU time of one operation of hakiri; always beside a ratio. */
  readonly cpuMsPerOp?: number;
  readonly limit?: Reference;
  readonly rival?: Reference;
};

/** Whether a value meets its goal. A value that is no number meets none. */
export function judge(value: number, goal: Goal): boolean {
  if (goal === null) return true;
  return "max" in goal ? value <= goal.max : value >= goal.min;
}

/**
 * Makes a figure of one value per round: their median, judged, with their spread.
 *
 * Throws RangeError when there is no round.
 */
export function figureOf(
  values: readonly number[],
  about: Omit<Figure, "value" | "ok" | "spread" | "runs">,
): Figure {
  const { lane, figure, unit, goal, ...beside } = about;
  const value = median(values);
  const ok = judge(value, goal);
  return {
    lane,
    figure,
    value,
    unit,
    goal,
    ok,
    spread: spread(values),
    runs: values.length,
    ...beside,
  };
}

/** Writes a figure as one line of JSON, numbers to six significant digits, without the newline. */
export function figureLine(figure: Figure): string {
  return JSON.stringify(figure, (_key, value: unknown) =>
    typeof value === "number" && !Number.isInteger(value) ? Number(value.toPrecision(6)) : value,
  );
}
