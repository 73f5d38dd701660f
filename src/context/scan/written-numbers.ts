/**
 * Numbers of JSON as they are written. DuckDB parses a number with a fraction into a double and
 * prints that, so every function of it on JSON loses digits; only the text of a whole row has them.
 * Where a row has long numbers, all of its numbers are made strings with a mark before the JSON is
 * parsed, and made numbers again in what is JSON still.
 */
import { quoteText } from "../../core/identifier.ts";

/** A character that JSON has only as an escape, so no row has it before it is put there. */
const before = "chr(1)";
const after = "chr(2)";

/** A number's string as JSON writes it, which nobody else writes. */
const markText = "\\u0001";

/** A string, which is passed over with the digits in it; or a number. */
const tokens = '("(?:[^"\\\\]|\\\\.)*")|(-?[0-9][0-9.eE+-]*)';

/** What a double may not hold: more than 15 digits, or a power of ten of three. */
const long = "-?(?:[0-9][0-9.]{15}|[0-9.]+[eE][-+]?[0-9]{3})";

/** What stands before a number: a text of digits or a UUID in quotes is none. */
const start = "(?:^|[:\\[,\\s])";

/** Whether a row's text may have a number that a double doesn't hold. */
export function mayHaveLongNumbers(json: string): string {
  return `regexp_matches(${json}, ${quoteText(`${start}${long}`)})`;
}

/** Those numbers, as a list of texts. A text of the row may have some of them. */
export function longNumbers(json: string): string {
  return `regexp_extract_all(${json}, ${quoteText(`${start}(${long}[0-9.]*(?:[eE][-+]?[0-9]+)?)`)}, 1)`;
}

/** The row with its numbers as marked strings. */
export function markNumbers(json: string): string {
  const found = `regexp_replace(${json}, ${quoteText(tokens)}, '\\1' || ${before} || '\\2' || ${after}, 'g')`;
  const numbers = `replace(${found}, ${before} || ${after}, '')`;
  return `replace(replace(${numbers}, ${before}, '"${markText}'), ${after}, '"')`;
}

/** The text of a value of a marked row, be it a number or a string. */
export function unmarkedText(text: string): string {
  return `CASE WHEN ascii(${text}) = 1 THEN substr(${text}, 2) ELSE ${text} END`;
}

/** The JSON of a value of a marked row, its numbers as they were written. */
export function unmarkedJson(json: string): string {
  const marked = `"\\\\u0001(-?[0-9][0-9.eE+-]*)"`;
  return `regexp_replace(${json}, ${quoteText(marked)}, '\\1', 'g')`;
}

/** The numbers in the JSON of a value of a marked row, as a list of texts. */
export function markedNumbers(json: string): string {
  return `regexp_extract_all(${json}, ${quoteText(`"\\\\u0001([^"]*)"`)}, 1)`;
}
