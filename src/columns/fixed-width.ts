/** The types whose values all have one width. */
import type { DataType } from "../core/type.ts";

/** A type of values of one width in whole bytes. */
export type FixedType = Extract<
  DataType,
  { kind: "int" | "float" | "decimal" | "uuid" | "date" | "time" | "timestamp" }
>;

/** Bytes that one value takes. */
export function widthOf(type: FixedType): number {
  switch (type.kind) {
    case "int":
    case "float":
      return type.bits / 8;
    case "decimal":
    case "uuid":
      return 16;
    case "date":
      return 4;
    case "time":
    case "timestamp":
      return 8;
  }
}

/** The width of a type's values in bytes; null for bits, for what offsets cut, and for nests. */
export function fixedWidthOf(type: DataType): number | null {
  switch (type.kind) {
    case "int":
    case "float":
    case "decimal":
    case "uuid":
    case "date":
    case "time":
    case "timestamp":
      return widthOf(type);
    case "null":
    case "bool":
    case "text":
    case "json":
    case "binary":
    case "list":
    case "struct":
      return null;
  }
}
