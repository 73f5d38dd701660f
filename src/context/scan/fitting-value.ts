/**
 * Values of a scan by themselves: which of a field's values a type holds exactly, whatever type was
 * found for all of them. Texts count by how they are written, `007` is no integer; so do a number
 * or a text of JSON, where an object or a list counts by what it is read as. A value of Parquet
 * counts by what it is.
 */
import type { FieldTarget } from "../../core/evolution/place-field.ts";
import type { Scan } from "../../core/scan.ts";
import type { DataType, Field } from "../../core/type.ts";
import { sqlType } from "../duckdb/sql-type.ts";
import { fieldColumn } from "./scan-relation.ts";
import { isoFormats, textReading } from "./text-value.ts";

/** SQL over the relation `s` of a scan. */
export interface FittingValue {
  /** Whether there is a value. */
  readonly isThere: string;
  /** The value as the type; to be asked for only where it fits. */
  readonly value: string;
  /** True where there is a value that fits, else false or null. */
  readonly isFitting: string;
}

/** The scan with the fields of which single values are kept as their texts. */
export function readSingly(scan: Scan, targets: readonly FieldTarget[]): Scan {
  if (scan.kind === "parquet") return scan;
  const type: DataType = { kind: scan.kind === "csv" ? "text" : "json" };
  const fields = scan.fields.map((field, place): Field => {
    const target = targets[place];
    const isSingle = target !== undefined && target.kind !== "column" && target.keeps !== null;
    return isSingle ? { ...field, type } : field;
  });
  return { ...scan, fields };
}

/** A field's values as a type; of a scan that `readSingly` made. */
export function fittingValue(scan: Scan, place: number, to: DataType): FittingValue {
  const field = `s.${fieldColumn(place)}`;
  switch (scan.kind) {
    case "csv":
      return fittingText(field, to, scan.dialect);
    case "json":
      return fittingJson(field, to);
    case "parquet":
      return fittingTyped(field, scan.fields[place]?.type ?? { kind: "null" }, to);
  }
}

function fittingText(
  text: string,
  to: DataType,
  formats: Parameters<typeof textReading>[1],
): FittingValue {
  const isThere = `${text} IS NOT NULL`;
  const reading = textReading(to, formats);
  if (reading === null) return { isThere, value: text, isFitting: isThere };
  const value = reading.cast(text);
  return { isThere, value, isFitting: `(${isThere} AND ${reading.isExact(text, value)})` };
}

function fittingJson(json: string, to: DataType): FittingValue {
  const isThere = `(${json} IS NOT NULL AND json_type(${json}) <> 'NULL')`;
  const told = { isThere };
  if (to.kind === "json") return { ...told, value: json, isFitting: isThere };
  if (to.kind === "list" || to.kind === "struct") {
    const value = `TRY_CAST(${json} AS ${sqlType(to)})`;
    // What is missing in an object is null in a struct.
    const written = (text: string): string => `json_merge_patch('{}', ${text})::VARCHAR`;
    const isExact = `${written(`to_json(${value})`)} = ${written(json)}`;
    return { ...told, value, isFitting: `(${isThere} AND ${isExact})` };
  }
  const text = `(${json} ->> '$')`;
  const { value, isFitting } = fittingText(text, to, isoFormats);
  const isWritten = isOfText(to) ? `json_type(${json}) = 'VARCHAR'` : isThere;
  return { ...told, value, isFitting: `(${isWritten} AND ${isFitting})` };
}

/** Whether JSON has values of a type as strings only. */
function isOfText({ kind }: DataType): boolean {
  return !["bool", "int", "float", "decimal"].includes(kind);
}

function fittingTyped(field: string, from: DataType, to: DataType): FittingValue {
  const isThere = `${field} IS NOT NULL`;
  if (to.kind === "json") return { isThere, value: `to_json(${field})`, isFitting: isThere };
  if (from.kind === "text") {
    // A tag promises what a text without it needn't keep.
    if (to.kind === "text") return { isThere, value: field, isFitting: `${to.tag === undefined}` };
    return fittingText(field, to, isoFormats);
  }
  const value = `TRY_CAST(${field} AS ${sqlType(to)})`;
  if (!isComparable(from, to)) return { isThere, value, isFitting: "false" };
  const back = `TRY_CAST(${value} AS ${sqlType(from)})`;
  return { isThere, value, isFitting: `(${isThere} AND ${back} = ${field})` };
}

/** Whether a value that comes back from the other type the same is one of both. */
function isComparable(from: DataType, to: DataType): boolean {
  if (isNumber(from) && isNumber(to)) return true;
  const isDay = from.kind === "timestamp" && !from.zoned && to.kind === "date";
  return isDay || JSON.stringify(from) === JSON.stringify(to);
}

function isNumber({ kind }: DataType): boolean {
  return kind === "int" || kind === "float" || kind === "decimal";
}
