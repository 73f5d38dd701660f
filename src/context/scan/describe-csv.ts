/** Finds out how CSV files are written and what their columns hold. */
import { quoteText } from "../../core/identifier.ts";
import type { ScanQuestion } from "../../core/ports/scanner.ts";
import type { CsvDialect, ScanFile } from "../../core/scan.ts";
import type { Field } from "../../core/type.ts";
import { uniqueNames } from "../../core/unique-names.ts";
import type { DuckDb, DuckDbRow } from "../duckdb/open-duckdb.ts";
import { csvReader, dialectOptions, fileOptions } from "./csv-reader.ts";
import { emptyFile } from "./empty-file.ts";
import { csvCandidates, inferTypes } from "./infer-types.ts";
import { literalPath } from "./literal-path.ts";

type CsvQuestion = Extract<ScanQuestion, { kind: "csv" }>;

/** What was found. */
export interface CsvDescription {
  /** Every column of the files, each name once; types hold every value looked at exactly. */
  readonly fields: readonly Field[];
  readonly dialect: CsvDialect;
}

/**
 * Looks into CSV files that are written alike: dialect, names and number of columns are those of
 * the first one. Rows with another number of columns are passed over. Throws `file.empty`.
 */
export async function describeCsv(duckDb: DuckDb, question: CsvQuestion): Promise<CsvDescription> {
  const [first] = question.files;
  if (first === undefined) throw new Error("a question without a file");
  const dialect = await sniff(duckDb, question, first);
  const names = await columnNames(duckDb, dialect, first);
  if (names.length === 0) throw emptyFile(question.files);
  const types = await inferTypes(duckDb, {
    relation: sampleRelation(question, dialect, names.length),
    columns: names.map((_, index) => `p${index}`),
    candidates: csvCandidates,
    formats: dialect,
  });
  const fields = names.map((name, index): Field => {
    return { name, type: types[index] ?? { kind: "text" }, nullable: true };
  });
  return { fields, dialect };
}

/** As many rows of each file, so that no file is judged by another; or all of all. */
function sampleRelation(
  { files, sampleRows }: CsvQuestion,
  dialect: CsvDialect,
  columns: number,
): string {
  // What doesn't fit is met when the scan is executed.
  const reader = (some: readonly ScanFile[]): string =>
    csvReader({ files: some, dialect, columns, badRecords: "pass_over" });
  if (sampleRows === null) return `SELECT * FROM ${reader(files)}`;
  const rows = Math.max(1, Math.ceil(sampleRows / files.length));
  const parts = files.map((file) => `(SELECT * FROM ${reader([file])} LIMIT ${rows})`);
  return parts.join("\nUNION ALL\n");
}

/** What the question leaves open is what DuckDB's sniffer finds. */
async function sniff(
  duckDb: DuckDb,
  { dialect, sampleRows }: CsvQuestion,
  file: ScanFile,
): Promise<CsvDialect> {
  if (isWhole(dialect)) return dialect;
  const options = [
    `sample_size = ${sampleRows === null ? -1 : Math.max(1, sampleRows)}`,
    ...knownOptions(dialect),
    ...fileOptions([file]).filter((option) => option.startsWith("compression")),
    // A row of another length would have it think that there is one column only.
    "ignore_errors = true",
  ];
  const [found = {}] = await duckDb.rows(
    `SELECT * FROM sniff_csv(${[quoteText(literalPath(file.path)), ...options].join(", ")})`,
  );
  return {
    ...comma,
    delimiter: textOf(found, "Delimiter") ?? comma.delimiter,
    // A sample without quotes has none to find, but a later row may.
    quote: textOf(found, "Quote") ?? comma.quote,
    escape: textOf(found, "Escape") ?? comma.escape,
    header: found["HasHeader"] === true,
    skipLines: Number(found["SkipRows"] ?? 0),
    newline: newlineOf(found),
    ...dialect,
  };
}

const members: readonly (keyof CsvDialect)[] = [
  "delimiter",
  "quote",
  "escape",
  "header",
  "skipLines",
  "newline",
  "encoding",
  "nullTexts",
  "dateFormat",
  "timestampFormat",
];

function isWhole(dialect: Partial<CsvDialect>): dialect is CsvDialect {
  return members.every((member) => dialect[member] !== undefined);
}

/** DuckDB says "(empty)" for a character that isn't there. */
function textOf(row: DuckDbRow, column: string): string | null {
  const value = row[column];
  return typeof value === "string" && value !== "" && value !== "(empty)" ? value : null;
}

