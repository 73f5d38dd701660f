// The same figures for a person: one aligned row each.

import type { Figure, Goal, Reference } from "./figure.ts";

const HEADINGS = ["figure", "median", "min..max", "goal", "", "cpu/op", "against"] as const;

/** Formats figures as an aligned table with a heading, one row a figure, ending in a newline. */
export function figureTable(figures: readonly Figure[]): string {
  const rows = [HEADINGS, ...figures.map(rowOf)];
  const widths = HEADINGS.map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  const lines = rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
  return `${lines.join("\n")}\n`;
}

function rowOf(figure: Figure): readonly string[] {
  const { value, unit, spread, goal, ok, cpuMsPerOp } = figure;
  return [
    figure.figure,
    quantity(value, unit),
    `${quantity(spread.min, unit)}..${quantity(spread.max, unit)}`,
    goalText(goal, unit),
    goal === null ? "" : ok ? "ok" : "MISSED",
    cpuMsPerOp === undefined ? "" : quantity(cpuMsPerOp, "ms"),
    [figure.limit, figure.rival]
      .filter((reference) => reference !== undefined)
      .map(against)
      .join(", "),
  ];
}

function against(reference: Reference): string {
  const cpu =
    reference.cpuMsPerOp === undefined ? "" : ` (cpu ${quantity(reference.cpuMsPerOp, "ms")})`;
  return `${reference.name}: ${quantity(reference.value, reference.unit)}${cpu}`;
}

function goalText(goal: Goal, unit: string): string {
  if (goal === null) return "reported";
  return "max" in goal ? `<= ${quantity(goal.max, unit)}` : `>= ${quantity(goal.min, unit)}`;
}

function quantity(value: number, unit: string): string {
  return unit === "bytes" ? `${(value / 1e6).toFixed(1)} MB` : `${value.toFixed(2)} ${unit}`;
}
