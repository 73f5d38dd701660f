/**
 * A scan as one SELECT. DuckDB finds nothing out by itself here: dialect, columns and types are
 * those that the scan names. Fields go by their places, since DuckDB takes `Id` for `id`.
 */
import { quoteIdentifier, quoteText } from "../../core/identifier.ts";
import { nameKey } from "../../core/name-text.ts";
import { fileColumn } from "../../core/reserved-column.ts";
import type { JsonLayout, Scan, ScanFile } from "../../core/scan.ts";
import type { DataType, Field } from "../../core/type.ts";
import { sqlType } from "../duckdb/sql-type.ts";
import { csvReader, fileOptions, pathColumn, pathList, type BadRecords } from "./csv-reader.ts";
import { jsonMember, jsonRows, writtenRows } from "./json-rows.ts";
import { transformOf } from "./json-structure.ts";
import { unmarkedJson, unmarkedText } from "./written-numbers.ts";
import { parquetReader } from "./parquet-reader.ts";
import { isoFormats, textReading, type DateFormats } from "./text-value.ts";

/** What becomes of rows that aren't what the scan promises. */
export interface BadRows {
  /** A value that its type doesn't hold exactly fails the statement, or its row is left out. */
  readonly values: "fail" | "leave_out";
  /** Only CSV has any: what isn't JSON or Parquet fails. */
  readonly records: BadRecords;
}

/** Fails at the first bad row. */
export const failing: BadRows = { values: "fail", records: "fail" };

/** What an error's text begins with that a bad value throws: then the field's index and a colon. */
export const badValueMark = "hakiri bad value ";

/** Characters of a bad value that are told. */
export const shownValueMax = 200;

/** What the field at a place is called in the relation of its scan. */
export function fieldColumn(place: number): string {
  return `f${place}`;
}

/**
 * Yields the scan's fields as `fieldColumn` calls them, then `_hakiri_file`; at most `rowsMax`
 * rows, the first ones.
 */
export function scanRelation(scan: Scan, badRows: BadRows): string {
  const source = sourceOf(scan, badRows.records);
  const values = source.values.map((value, index) => {
    const checked = badRows.values === "fail" ? failingValue(value, index) : value.value;
    return `${checked} AS ${fieldColumn(index)}`;
  });
  const file = fileNameOf(scan.files);
  const exact = source.values.flatMap((value) => value.isExact ?? []);
  const where =
    badRows.values === "leave_out" && exact.length > 0 ? `\nWHERE ${exact.join("\nAND ")}` : "";
  const limit = scan.rowsMax === null ? "" : `\nLIMIT ${scan.rowsMax}`;
  const columns = [...values, `${file} AS ${fileColumn.name}`];
  return `SELECT ${columns.join(",\n")}\nFROM (${source.from}) AS t${where}${limit}`;
}

/** A field of a scan in terms of its source. */
export interface SourceValue {
  readonly field: Field;
  /** Its text before any cast; null where DuckDB reads the type by itself. */
  readonly text: string | null;
  readonly value: string;
  /**
   * Whether the row is fine, as far as this value goes: an expression that is true, or else false
   * or null; to ask for either would double its cost. Null where every row is fine.
   */
  readonly isExact: string | null;
}

/** A SELECT and how the fields come from it, called `t`. */
export interface ScanSource {
  readonly from: string;
  readonly values: readonly SourceValue[];
}

/** What a scan reads, before bad rows are dealt with. */
export function sourceOf(scan: Scan, badRecords: BadRecords): ScanSource {
  switch (scan.kind) {
    case "csv":
      return csvSource(scan, badRecords);
    case "json":
      return jsonSource(scan);
    case "parquet":
      return parquetSource(scan);
  }
}

function failingValue({ text, value, isExact }: SourceValue, index: number): string {
  if (text === null || isExact === null) return value;
  const message = `${quoteText(`${badValueMark}${index}:`)} || left(${text}, ${shownValueMax})`;
  return `CASE WHEN ${isExact} THEN ${value} ELSE error(${message}) END`;
}

