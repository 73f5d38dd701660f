/** What a CSV file is, by its first bytes: dialect and names, and whether there are rows at all. */
import type { CsvDialect } from "../../../src/connector.ts";
import type { DialectSettings } from "../config.ts";
import { headerNames } from "./header-names.ts";
import { afterLines, blankLines, parseRecords } from "./parse-records.ts";
import { sniffDialect, usualWidth } from "./sniff-dialect.ts";

/** The beginning of a file as text. */
export interface TextHead {
  /** Without a byte order mark. */
  readonly text: string;
  /** Whether that is all of the file. */
  readonly isWhole: boolean;
  /** The file's ending without that of its compression: `.tsv`. */
  readonly extension: string;
}

/** How a CSV file is read. */
export interface CsvLayout {
  readonly kind: "csv";
  readonly dialect: CsvDialect;
  /** Of all columns in the order of the file, each once. */
  readonly names: readonly string[];
  /** Fields of the header as they are; null where there is none. */
  readonly header: readonly string[] | null;
}

/** A layout, and whether the file has rows. */
export interface CsvReading {
  readonly layout: CsvLayout;
  readonly hasRows: boolean;
}

/**
 * The layout of a file. `known` are the layouts of files before it: one whose header this file has
 * too is taken over, and where it can't be told whether the first record is a header, what was
 * clear for a file of the same width is done here too. Null where the head ends within the first
 * record.
 */
export function readCsvLayout(
  head: TextHead,
  told: DialectSettings,
  encoding: CsvDialect["encoding"],
  known: readonly CsvLayout[],
): CsvReading | null {
  const same = known.find((layout) => hasHeaderOf(layout, head, encoding));
  if (same !== undefined) return { layout: same, hasRows: hasMoreThan(1, head, same) };
  const sniffed = sniffDialect(head, told);
  const [first] = sniffed.records;
  if (first === undefined && !head.isWhole) return null;
  const width = usualWidth(sniffed.records);
  const header =
    sniffed.header === "unclear" ? !isWithoutHeader(sniffed, width, known) : sniffed.header;
  const layout: CsvLayout = {
    kind: "csv",
    dialect: {
      delimiter: sniffed.delimiter,
      quote: sniffed.quote,
      escape: sniffed.escape,
      header,
      // DuckDB would take a blank line for the header.
      skipLines: told.skipLines + blankLines(afterLines(head.text, told.skipLines)),
      newline: sniffed.newline,
      encoding,
      nullTexts: told.nullTexts,
      dateFormat: told.dateFormat,
      timestampFormat: told.timestampFormat,
    },
    names: headerNames(header ? (first ?? []) : null, width),
    header: header ? (first ?? []) : null,
  };
  return { layout, hasRows: hasMoreThan(header ? 1 : 0, head, layout) };
}

function hasHeaderOf(
  { header, dialect }: CsvLayout,
  head: TextHead,
  encoding: CsvDialect["encoding"],
): boolean {
  if (header === null || dialect.encoding !== encoding) return false;
  if (blankLines(afterLines(head.text, dialect.skipLines)) > 0) return false;
  const [first] = firstRecords(head, dialect, 1);
  return first?.length === header.length && first.every((field, index) => field === header[index]);
}

function isWithoutHeader(
  { delimiter }: { readonly delimiter: string },
  width: number,
  known: readonly CsvLayout[],
): boolean {
  return known.some(
    ({ dialect, header, names }) =>
      header === null && dialect.delimiter === delimiter && names.length === width,
  );
}

function hasMoreThan(records: number, head: TextHead, { dialect }: CsvLayout): boolean {
  return !head.isWhole || firstRecords(head, dialect, records + 1).length > records;
}

function firstRecords(
  { text, isWhole }: TextHead,
  dialect: CsvDialect,
  recordsMax: number,
): readonly (readonly string[])[] {
  const rest = afterLines(text, dialect.skipLines);
  return parseRecords(rest, dialect, { recordsMax, isWhole }).records;
}
