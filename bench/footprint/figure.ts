/** A measured figure against its budget, and how the two are printed. */

/** One figure; without a budget it is reported and gates nothing. */
export interface FootprintFigure {
  readonly profile: string;
  readonly name: string;
  readonly value: number;
  readonly unit: "MB" | "ms" | "x" | "count";
  /** The largest value that passes. */
  readonly budget?: number;
  /** What stands behind the value, such as names where the value is a count. */
  readonly detail?: string;
}

/** Whether the figure keeps its budget; one without a budget does. */
export function keeps(figure: FootprintFigure): boolean {
  return figure.budget === undefined || figure.value <= figure.budget;
}

/** The figures as a table: mark, figure, budget, margin. */
export function table(figures: readonly FootprintFigure[]): string {
  const rows = figures.map((figure) => [
    figure.budget === undefined ? "-" : keeps(figure) ? "ok" : "OVER",
    figure.profile,
    figure.name,
    amount(figure.value, figure.unit),
    figure.budget === undefined ? "" : amount(figure.budget, figure.unit),
    figure.budget === undefined ? "" : amount(figure.budget - figure.value, figure.unit),
    figure.detail ?? "",
  ]);
  const lines = [["", "profile", "figure", "measured", "budget", "margin", ""], ...rows];
  const widths = [0, 1, 2, 3, 4, 5].map((i) => Math.max(...lines.map((line) => width(line, i))));
  return lines
    .map((line) =>
      line
        .map((cell, i) => aligned(cell, i, widths))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

const width = (line: readonly string[], column: number): number => (line[column] ?? "").length;

function aligned(cell: string, column: number, widths: readonly number[]): string {
  const isNumber = column >= 3 && column <= 5;
  return isNumber ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0);
}

function amount(value: number, unit: FootprintFigure["unit"]): string {
  return unit === "count" ? String(value) : `${value.toFixed(2)} ${unit}`;
}