type CsvScan = Extract<Scan, { kind: "csv" }>;
type JsonScan = Extract<Scan, { kind: "json" }>;

function csvSource(scan: CsvScan, badRecords: BadRecords): ScanSource {
  const { files, dialect, fileFields } = scan;
  const fields = scan.fields.map((field) => {
    return { field, place: placeOf(field, scan), isText: true, isRounded: isRounded(scan, field) };
  });
  const reader = csvReader({ files, dialect, columns: fileFields.length, badRecords });
  return readFields(reader, fields, dialect);
}

function placeOf({ name }: Field, { fileFields }: CsvScan | ParquetScan): number {
  const place = fileFields.findIndex((field) => field.name === name);
  if (place === -1) throw new Error(`expected the field ${name} among those of the files`);
  return place;
}

/** A field, and the column `p<place>` of a reader that has it. */
interface PlacedField {
  readonly field: Field;
  readonly place: number;
  /** Whether that column is its text, to be cast; else it is of its type. */
  readonly isText: boolean;
  /** Whether a float may have less digits than its text. */
  readonly isRounded: boolean;
}

function isRounded({ rounded }: Scan, { name }: Field): boolean {
  return rounded?.includes(name) ?? false;
}

/** Beside each text `p<place>` stands the value `c<place>` that DuckDB makes of it, made once. */
function readFields(
  reader: string,
  fields: readonly PlacedField[],
  formats: DateFormats,
): ScanSource {
  const placed = fields.map((field) => ({
    ...field,
    reading: field.isText ? textReading(field.field.type, formats, field.isRounded) : null,
  }));
  const columns = placed.flatMap(({ place, reading }) => {
    const text = `p${place}`;
    return reading === null ? [text] : [text, `${reading.cast(text)} AS c${place}`];
  });
  return {
    from: `SELECT ${[...columns, pathColumn].join(", ")} FROM ${reader}`,
    values: placed.map(({ field, place, reading }) => {
      const text = `t.p${place}`;
      if (reading === null) return { field, text: null, value: text, isExact: null };
      const value = `t.c${place}`;
      const isExact = `(${text} IS NULL OR ${reading.isExact(text, value)})`;
      return { field, text, value, isExact };
    }),
  };
}

function jsonSource(scan: JsonScan): ScanSource {
  const fields = scan.fields.map((field, place) => {
    return {
      field,
      place,
      isText: readAsText(field.type) || (scan.isWritten === true && field.type.kind === "float"),
      isRounded: isRounded(scan, field),
    };
  });
  const reader =
    scan.isWritten === true || hasOddNames(scan.fields)
      ? extractingReader(scan)
      : columnsReader(scan);
  return readFields(reader, fields, isoFormats);
}

/** Integers as well: DuckDB reads 2 of `1.5` when it is told that they are integers. */
function readAsText({ kind }: DataType): boolean {
  return ["int", "decimal", "date", "time", "timestamp", "null"].includes(kind);
}

/** Names that DuckDB takes for one, or for none. */
function hasOddNames(fields: readonly Field[]): boolean {
  if (fields.some(({ name }) => name === "" || name.includes("\0"))) return true;
  return new Set(fields.map(({ name }) => nameKey(name))).size < fields.length;
}

/** Most bytes of one JSON value. DuckDB takes buffers of a multiple of it. */
const jsonBytesMax = 64 * 1024 * 1024;

/** The columns `p<place>`: DuckDB parses a row once. */
function columnsReader({ fields, layout, files }: JsonScan): string {
  const columns = fields.map(
    ({ name, type }) => `${quoteIdentifier(name)}: ${quoteText(jsonType(type))}`,
  );
  const options = [...jsonOptions(layout, files), `columns = {${columns.join(", ")}}`];
  const names = fields.map(({ name }, place) => `${quoteIdentifier(name)} AS p${place}`);
  const reader = `read_json(${[pathList(files), ...options].join(", ")})`;
  return `(SELECT ${[...names, pathColumn].join(", ")} FROM ${reader})`;
}

