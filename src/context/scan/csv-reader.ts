/** The call that reads CSV files as texts. DuckDB finds nothing out by itself here. */
import { quoteText } from "../../core/identifier.ts";
import type { CsvDialect, ScanFile } from "../../core/scan.ts";
import { quarantinedRowsMax } from "../stage/quarantine.ts";
import { literalPath } from "./literal-path.ts";

/** Where rejected records go: tables of the session (DuckDB's "Reading Faulty CSV Files"). */
export interface RejectTables {
  readonly rejects: string;
  readonly scans: string;
}

/**
 * What becomes of records that have too many or too few columns, a quote without its end, or bytes
 * that are no text: the statement fails, they are passed over, or they are kept aside.
 */
export type BadRecords = "fail" | "pass_over" | RejectTables;

/** What is read, and how. */
export interface CsvRead {
  /** All compressed alike. */
  readonly files: readonly ScanFile[];
  readonly dialect: CsvDialect;
  /** Columns of the files, called `p0`, `p1`, ..., so that no name of theirs does harm. */
  readonly columns: number;
  readonly badRecords: BadRecords;
}

/** What the column of a file's path is called inside of a scan. */
export const pathColumn = "_hakiri_path";

/** Past so many DuckDB would drop a file's bad records without a word: one more than are taken. */
const rejectsPerFileMax = quarantinedRowsMax + 1;

/** Most bytes of one row; DuckDB reads by buffers of twice that, as it does without being told. */
export const rowBytesMax = 16 * 1024 * 1024;

/** The call. An empty text is no value unless it is quoted. */
export function csvReader({ files, dialect, columns, badRecords }: CsvRead): string {
  const names = Array.from({ length: columns }, (_, index) => `p${index}: 'VARCHAR'`);
  const options = [
    "auto_detect = false",
    ...dialectOptions(dialect),
    `columns = {${names.join(", ")}}`,
    ...fileOptions(files),
    `max_line_size = ${rowBytesMax}`,
    `buffer_size = ${2 * rowBytesMax}`,
    ...badRecordOptions(badRecords),
  ];
  return `read_csv(${[pathList(files), ...options].join(", ")})`;
}

/** The files as a list of literal paths. */
export function pathList(files: readonly ScanFile[]): string {
  return `[${files.map(({ path }) => quoteText(literalPath(path))).join(", ")}]`;
}

/** What every reader is told of its files. */
export function fileOptions(files: readonly ScanFile[]): readonly string[] {
  return [
    `compression = '${compressionOf(files)}'`,
    `filename = '${pathColumn}'`,
    // Else a folder called `year=2024` would add a column.
    "hive_partitioning = false",
  ];
}

function compressionOf(files: readonly ScanFile[]): string {
  const kinds = new Set(files.map((file) => file.compression));
  const [kind] = kinds;
  if (kind === undefined || kinds.size > 1) {
    throw new Error("expected the files of a scan to be compressed alike");
  }
  return kind === "none" ? "uncompressed" : kind;
}

/** The line end is left out: DuckDB finds it, and a wrong one would give no rows and no error. */
export function dialectOptions(dialect: CsvDialect): readonly string[] {
  const texts = ["", ...dialect.nullTexts].map(quoteText);
  return [
    `header = ${dialect.header}`,
    `delim = ${quoteText(dialect.delimiter)}`,
    `quote = ${quoteText(dialect.quote)}`,
    `escape = ${quoteText(dialect.escape)}`,
    `skip = ${dialect.skipLines}`,
    `encoding = ${quoteText(dialect.encoding)}`,
    `nullstr = [${texts.join(", ")}]`,
    "comment = ''",
  ];
}

function badRecordOptions(badRecords: BadRecords): readonly string[] {
  if (badRecords === "fail") return [];
  if (badRecords === "pass_over") return ["ignore_errors = true"];
  return [
    "store_rejects = true",
    `rejects_table = ${quoteText(badRecords.rejects)}`,
    `rejects_scan = ${quoteText(badRecords.scans)}`,
    `rejects_limit = ${rejectsPerFileMax}`,
  ];
}
