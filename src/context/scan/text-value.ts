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

/**
 * How texts are read as a type; null where the text is the value. Doubles take the digits that they
 * hold; with `isRounded` they round the others away.
 */
export function textReading(
  type: DataType,
  formats: DateFormats,
  isRounded = false,
): TextReading | null {
  const cast = (text: string): string => `TRY_CAST(${text} AS ${sqlType(type)})`;
  switch (type.kind) {
    case "text":
      if (type.tag !== "numeric") return null;
      return { cast: (text) => text, isExact: (text) => matches(text, anyNumber) };
    case "null":
      return { cast, isExact: () => "false" };
    case "bool":
      return { cast, isExact: isExactBool };
    case "int":
      return { cast, isExact: (text, value) => `${value}::VARCHAR = ${text}` };
    case "float":
      return { cast, isExact: isRounded ? isRoundedFloat : isExactFloat };
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
/** The same, with a digit in any case. */
const anyNumber = "-?((0|[1-9][0-9]*)([.][0-9]*)?|[.][0-9]+)([eE][-+]?[0-9]+)?";
const noNumber = "-?(nan|NaN|NAN|inf|Inf|INF|[iI]nfinity)";
const clock = "[0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]{1,6})?";
const day = "[0-9]{4}[-/][0-9]{2}[-/][0-9]{2}";
const offset = "([Zz]|[-+][0-9]{2}(:?[0-9]{2})?)";

function matches(text: string, pattern: string): string {
  return `regexp_full_match(${text}, '${pattern}')`;
}

/** Most digits that each double of a usual size keeps. */
const doubleDigitsMax = 15;

/** From here to its negative each integer is a double. */
const exactIntegerMax = 2n ** 53n;

/**
 * Whether the double, written down, is the number that the text is: always with 15 digits, often
 * with 17, which is how programs write their doubles. Most numbers begin with 1 to 9 and are short,
 * and need no regular expression. Doubles below 1e-290 may have fewer digits than others. CASE
 * leaves out what isn't asked for, where AND and OR look at all of it.
 */
function isExactFloat(text: string, value: string): string {
  const isUsual =
    `${value} BETWEEN 1e-290 AND 1e300 AND strlen(${text}) <= ${doubleDigitsMax} ` +
    `AND ascii(${text}) BETWEEN 49 AND 57 AND NOT contains(${text}, '_')`;
  const isShort =
    `(strlen(${text}) <= ${doubleDigitsMax} ` +
    `OR (strlen(${text}) = ${doubleDigitsMax + 1} AND contains(${text}, '.')))`;
  const isPrinted = `(${value}::VARCHAR = ${text} AND abs(${value}) <= ${exactIntegerMax})`;
  const isShortEnough = `(${isShort} AND abs(${value}) >= 1e-290)`;
  const holds =
    `CASE WHEN ${isShortEnough} THEN true ` +
    `WHEN ${isPrinted} THEN true ELSE ${hasSameDigits(text, value)} END`;
  return (
    `CASE WHEN ${isUsual} THEN true ` +
    `WHEN isfinite(${value}) THEN ${matches(text, number)} AND ${holds} ` +
    `WHEN ${value} IS NOT NULL THEN ${matches(text, noNumber)} END`
  );
}

/** Of finite doubles. Past 2^53 a number without a power of ten says more than a double does. */
function hasSameDigits(text: string, value: string): string {
  const same = `${digits(text)} = ${digits(`${value}::VARCHAR`)}`;
  const isWithin = `(abs(${value}) <= ${exactIntegerMax} OR ${matches(text, ".*[eE].*")})`;
  return `(${same} AND ${isWithin})`;
}

/** The digits of a number without its sign, point, power of ten and outer zeros. */
function digits(text: string): string {
  return `trim(regexp_replace(regexp_replace(${text}, '[eE].*', ''), '[-.]', '', 'g'), '0')`;
}

function isRoundedFloat(text: string, value: string): string {
  return (
    `((isfinite(${value}) AND ${matches(text, number)}) ` +
    `OR (NOT isfinite(${value}) AND ${matches(text, noNumber)}))`
  );
}

/**
 * Digits before and after the point of the longest plain decimal, and whether all texts are such:
 * aggregates over texts, each a number.
 */
export function decimalDigits(text: string): {
  readonly whole: string;
  readonly fraction: string;
  readonly isPlain: string;
} {
  const whole = `strlen(ltrim(split_part(${text}, '.', 1), '-0'))`;
  return {
    whole: `max(${whole})`,
    fraction: `max(strlen(split_part(${text}, '.', 2)))`,
    isPlain: `bool_and(${text} IS NULL OR NOT ${matches(text, ".*[eE].*")})`,
  };
}

function isExactDecimal(text: string, value: string, scale: number): string {
  const whole = "(0|[1-9][0-9]*)";
  const plain = scale === 0 ? whole : `(${whole}([.][0-9]{0,${scale}})?|[.][0-9]{1,${scale}})`;
  return `${value} IS NOT NULL AND ${matches(text, `-?${plain}`)}`;
}

function isExactDate(text: string, value: string): string {
  return `${value} IS NOT NULL AND strlen(${text}) = 10`;
}

/** The pattern of LIKE costs a tenth of a regular expression, and most texts are like it. */
function isExactTimestamp(text: string, value: string): string {
  const isUsual = `${value} IS NOT NULL AND ${text} LIKE '____-__-_____:__:__'`;
  const isOther = `strlen(${text}) = 10 OR ${matches(text, `${day}[ T]${clock}`)}`;
  return usually(isUsual, `${value} IS NOT NULL AND (${isOther})`);
}

function isExactBool(text: string): string {
  const words = "IN ('true', 'false')";
  return usually(`${text} ${words}`, `lower(${text}) ${words}`);
}

/** The cheap check for most texts, the other one for what it leaves. */
function usually(isUsual: string, otherwise: string): string {
  return `CASE WHEN ${isUsual} THEN true ELSE ${otherwise} END`;
}

function isExactInstant(text: string, value: string): string {
  return `${value} IS NOT NULL AND ${matches(text, `${day}[ T]${clock} ?${offset}`)}`;
}
