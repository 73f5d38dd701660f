/**
 * The dialect of a CSV file by its first records. DuckDB's own sniffer isn't asked: it takes ragged
 * rows for one wide column, forgets the quote that its sample didn't have, and skips lines unasked.
 */
import type { DialectSettings } from "../config.ts";
import { afterLines, parseRecords, type FieldMarks } from "./parse-records.ts";

/** What was found, and what was told. */
export interface SniffedDialect extends FieldMarks {
  /** `unclear` where all of the first record might be data as well. */
  readonly header: boolean | "unclear";
  readonly newline: "\n" | "\r" | "\r\n";
  /** The first records, without the skipped lines; the header is among them. */
  readonly records: readonly (readonly string[])[];
  /** Whether the file has no more records than these. */
  readonly isAll: boolean;
}

/** Records that a dialect is judged by. */
const recordsMax = 200;

/** In the order of preference among those that divide all records alike: rare ones first. */
const delimiters = ["\t", "|", ";", ","];

/** Finds what isn't told. `extension` is the file's ending without its compression, as `.tsv`. */
export function sniffDialect(
  head: { readonly text: string; readonly isWhole: boolean; readonly extension: string },
  told: DialectSettings,
): SniffedDialect {
  const text = afterLines(head.text, told.skipLines);
  const limits = { recordsMax, isWhole: head.isWhole };
  const quote = told.quote ?? '"';
  const candidates = candidateDelimiters(told, head.extension).flatMap((delimiter) =>
    candidateEscapes(told, quote, text).map((escape) => {
      const marks = { delimiter, quote, escape };
      const { records, isAll } = parseRecords(text, marks, limits);
      return { marks, records, isAll, score: scoreOf(records) };
    }),
  );
  const [first, ...rest] = candidates;
  if (first === undefined) throw new Error("expected at least one delimiter to try");
  const best = rest.reduce((a, b) => (b.score > a.score ? b : a), first);
  // Nothing divides the records: they have one field, and a comma can do no harm.
  const plain = candidates.findLast(({ marks }) => marks.delimiter === ",");
  const chosen = best.score > 0 || told.delimiter !== null ? best : (plain ?? best);
  return {
    ...chosen.marks,
    header: told.header ?? guessHeader(chosen.records),
    newline: newlineOf(text),
    records: chosen.records,
    isAll: chosen.isAll,
  };
}

function candidateDelimiters(told: DialectSettings, extension: string): readonly string[] {
  if (told.delimiter !== null) return [told.delimiter];
  if (extension === ".tsv") return ["\t"];
  return extension === ".psv" ? ["|"] : delimiters;
}

/** Doubled quotes are the rule; a backslash is tried where one stands before a quote. */
function candidateEscapes(told: DialectSettings, quote: string, text: string): readonly string[] {
  if (told.escape !== null) return [told.escape];
  if (quote === "") return [""];
  return text.includes(`\\${quote}`) ? [quote, "\\"] : [quote];
}

/** The share of records that have the most frequent number of fields; 0 where that is 1. */
function scoreOf(records: readonly (readonly string[])[]): number {
  const width = usualWidth(records);
  if (width < 2) return 0;
  return records.filter((record) => record.length === width).length / records.length;
}

/** How many fields most records have; of equally many the first record's number, or the larger. */
export function usualWidth(records: readonly (readonly string[])[]): number {
  const first = records[0]?.length;
  const counts = [...Map.groupBy(records, (record) => record.length)];
  const [best] = counts.toSorted(
    ([a, x], [b, y]) => y.length - x.length || Number(b === first) - Number(a === first) || b - a,
  );
  return best?.[0] ?? 0;
}

/**
 * A first record whose text stands above values of another kind is a header; one that has values
 * itself, number, date or truth, is none. Where all is text it can't be told.
 */
function guessHeader(records: readonly (readonly string[])[]): boolean | "unclear" {
  const [first = [], ...rest] = records;
  const isAbove = first.some((name, column) => {
    if (name.trim() === "" || isValue(name)) return false;
    const values = rest.flatMap((record) => record[column] ?? []).filter((value) => value !== "");
    return values.length > 0 && values.every(isValue);
  });
  if (isAbove) return true;
  return first.some(isValue) ? false : "unclear";
}

const numeric = /^[-+]?(?:\d+(?:[.,]\d+)*|\.\d+)(?:e[-+]?\d+)?$/iu;
const temporal = /^\d{1,4}[-/.:]\d{1,2}(?:[-/.:]\d{1,4})?(?:[T ]\d{1,2}:\d{2}.*)?$/iu;

function isValue(text: string): boolean {
  const trimmed = text.trim();
  return numeric.test(trimmed) || temporal.test(trimmed) || /^(?:true|false)$/iu.test(trimmed);
}

function newlineOf(text: string): "\n" | "\r" | "\r\n" {
  const [found] = /\r\n|\n|\r/u.exec(text) ?? [];
  return found === "\r\n" || found === "\r" ? found : "\n";
}
