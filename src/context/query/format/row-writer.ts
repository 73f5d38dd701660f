/**
 * Rows of a result as the text of a document: JSON, JSON lines or CSV. A writer has a beginning, an
 * end, and rows; whoever uses it cuts the text to pieces.
 *
 * JSON is one array of objects, a row a line. Equal column names get `:1`, `:2` in objects. CSV is
 * RFC 4180: a header line, CRLF, quotes where a field has a quote, the delimiter or a line end in
 * it, or is an empty text; NULL is an empty field. A text that a spreadsheet would take for a
 * formula is left as it is: these are data, and another program must read what was there.
 */
import type { DuckDBDataChunk, DuckDBType } from "@duckdb/node-api";
import { jsonText, plainText, type Numbers, type ValueText } from "./value-text.ts";

/** A column of a result. */
export interface WrittenColumn {
  readonly name: string;
  readonly type: DuckDBType;
}

/** Writes the rows of one result. */
export interface RowWriter {
  readonly begin: string;
  /** The text of a row by its index in the chunk; asked once a row, in order. */
  rows(chunk: DuckDBDataChunk): (row: number) => string;
  readonly end: string;
}

/** Writes one JSON document. */
export function jsonWriter(columns: readonly WrittenColumn[], numbers: Numbers): RowWriter {
  const objects = objectsOf(columns, numbers);
  let separator = "";
  return {
    begin: "[",
    rows: (chunk) => {
      const object = objects(chunk);
      return (row) => {
        const text = separator + object(row);
        separator = ",\n";
        return text;
      };
    },
    end: "]\n",
  };
}

/** Writes one JSON object a line. */
export function jsonLinesWriter(columns: readonly WrittenColumn[], numbers: Numbers): RowWriter {
  const objects = objectsOf(columns, numbers);
  return {
    begin: "",
    rows: (chunk) => {
      const object = objects(chunk);
      return (row) => `${object(row)}\n`;
    },
    end: "",
  };
}

function objectsOf(
  columns: readonly WrittenColumn[],
  numbers: Numbers,
): (chunk: DuckDBDataChunk) => (row: number) => string {
  const keys = uniqueNames(columns).map((name, index) => {
    return `${index === 0 ? "{" : ","}${JSON.stringify(name)}:`;
  });
  const texts = columns.map(({ type }) => jsonText(type, numbers));
  return (chunk) => {
    const cells = texts.map((text, index) => cellsOf(chunk, index, text));
    return (row) => {
      let line = "";
      for (const [index, cell] of cells.entries()) line += `${keys[index]}${cell(row) ?? "null"}`;
      return `${line}}`;
    };
  };
}

/** As DuckDB's clients tell equal names apart. */
function uniqueNames(columns: readonly WrittenColumn[]): readonly string[] {
  const taken = new Set<string>();
  return columns.map(({ name }) => {
    let unique = name;
    for (let count = 1; taken.has(unique); count += 1) unique = `${name}:${count}`;
    taken.add(unique);
    return unique;
  });
}

/** Writes CSV, its fields apart by a comma or a tab. */
export function csvWriter(columns: readonly WrittenColumn[], delimiter: "," | "\t"): RowWriter {
  const special = delimiter === "," ? /[",\r\n]/u : /["\t\r\n]/u;
  const field = (text: string): string =>
    text === "" || special.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  const texts = columns.map(({ type }) => plainText(type));
  const header = columns.map(({ name }) => field(name)).join(delimiter);
  return {
    begin: `${header}\r\n`,
    rows: (chunk) => {
      const cells = texts.map((text, index) => cellsOf(chunk, index, text));
      return (row) => {
        let line = "";
        for (const [index, cell] of cells.entries()) {
          const text = cell(row);
          if (index > 0) line += delimiter;
          if (text !== null) line += field(text);
        }
        return `${line}\r\n`;
      };
    },
    end: "",
  };
}

/** The texts of one column of a chunk by row; null for NULL. */
export function cellsOf(
  chunk: DuckDBDataChunk,
  column: number,
  text: ValueText,
): (row: number) => string | null {
  const vector = chunk.getColumnVector(column);
  return (row) => {
    const value = vector.getItem(row);
    return value === null ? null : text(value);
  };
}
