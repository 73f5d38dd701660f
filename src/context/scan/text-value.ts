/**
 * How texts of a file become values of a type in SQL, exactly or not at all. DuckDB's own casts
 * round `1.5` to 2, read `007` as 7 and drop an offset, all without a word; so each cast comes with
 * a check. The checks are made to be cheap where values look as usual.
 */
import { quoteText } from "../../core/identifier.ts";
import type { CsvDialect } from "../../core/scan.ts";
import type { DataType } from "../../core/type.ts";
import { sqlType } from "../duckdb/sql-type.ts";

/** Formats of dates that aren't ISO 8601; null for ISO. */
export type DateFormats = Pick<CsvDialect, "dateFormat" | "timestampFormat">;

/** Formats of JSON, and of files that say nothing. */
export const isoFormats: DateFormats = { dateFormat: null, timestampFormat: null };

/** The SQL of one type. */
export interface TextReading {
  /** The value of a text; null where DuckDB makes none of it. */
  readonly cast: (text: string) => string;
  /** Whether the value says exactly what the text says; false or null where it doesn't. */
  readonly isExact: (text: string, value: string) => string;
}

/** How texts are read as a type; null where the text is the value. */
export function textReading(type: DataType, formats: DateFormats): TextReading | null {
  const cast = (text: string): string => `TRY_CAST(${text} AS ${sqlType(type)})`;
  switch (type.kind) {
    case "text":
      return null;
    case "null":
      return { cast, isExact: () => "false" };
    case "bool":
      return { cast, isExact: (text) => `lower(${text}) IN ('true', 'false')` };
    case "int":
      return { cast, isExact: (text, value) => `${value}::VARCHAR = ${text}` };
    case "float":
      return { cast, isExact: isExactFloat };
    case "decimal":
      return { cast, isExact: (text, value) => isExactDecimal(text, value, type.scale) };
    case "date":
      return formatted(formats.dateFormat, "DATE") ?? { cast, isExact: isExactDate };
    case "timestamp":
      return (
        formatted(formats.timestampFormat, sqlType(type)) ?? {
          cast,
          isExact: type.zoned ? isExactInstant : isExactTimestamp,
        }
      );
    case "time":
      return { cast, isExact: (text, value) => `${value} IS NOT NULL AND ${matches(text, clock)}` };
    case "uuid":
      return { cast, isExact: (text, value) => `${value} IS NOT NULL AND strlen(${text}) = 36` };
    case "json":
      return { cast, isExact: (text) => `json_valid(${text})` };
    case "binary":
      return { cast: (text) => `encode(${text})`, isExact: () => "true" };
    case "list":
    case "struct":
      return { cast, isExact: (_, value) => `${value} IS NOT NULL` };
  }
}

/** Whoever names a format says how exact it is. */
function formatted(format: string | null, type: string): TextReading | null {
  if (format === null) return null;
  return {
    cast: (text) => `TRY_CAST(try_strptime(${text}, ${quoteText(format)}) AS ${type})`,
    isExact: (_, value) => `${value} IS NOT NULL`,
  };
}

/** A number as JSON and most programs write it: no sign before it but `-`, no zeros in front. */
const number = "-?(0|[1-9][0-9]*)?([.][0-9]*)?([eE][-+]?[0-9]+)?";
const noNumber = "-?(nan|NaN|NAN|inf|Inf|INF|[iI]nfinity)";
const clock = "[0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]{1,6})?";
const day = "[0-9]{4}[-/][0-9]{2}[-/][0-9]{2}";
const offset = "([Zz]|[-+][0-9]{2}(:?[0-9]{2})?)";

function matches(text: string, pattern: string): string {
  return `regexp_full_match(${text}, '${pattern}')`;
}

/**
 * An integer of more than 15 digits may lose some; a fraction is never a double's exactly, and who
 * writes one knows. Most numbers begin with 1 to 9, and need no regular expression.
 */
function isExactFloat(text: string, value: string): string {
  const isUsual = `ascii(${text}) BETWEEN 49 AND 57 AND NOT contains(${text}, '_')`;
  const hasAllDigits = `(contains(${text}, '.') OR strlen(${text}) <= 15)`;
  const isNumber = `((${isUsual}) OR ${matches(text, number)})`;
  return (
    `((isfinite(${value}) AND ${hasAllDigits} AND ${isNumber}) ` +
    `OR (NOT isfinite(${value}) AND ${matches(text, noNumber)}))`
  );
}

function isExactDecimal(text: string, value: string, scale: number): string {
  const fraction = scale === 0 ? "" : `([.][0-9]{1,${scale}})?`;
  return `${value} IS NOT NULL AND ${matches(text, `-?(0|[1-9][0-9]*)${fraction}`)}`;
}

function isExactDate(text: string, value: string): string {
  return `${value} IS NOT NULL AND strlen(${text}) = 10`;
}

/** The pattern of LIKE costs a tenth of a regular expression, and most texts have its length. */
function isExactTimestamp(text: string, value: string): string {
  const isUsual = `${text} LIKE '____-__-_____:__:__'`;
  const isOther = `strlen(${text}) = 10 OR ${matches(text, `${day}[ T]${clock}`)}`;
  return `${value} IS NOT NULL AND (${isUsual} OR ${isOther})`;
}

function isExactInstant(text: string, value: string): string {
  return `${value} IS NOT NULL AND ${matches(text, `${day}[ T]${clock} ?${offset}`)}`;
}
