/** Finds the rows of a scan that have a value which its type doesn't hold exactly. */
import { quoteText } from "../../core/identifier.ts";
import { nameText } from "../../core/name-text.ts";
import type { Scan, ScanFile } from "../../core/scan.ts";
import { typeName } from "../../core/type-name.ts";
import type { DuckDb } from "../duckdb/open-duckdb.ts";
import { pathColumn, type BadRecords } from "./csv-reader.ts";
import { fileNameOf, shownValueMax, sourceOf, type SourceValue } from "./scan-relation.ts";

/** A bad value and its place. */
export interface BadValue {
  readonly file: ScanFile;
  /** The record's number in its file, from 1, skipped lines and a header counted. */
  readonly line: number;
  readonly column: string;
  /** What was expected and what came. */
  readonly detail: string;
}

type TextValue = SourceValue & { readonly text: string; readonly isExact: string };

/** Files of which each bad row's number is told: each is a part of the query. */
const numberedFilesMax = 64;

/**
 * The bad rows of files as `detail, file, line, column_name, record`: what was expected and came,
 * the file's name, the record's number, the column, and the record as JSON of its texts. `line` is
 * null for more than 64 files, and leaves records out that are passed over.
 */
export function badRowsQuery(
  scan: Scan,
  files: readonly ScanFile[],
  badRecords: BadRecords,
): string {
  const isNumbered = files.length <= numberedFilesMax;
  const groups = isNumbered ? files.map((file) => [file]) : [files];
  return groups
    .map((group) => badRowsOf({ ...scan, files: group, rowsMax: null }, badRecords, isNumbered))
    .join("\nUNION ALL\n");
}

function badRowsOf(scan: Scan, badRecords: BadRecords, isNumbered: boolean): string {
  const source = sourceOf(scan, badRecords);
  const file = fileNameOf(scan.files);
  const values = source.values.filter((value) => isText(value));
  const number = isNumbered ? `row_number() OVER () + ${linesBefore(scan)}` : "NULL::BIGINT";
  const columns = [
    `${firstBad(values, (value) => detailOf(value))} AS detail`,
    `${file} AS file`,
    "t.line",
    `${firstBad(values, ({ field }) => quoteText(nameText(field.name)))} AS column_name`,
    `${recordOf(source.values)} AS record`,
  ];
  const limit = scan.rowsMax === null ? "" : ` LIMIT ${scan.rowsMax}`;
  const exact = values.map(({ isExact }) => isExact);
  // What is told is made for bad rows alone.
  const numbered = `SELECT *, ${number} AS line FROM (${source.from}${limit})`;
  const where = exact.length === 0 ? "false" : `(${exact.join(" AND ")}) IS NOT TRUE`;
  return `SELECT ${columns.join(",\n")}\nFROM (${numbered}) AS t WHERE ${where}`;
}

function isText(value: SourceValue): value is TextValue {
  return value.text !== null && value.isExact !== null;
}

function linesBefore(scan: Scan): number {
  return scan.kind === "csv" ? scan.dialect.skipLines + (scan.dialect.header ? 1 : 0) : 0;
}

function firstBad(values: readonly TextValue[], say: (value: TextValue) => string): string {
  const cases = values.map((value) => `WHEN ${value.isExact} IS NOT TRUE THEN ${say(value)}`);
  return cases.length === 0 ? "NULL::VARCHAR" : `CASE ${cases.join(" ")} END`;
}

function detailOf({ field, text }: TextValue): string {
  const expected = quoteText(`expected ${typeName(field.type)}, got "`);
  return `${expected} || left(${text}, ${shownValueMax}) || '"'`;
}

function recordOf(values: readonly SourceValue[]): string {
  const members = values.map(
    ({ field, text, value }) => `${quoteText(nameText(field.name))}, ${text ?? value}`,
  );
  return `json_object(${members.join(", ")})::VARCHAR`;
}

/** The first bad value there is, in that many rows of each file; null where there is none. */
export async function findBadValue(
  duckDb: DuckDb,
  scan: Scan,
  rowsMax: number | null = null,
): Promise<BadValue | null> {
  for (const file of scan.files) {
    const one = { ...scan, files: [file], rowsMax };
    // Rows that are none are met when the scan is executed, and have an error of their own.
    const badRecords = rowsMax === null ? "fail" : "pass_over";
    const [row] = await duckDb.rows(`${badRowsOf(one, badRecords, true)} LIMIT 1`);
    if (row === undefined) continue;
    const { line, column_name: column, detail } = row;
    return {
      file,
      line: Number(line),
      column: typeof column === "string" ? column : "",
      detail: typeof detail === "string" ? detail : "",
    };
  }
  return null;
}

/** The files that have a bad row, in the scan's order. Passes over records that are none. */
export async function findBadFiles(duckDb: DuckDb, scan: Scan): Promise<readonly ScanFile[]> {
  const source = sourceOf({ ...scan, rowsMax: null }, "pass_over");
  const exact = source.values.flatMap(({ isExact }) => isExact ?? []);
  if (exact.length === 0) return [];
  const rows = await duckDb.rows(
    `SELECT DISTINCT ${pathColumn} AS path FROM (${source.from}) AS t WHERE (${exact.join(" AND ")}) IS NOT TRUE`,
  );
  const paths = new Set(rows.map(({ path }) => path));
  return scan.files.filter(({ path }) => paths.has(path));
}
