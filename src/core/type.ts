/**
 * The logical types of a column. Each is an Arrow type, so that a batch needs no conversion on its
 * way to Arrow and Parquet; what a source has beyond these is mapped by its connector.
 */

/** A column's type. Timestamps and times are in microseconds, as everywhere in hakiri. */
export type DataType =
  | { readonly kind: "null" }
  | { readonly kind: "bool" }
  | { readonly kind: "int"; readonly bits: 8 | 16 | 32 | 64; readonly signed: boolean }
  | { readonly kind: "float"; readonly bits: 32 | 64 }
  /** 1 <= precision <= 38 and 0 <= scale <= precision; wider numbers are tagged text. */
  | { readonly kind: "decimal"; readonly precision: number; readonly scale: number }
  | { readonly kind: "text"; readonly tag?: TextTag }
  | { readonly kind: "json" }
  | { readonly kind: "uuid" }
  | { readonly kind: "binary" }
  /** Days since 1970-01-01 in the proleptic Gregorian calendar. */
  | { readonly kind: "date" }
  /** Microseconds since midnight, no zone. */
  | { readonly kind: "time" }
  /** Microseconds since 1970-01-01T00:00:00; `zoned` is an instant (UTC), else a wall clock. */
  | { readonly kind: "timestamp"; readonly zoned: boolean }
  | { readonly kind: "list"; readonly item: DataType }
  | { readonly kind: "struct"; readonly fields: readonly Field[] };

/** What a text column holds that no Arrow type holds without loss. */
export type TextTag = "numeric" | "interval" | "enum" | "range" | "network";

/** A named, typed place for values: a column as a source tells it, or a member of a struct. */
export interface Field {
  readonly name: string;
  readonly type: DataType;
  /** Whether a value may be missing. */
  readonly nullable: boolean;
}

/** The kinds that hold other types. */
export type NestedType = Extract<DataType, { kind: "list" | "struct" }>;

/** Whether the type holds other types, which hand-filled buffers don't cover. */
export function isNested(type: DataType): type is NestedType {
  return type.kind === "list" || type.kind === "struct";
}
