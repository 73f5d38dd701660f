/**
 * The shapes that journals, manifests and cursors share, checked on the way in: a file of the store
 * is untrusted bytes until then. Members that a shape doesn't have are refused; a format that gets
 * new ones gets a new version.
 */
import { z } from "zod";
import type { StoredCursor } from "../core/cursor.ts";
import type { TableSchema } from "../core/schema.ts";
import type { TableFile } from "../core/snapshot.ts";
import type { DataType, Field } from "../core/type.ts";

const idText = "[0-9a-hjkmnp-tv-z]{26}";

/** An id of a store, pipeline, run or table. */
export const idShape = z.string().regex(new RegExp(`^${idText}$`, "u"));

/** A whole number from 0 to 2^53 - 1. */
export const countShape = z.int().nonnegative();

/** A SHA-256 as lower-case hexadecimal. */
export const digestShape = z.string().regex(/^[0-9a-f]{64}$/u);

/** Microseconds since 1970 as decimal text. */
export const microsShape = z.string().regex(/^-?(?:0|[1-9]\d{0,18})$/u);

/** A name as a source or a user gave it. */
export const nameShape = z.string().max(16 * 1024);

/** A partition; empty for a stream that is read whole. */
export const partitionShape = z.string().regex(/^[a-z0-9-]{0,40}$/u);

/** The path of a side file. */
export const sideFilePathShape = z
  .string()
  .regex(new RegExp(`^runs/${idText}/\\d{1,16}-\\d{1,16}\\.lines$`, "u"));

const partPathShape = z
  .string()
  .regex(new RegExp(`^runs/${idText}/${idText}/\\d{1,16}-[a-z0-9-]{1,57}\\.parquet$`, "u"));

/** How a run's rows change a table. */
export const dispositionShape = z.enum(["append", "replace", "merge"]);

const boundaryShape = z.strictObject({ count: countShape, sha256: digestShape });

/** A cursor as it is stored. */
export const storedCursorShape: z.ZodType<StoredCursor> = z.strictObject({
  version: z.literal(1),
  connector: nameShape,
  stream: nameShape,
  column: nameShape.nullable(),
  type: nameShape.nullable(),
  value: nameShape.nullable(),
  boundary: boundaryShape.nullable(),
});

const bits = z.union([z.literal(8), z.literal(16), z.literal(32), z.literal(64)]);
const textTag = z.enum(["numeric", "interval", "enum", "range", "network"]);

const dataTypeShape: z.ZodType<DataType> = z.lazy(() =>
  z.union([
    z.strictObject({
      kind: z.enum(["null", "bool", "json", "uuid", "binary", "date", "time"]),
    }),
    z.strictObject({ kind: z.literal("int"), bits, signed: z.boolean() }),
    z.strictObject({ kind: z.literal("float"), bits: z.union([z.literal(32), z.literal(64)]) }),
    z.strictObject({
      kind: z.literal("decimal"),
      precision: z.int().min(1).max(38),
      scale: z.int().min(0).max(38),
    }),
    z.strictObject({ kind: z.literal("text"), tag: textTag.exactOptional() }),
    z.strictObject({ kind: z.literal("timestamp"), zoned: z.boolean() }),
    z.strictObject({ kind: z.literal("list"), item: dataTypeShape }),
    z.strictObject({ kind: z.literal("struct"), fields: z.array(fieldShape) }),
  ]),
);

const fieldShape: z.ZodType<Field> = z.strictObject({
  name: nameShape,
  type: dataTypeShape,
  nullable: z.boolean(),
});

const columnIdShape = z.int().min(1);

/** A version of a table's schema. */
export const tableSchemaShape: z.ZodType<TableSchema> = z.strictObject({
  version: z.int().min(1),
  columns: z.array(
    z.strictObject({
      id: columnIdShape,
      name: nameShape,
      sourceName: nameShape,
      type: dataTypeShape,
      nullable: z.boolean(),
    }),
  ),
  nextColumnId: columnIdShape,
  primaryKey: z.array(columnIdShape),
});

/** An immutable file of a table. */
export const tableFileShape: z.ZodType<TableFile> = z.strictObject({
  fileId: countShape,
  kind: z.enum(["data", "deletes"]),
  path: partPathShape,
  rows: countShape,
  sizeBytes: countShape,
  sha256: digestShape,
  schemaVersion: z.int().min(1),
  masks: z.array(z.strictObject({ fileId: countShape, rows: countShape })),
});

/** What a shape makes of a value: the value itself, or where and why it isn't of the shape. */
export type Shaped<T> =
  { readonly kind: "ok"; readonly value: T } | { readonly kind: "misfit"; readonly reason: string };

/** Checks a value that JSON.parse gave. Never throws, however deep the value is nested. */
export function checkShape<T>(shape: z.ZodType<T>, value: unknown): Shaped<T> {
  try {
    const result = shape.safeParse(value);
    if (result.success) return { kind: "ok", value: result.data };
    const [issue] = result.error.issues;
    const path = issue?.path.map(String).join(".") ?? "";
    return { kind: "misfit", reason: `${path === "" ? "value" : path}: ${issue?.message ?? ""}` };
  } catch (error) {
    // Only a stack that is used up, by nesting that no format of ours has.
    if (error instanceof RangeError) return { kind: "misfit", reason: "nested too deep" };
    throw error;
  }
}
