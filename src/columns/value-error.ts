/** What is wrong with a value that its column doesn't hold, as an error that names both. */
import { HakiriError } from "../core/error.ts";
import { typeName } from "../core/type-name.ts";
import type { DataType } from "../core/type.ts";

/** Why a value is not taken; the error's code is `value.` and this. */
export type ValueFault =
  /** Of a kind that the type isn't made from. */
  | "wrong_type"
  /** Of the kind, but smaller or larger than the type's values. */
  | "out_of_range"
  /** Would lose digits. */
  | "inexact"
  /** A text that isn't of the type's form. */
  | "unreadable"
  /** NaN, an infinity, or what else is no finite number. */
  | "not_a_decimal"
  | "not_json"
  /** A text with half of a surrogate pair. */
  | "not_unicode"
  /** More bytes or items than a batch may have. */
  | "too_large"
  /** A struct with a member that its type doesn't have. */
  | "unexpected_member"
  /** No value where there must be one. */
  | "missing";

/** The place that a value was meant for. */
export interface ValuePlace {
  /** The column's name, with the path to a member or item in it. */
  readonly column: string;
  readonly type: DataType;
}

const shownMax = 200;

/** The SchemaIncompatible error of a value, which is in its `evidence`, cut to 200 characters. */
export function valueError(fault: ValueFault, place: ValuePlace, value: unknown): HakiriError {
  const shown = show(value);
  return new HakiriError({
    kind: "SchemaIncompatible",
    code: `value.${fault}`,
    message: `expected ${typeName(place.type)} in column '${place.column}', got ${shown}`,
    hint: hintOf(fault),
    evidence: { column: place.column, value: shown },
  });
}

function show(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(cut(value));
  if (typeof value === "bigint") return cut(String(value));
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  if (value === null || value === undefined) return "no value";
  if (value instanceof Uint8Array) return `${value.byteLength} bytes`;
  return Array.isArray(value) ? `a list of ${value.length}` : typeof value;
}

function cut(text: string): string {
  return text.length <= shownMax ? text : `${text.slice(0, shownMax).toWellFormed()}...`;
}

function hintOf(fault: ValueFault): string {
  switch (fault) {
    case "wrong_type":
    case "out_of_range":
    case "inexact":
    case "unreadable":
    case "unexpected_member":
      return "read the column as text, or discard such rows with contract.data_type = 'discard_row'";
    case "not_a_decimal":
      return "read the column as double or text, or discard such rows";
    case "not_json":
    case "not_unicode":
      return "correct the value in its source, or discard such rows";
    case "too_large":
      return "leave the column out, or split the value in its source";
    case "missing":
      return "correct the row in its source, or discard such rows";
  }
}