/** The same by a search for each name, which tells `Id` from `id`. */
function extractingReader({ fields, layout, files, isWritten }: JsonScan): string {
  const rows = isWritten === true ? writtenRows : jsonRows;
  const values = fields.map((field, place) => {
    const value = isWritten === true ? writtenValue(field) : memberValue("json", field);
    return `${value} AS p${place}`;
  });
  const from = rows(jsonOptions(layout, files), files);
  return `(SELECT ${[...values, pathColumn].join(", ")} FROM ${from})`;
}

function memberValue(json: string, { name, type }: Field): string {
  const member = jsonMember(json, name);
  if (jsonType(type) === "VARCHAR") return `(${member} ->> '$')`;
  const value = `nullif(${member}::VARCHAR, 'null')::JSON`;
  if (type.kind === "json") return value;
  // A cast would want all members to be there; that all values fit has been looked at.
  if (type.kind === "list" || type.kind === "struct") {
    return `json_transform(${value}, ${quoteText(transformOf(type))})`;
  }
  return `CAST(${value} AS ${jsonType(type)})`;
}

/** What is no number, and has none that a double rounds, is in the row as it came. */
function writtenValue({ name, type }: Field): string {
  const isText = jsonType(type) === "VARCHAR" || type.kind === "float";
  if (isText) return unmarkedText(memberValue("marked", { name, type: text, nullable: true }));
  if (type.kind !== "json") return memberValue("json", { name, type, nullable: true });
  const member = `nullif(${jsonMember("marked", name)}::VARCHAR, 'null')`;
  return `${unmarkedJson(member)}::JSON`;
}

const text: DataType = { kind: "text" };

function jsonType(type: DataType): string {
  return readAsText(type) ? "VARCHAR" : sqlType(type);
}

/** How DuckDB's JSON readers are told of the files. */
export function jsonOptions(layout: JsonLayout, files: readonly ScanFile[]): readonly string[] {
  if (layout.shape === "map" || layout.pointer !== "") {
    throw new Error("expected rows: maps, and what a pointer leads to, are cut out by the source");
  }
  return [
    `format = '${jsonFormats[layout.shape]}'`,
    `maximum_object_size = ${jsonBytesMax}`,
    ...fileOptions(files),
  ];
}

const jsonFormats = {
  array: "array",
  lines: "newline_delimited",
  documents: "unstructured",
} as const;

type ParquetScan = Extract<Scan, { kind: "parquet" }>;

function parquetSource(scan: ParquetScan): ScanSource {
  const { fields, fileFields, files } = scan;
  return {
    from: `SELECT * FROM ${parquetReader(files, fileFields.length)}`,
    values: fields.map((field) => {
      const value = `CAST(t.p${placeOf(field, scan)} AS ${sqlType(field.type)})`;
      return { field, text: null, value, isExact: null };
    }),
  };
}

/**
 * A file's name by its path. A literal for one file, since making it for each row costs a tenth of
 * the whole scan; else cut off the path where all paths begin alike.
 */
export function fileNameOf(files: readonly ScanFile[]): string {
  const [first] = files;
  if (first === undefined) throw new Error("expected at least one file");
  if (files.length === 1) return quoteText(first.name);
  const root = first.path.slice(0, first.path.length - first.name.length);
  if (files.every(({ path, name }) => path === `${root}${name}`)) {
    return `substr(t.${pathColumn}, ${Array.from(root).length + 1})`;
  }
  const paths = files.map(({ path }) => quoteText(path)).join(", ");
  const names = files.map(({ name }) => quoteText(name)).join(", ");
  // A join would be faster, and doesn't keep the rows' order.
  return `([${names}])[list_position([${paths}], t.${pathColumn})]`;
}
