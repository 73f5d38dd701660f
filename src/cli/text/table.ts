/** Rows as a box of text, within a terminal's width and a number of rows. Its data is untrusted. */
import { countText } from "./figures.ts";
import { cutMark, cutText, padText, textWidth } from "./text-width.ts";
import { visibleText } from "./visible-text.ts";

/** A column of a table: its heading, and `right` for numbers. */
export interface TableColumn {
  readonly name: string;
  readonly align: "left" | "right";
}

/** What a table shows: one cell a column in each row, null for a value that is absent. */
export interface TableData {
  readonly columns: readonly TableColumn[];
  readonly rows: readonly (readonly (string | null)[])[];
  /** How many rows there are in all, where `rows` are the first of them. */
  readonly rowsTotal?: number;
}

/** How large a table may become. */
export interface TableBounds {
  /** In cells, at least 20; null where nothing bounds it. */
  readonly widthMax: number | null;
  readonly rowsMax: number;
}

/** The most UTF-16 units of a cell that are looked at; the rest counts as cut off. */
export const cellCharsMax = 10_000;
/** A column is not cut below this width: columns are left out instead. */
export const columnWidthMin = 6;

/**
 * The table as lines, the last one ended too. A cell that was cut ends in a mark; columns and rows
 * that were left out are counted below the box. Absent values print as `NULL`.
 */
export function renderTable({ columns, rows, rowsTotal }: TableData, bounds: TableBounds): string {
  const shownRows = rows.slice(0, bounds.rowsMax);
  const table = columns.map(({ name, align }, at) => ({
    align,
    cells: [name, ...shownRows.map((row) => row[at] ?? "NULL")].map(cellText),
  }));
  const shown = fit(table, bounds.widthMax);
  const [head = "", ...body] = Array.from({ length: shownRows.length + 1 }, (_, row) =>
    line(shown, row),
  );
  const lines = [rule(shown, corners.top), head, rule(shown, corners.middle), ...body];
  lines.push(rule(shown, corners.bottom));
  lines.push(...remarks(shownRows.length, rowsTotal ?? rows.length, "rows"));
  const columnsShown = shown.filter(({ isCount }) => !isCount).length;
  lines.push(...remarks(columnsShown, columns.length, "columns"));
  return lines.map((text) => `${text}\n`).join("");
}

const corners = {
  top: ["\u250c", "\u252c", "\u2510"],
  middle: ["\u251c", "\u253c", "\u2524"],
  bottom: ["\u2514", "\u2534", "\u2518"],
} as const;

interface Column {
  readonly align: "left" | "right";
  readonly cells: readonly string[];
}

interface ShownColumn extends Column {
  readonly width: number;
  /** Stands for columns that were left out. */
  readonly isCount: boolean;
}

function cellText(text: string): string {
  const isLong = text.length > cellCharsMax;
  return isLong ? `${visibleText(text.slice(0, cellCharsMax))}${cutMark}` : visibleText(text);
}

/** Cells between the texts of two columns, and those of the outer frame. */
const betweenColumns = 3;
const frame = 4;

function fit(columns: readonly Column[], widthMax: number | null): readonly ShownColumn[] {
  const all = columns.map((column) => ({
    ...column,
    width: Math.max(0, ...column.cells.map(textWidth)),
    isCount: false,
  }));
  if (widthMax === null || boxWidth(all) <= widthMax) return all;
  const smallest = all.map((column) => ({
    ...column,
    width: Math.min(column.width, columnWidthMin),
  }));
  if (boxWidth(smallest) <= widthMax) return narrowed(all, widthMax);
  const mark: ShownColumn = { align: "left", width: 1, isCount: true, cells: [] };
  let count = smallest.length - 1;
  while (count > 1 && boxWidth([...smallest.slice(0, count), mark]) > widthMax) count -= 1;
  return narrowed([...all.slice(0, count), mark], widthMax);
}

function boxWidth(columns: readonly ShownColumn[]): number {
  const texts = columns.reduce((sum, { width }) => sum + width, 0);
  return frame + texts + betweenColumns * (columns.length - 1);
}

/** Cuts the widest columns, all to one width, the largest with which the box fits. */
function narrowed(columns: readonly ShownColumn[], widthMax: number): readonly ShownColumn[] {
  const cutTo = (limit: number): readonly ShownColumn[] =>
    columns.map((column) => ({ ...column, width: Math.min(column.width, limit) }));
  let limit = columnWidthMin;
  while (limit < widthMax && boxWidth(cutTo(limit + 1)) <= widthMax) limit += 1;
  return cutTo(limit);
}

function line(columns: readonly ShownColumn[], row: number): string {
  const cells = columns.map(({ cells: texts, width, align, isCount }) => {
    const text = isCount ? cutMark : (texts[row] ?? "");
    return padText(width === 0 ? "" : cutText(text, width), width, align);
  });
  return `\u2502 ${cells.join(" \u2502 ")} \u2502`;
}

function rule(
  columns: readonly ShownColumn[],
  [left, middle, right]: readonly [left: string, middle: string, right: string],
): string {
  const parts = columns.map(({ width }) => "\u2500".repeat(width + 2));
  return `${left}${parts.join(middle)}${right}`;
}

function remarks(shown: number, total: number, what: string): readonly string[] {
  return shown >= total ? [] : [`(${countText(shown)} of ${countText(total)} ${what})`];
}
