/**
 * Builders of columns from JavaScript values: one a type, each filling typed arrays by hand. For
 * values that are JavaScript's already; a decoder of a wire format fills its buffers by itself.
 */
import type { Vector } from "../core/batch.ts";
import type { DataType } from "../core/type.ts";
import { bytesBuilder } from "./build/bytes-builder.ts";
import { fixedBuilder } from "./build/fixed-builder.ts";
import { listBuilder, structBuilder } from "./build/nested-builder.ts";
import { boolBuilder, nullBuilder } from "./build/plain-builder.ts";

/** Builds the values of one column, in order. */
export interface VectorBuilder {
  readonly length: number;
  /** About the bytes that the vector will hold. */
  readonly sizeBytes: number;
  /**
   * Appends a value; null and undefined are no value. Taken are: booleans; for int a number, bigint
   * or text of digits; for float a number or its text, `NaN` and infinities included; for decimal a
   * finite number (by its shortest text), bigint or text; for text and uuid a text; for json the
   * text of a JSON document; for binary a Uint8Array; for date, time and timestamp ISO 8601 texts;
   * for list an array; for struct an object of its members. Throws SchemaIncompatible `value.*`
   * for any other, having appended nothing.
   */
  append(value: unknown): void;
  /** Forgets the values from that row on. */
  truncate(length: number): void;
  /** The vector of all values; its buffers are the caller's, and the builder starts anew. */
  finish(): Vector;
}

/**
 * A builder for a type. `column` is the name that errors say, with the path to a member in it.
 */
export function vectorBuilder(type: DataType, column: string): VectorBuilder {
  switch (type.kind) {
    case "null":
      return nullBuilder(column);
    case "bool":
      return boolBuilder(column);
    case "int":
    case "float":
    case "decimal":
    case "uuid":
    case "date":
    case "time":
    case "timestamp":
      return fixedBuilder(type, column);
    case "text":
    case "json":
    case "binary":
      return bytesBuilder(type, column);
    case "list":
      return listBuilder(type, vectorBuilder(type.item, `${column}[]`), column);
    case "struct": {
      const members = type.fields.map((field) =>
        vectorBuilder(field.type, `${column}.${field.name}`),
      );
      return structBuilder(type, members, column);
    }
  }
}