function newlineOf(row: DuckDbRow): CsvDialect["newline"] {
  const found = textOf(row, "NewLineDelimiter");
  if (found === "\\r\\n") return "\r\n";
  return found === "\\r" ? "\r" : "\n";
}

function knownOptions(dialect: Partial<CsvDialect>): readonly string[] {
  const texts: readonly (readonly [string, string | undefined])[] = [
    ["delim", dialect.delimiter],
    ["quote", dialect.quote],
    ["escape", dialect.escape],
    ["encoding", dialect.encoding],
  ];
  return [
    ...texts.flatMap(([name, value]) =>
      value === undefined ? [] : [`${name} = ${quoteText(value)}`],
    ),
    ...(dialect.header === undefined ? [] : [`header = ${dialect.header}`]),
    ...(dialect.skipLines === undefined ? [] : [`skip = ${dialect.skipLines}`]),
  ];
}

/** Dialect of a file of which nothing is known. */
const comma: CsvDialect = {
  delimiter: ",",
  quote: '"',
  escape: '"',
  header: false,
  skipLines: 0,
  newline: "\n",
  encoding: "utf-8",
  nullTexts: [],
  dateFormat: null,
  timestampFormat: null,
};

/** Records that the number of columns is found by. */
const headRecords = 100;

/** Columns that a file may have, tried one after the other: DuckDB takes 32 KiB for each. */
const widths = [32, 1024, 10_000] as const;

/** The header's texts, or names by place; none for a file without a record. */
async function columnNames(
  duckDb: DuckDb,
  dialect: CsvDialect,
  file: ScanFile,
): Promise<readonly string[]> {
  if (!(await hasLine(duckDb, file))) return [];
  for (const width of widths) {
    const records = await readHead(duckDb, { dialect, file, width });
    // A longer record is passed over, so one of just this length may hide it.
    const isTooNarrow = records.length === 0 || records.some((record) => record.length === width);
    if (isTooNarrow && width !== widths.at(-1)) continue;
    const [first] = records;
    if (first === undefined) return [];
    const header = dialect.header ? first : [];
    const columns = Math.max(usualLength(records), header.length);
    return uniqueNames(Array.from({ length: columns }, (_, index) => header[index] ?? ""));
  }
  return [];
}

/** Whether there is anything in it, read as lines. */
async function hasLine(duckDb: DuckDb, file: ScanFile): Promise<boolean> {
  const lines = { ...comma, delimiter: "\u0001", quote: "", escape: "" };
  const reader = csvReader({ files: [file], dialect: lines, columns: 1, badRecords: "pass_over" });
  const rows = await duckDb.rows(`SELECT 1 AS one FROM ${reader} LIMIT 1`);
  return rows.length > 0;
}

/**
 * The first records as their texts. The header is one of them: read as a header, DuckDB would
 * change names that it doesn't like.
 */
async function readHead(
  duckDb: DuckDb,
  {
    dialect,
    file,
    width,
  }: {
    readonly dialect: CsvDialect;
    readonly file: ScanFile;
    readonly width: number;
  },
): Promise<readonly (readonly string[])[]> {
  const names = Array.from({ length: width }, (_, index) => `p${index}`);
  const options = [
    "auto_detect = false",
    ...dialectOptions({ ...dialect, header: false }).filter(isNotNullText),
    // So that a column that isn't there, which is padded by null, is told from an empty one.
    `nullstr = [${quoteText("\u0001")}]`,
    ...fileOptions([file]).filter((option) => !option.startsWith("filename")),
    `columns = {${names.map((name) => `${name}: 'VARCHAR'`).join(", ")}}`,
    "null_padding = true",
    "ignore_errors = true",
    "parallel = false",
  ];
  const reader = `read_csv(${[quoteText(literalPath(file.path)), ...options].join(", ")})`;
  const rows = await duckDb.rows(
    `SELECT [${names.join(", ")}] AS record FROM ${reader} LIMIT ${headRecords}`,
  );
  return rows.map(({ record }) => {
    const texts = Array.isArray(record) ? (record as readonly unknown[]) : [];
    const length = texts.findLastIndex((text) => text !== null) + 1;
    return texts.slice(0, length).map((text) => (typeof text === "string" ? text : ""));
  });
}

function isNotNullText(option: string): boolean {
  return !option.startsWith("nullstr");
}

/** The length that most records have; the larger of two. */
function usualLength(records: readonly (readonly string[])[]): number {
  const counts = Map.groupBy(records, (record) => record.length);
  const lengths = [...counts].toSorted(
    ([a, some], [b, others]) => others.length - some.length || b - a,
  );
  return lengths[0]?.[0] ?? 0;
}
