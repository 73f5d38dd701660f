/** The first records of CSV text (RFC 4180, with any line end), to find a dialect and the names. */

/** What separates fields and rows. */
export interface FieldMarks {
  /** One to four characters. */
  readonly delimiter: string;
  /** One character; empty for none. */
  readonly quote: string;
  /** One character; empty where quotes are doubled. */
  readonly escape: string;
}

/** The records at the beginning of a text. */
export interface FirstRecords {
  /** Blank lines are left out. */
  readonly records: readonly (readonly string[])[];
  /** Whether these are all records of the text. */
  readonly isAll: boolean;
}

/**
 * Parses at most `recordsMax` records. Where the text goes on beyond its end (`isWhole` false), a
 * record that its end cuts is left out. Quotes within a field that doesn't begin with one are text.
 */
export function parseRecords(
  text: string,
  marks: FieldMarks,
  { recordsMax, isWhole }: { readonly recordsMax: number; readonly isWhole: boolean },
): FirstRecords {
  const records: (readonly string[])[] = [];
  let at = 0;
  while (at < text.length) {
    if (records.length === recordsMax) return { records, isAll: false };
    const record = parseRecord(text, at, marks);
    at = record.end;
    if (at >= text.length && !isWhole) return { records, isAll: false };
    if (record.fields.length > 1 || record.fields[0] !== "") records.push(record.fields);
  }
  return { records, isAll: isWhole };
}

function parseRecord(
  text: string,
  from: number,
  marks: FieldMarks,
): { readonly fields: readonly string[]; readonly end: number } {
  const fields: string[] = [];
  let at = from;
  for (;;) {
    const isQuoted = marks.quote !== "" && text.startsWith(marks.quote, at);
    const field = isQuoted ? parseQuoted(text, at, marks) : { value: "", end: at };
    const end = fieldEnd(text, field.end, marks.delimiter);
    fields.push(field.value + text.slice(field.end, end));
    if (!text.startsWith(marks.delimiter, end)) return { fields, end: lineEnd(text, end) };
    at = end + marks.delimiter.length;
  }
}

function parseQuoted(
  text: string,
  from: number,
  { quote, escape }: FieldMarks,
): { readonly value: string; readonly end: number } {
  const mark = escape === "" ? quote : escape;
  let value = "";
  let at = from + 1;
  while (at < text.length) {
    const character = text[at] ?? "";
    if (
      character === mark &&
      (text[at + 1] === quote || (mark !== quote && text[at + 1] === mark))
    ) {
      value += text[at + 1] ?? "";
      at += 2;
    } else if (character === quote) {
      return { value, end: at + 1 };
    } else {
      value += character;
      at += 1;
    }
  }
  return { value, end: at };
}

function fieldEnd(text: string, from: number, delimiter: string): number {
  for (let at = from; at < text.length; at += 1) {
    if (text[at] === "\n" || text[at] === "\r" || text.startsWith(delimiter, at)) return at;
  }
  return text.length;
}

function lineEnd(text: string, at: number): number {
  return text.startsWith("\r\n", at) ? at + 2 : at + 1;
}

/** The text after so many lines, quotes or not; empty where there are no more. */
export function afterLines(text: string, lines: number): string {
  let rest = text;
  for (let line = 0; line < lines && rest !== ""; line += 1) {
    const end = /\r\n|\n|\r/u.exec(rest);
    rest = end === null ? "" : rest.slice(end.index + end[0].length);
  }
  return rest;
}

/** How many lines before the first that has anything in it. */
export function blankLines(text: string): number {
  const [blank = ""] = /^(?:\r\n|\n|\r)*/u.exec(text) ?? [];
  return blank.match(/\r\n|\n|\r/gu)?.length ?? 0;
}
