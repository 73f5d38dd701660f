/**
 * Values as JSON text: of a column that becomes json, and of a row that is put aside. Numbers keep
 * their digits, whatever a double would make of them.
 */
import type { RecordBatch, Vector } from "../core/batch.ts";
import type { Field } from "../core/type.ts";
import { bitAt } from "./bitmap.ts";
import { getDecimal } from "./decimal-text.ts";
import { integerReader } from "./integer-reader.ts";
import { formatDate, formatTime, formatTimestamp } from "./temporal-format.ts";

/** Reads the JSON text of a row's value; `null` for none. */
export type JsonText = (row: number) => string;

/**
 * The reader of a column's values as JSON text: numbers as their digits, NaN and infinities as
 * strings, uuid, date, time and timestamp as strings of their usual form, binary as a string of
 * hexadecimal digits, json as it is.
 */
export function jsonTextOf(vector: Vector): JsonText {
  const read = valueReader(vector);
  const { validity, type } = vector;
  if (type.kind === "null") return () => "null";
  if (validity === null) return read;
  return (row) => (bitAt(validity, row) ? read(row) : "null");
}

/** The reader of whole rows as JSON objects, by the fields' names. */
export function jsonRowsOf(batch: RecordBatch, fields: readonly Field[]): JsonText {
  const members = fields.map((field, index) => {
    const column = batch.columns[index];
    if (column === undefined) throw new Error(`expected a column for the field ${field.name}`);
    return { name: JSON.stringify(field.name), text: jsonTextOf(column) };
  });
  return (row) => `{${members.map(({ name, text }) => `${name}:${text(row)}`).join(",")}}`;
}

function valueReader(vector: Vector): JsonText {
  const { type, values } = vector;
  const view = new DataView(values.buffer, values.byteOffset, values.byteLength);
  switch (type.kind) {
    case "null":
      return () => "null";
    case "bool":
      return (row) => String(bitAt(values, row));
    case "int":
      return textOf(integerReader(type, view));
    case "float":
      return type.bits === 32
        ? (row) => floatText(view.getFloat32(row * 4, true))
        : (row) => floatText(view.getFloat64(row * 8, true));
    case "decimal":
      return (row) => decimalText(getDecimal(view, row * 16), type.scale);
    case "uuid":
      return (row) => uuidText(values.subarray(row * 16, row * 16 + 16));
    case "date":
      return (row) => JSON.stringify(formatDate(view.getInt32(row * 4, true)));
    case "time":
      return (row) => JSON.stringify(formatTime(view.getBigInt64(row * 8, true)));
    case "timestamp":
      return (row) => JSON.stringify(formatTimestamp(view.getBigInt64(row * 8, true), type.zoned));
    case "text":
      return bytesReader(vector, (bytes) => JSON.stringify(decoder.decode(bytes)));
    case "json":
      return bytesReader(vector, (bytes) => decoder.decode(bytes));
    case "binary":
      return bytesReader(vector, (bytes) => `"${hexText(bytes)}"`);
    case "list":
      return listReader(vector);
    case "struct":
      return structReader(vector, type.fields);
  }
}

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

function textOf(read: (row: number) => bigint): JsonText {
  return (row) => read(row).toString();
}

function floatText(value: number): string {
  return Number.isFinite(value) ? JSON.stringify(value) : `"${value}"`;
}

function decimalText(unscaled: bigint, scale: number): string {
  const digits = (unscaled < 0n ? -unscaled : unscaled).toString().padStart(scale + 1, "0");
  const whole = digits.slice(0, digits.length - scale);
  const fraction = scale === 0 ? "" : `.${digits.slice(digits.length - scale)}`;
  return `${unscaled < 0n ? "-" : ""}${whole}${fraction}`;
}

function uuidText(bytes: Uint8Array): string {
  const hex = hexText(bytes);
  const ends = [0, 8, 12, 16, 20, 32];
  return `"${ends
    .slice(1)
    .map((end, index) => hex.slice(ends[index], end))
    .join("-")}"`;
}

function hexText(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function bytesReader({ offsets, values }: Vector, write: (bytes: Uint8Array) => string): JsonText {
  return (row) => write(values.subarray(offsets?.[row] ?? 0, offsets?.[row + 1] ?? 0));
}

function listReader({ offsets, children }: Vector): JsonText {
  const [child] = children;
  if (child === undefined) throw new Error("expected a list to have its items");
  const item = jsonTextOf(child);
  return (row) => {
    const items: string[] = [];
    for (let at = offsets?.[row] ?? 0; at < (offsets?.[row + 1] ?? 0); at += 1) {
      items.push(item(at));
    }
    return `[${items.join(",")}]`;
  };
}

function structReader({ children, length }: Vector, fields: readonly Field[]): JsonText {
  return jsonRowsOf({ rows: length, columns: children, tombstones: null }, fields);
}
