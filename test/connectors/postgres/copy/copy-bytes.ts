/** COPY BINARY made by hand, and plans for its columns. */
import type { ColumnPlan } from "../../../../connectors/postgres/types/column-plan.ts";
import type { WireForm } from "../../../../connectors/postgres/types/wire-form.ts";
import type { DataType } from "../../../../src/connector.ts";

/** The signature, no flags, no extension. */
export const header = Buffer.from("PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0", "latin1");
/** What a COPY ends with. */
export const trailer = Buffer.from([0xff, 0xff]);

/** One row; null is no value. */
export function row(...values: readonly (Uint8Array | null)[]): Buffer {
  const parts = values.map((value) =>
    value === null ? int32(-1) : Buffer.concat([int32(value.byteLength), value]),
  );
  return Buffer.concat([int16(values.length), ...parts]);
}

/** A COPY of these rows from beginning to end. */
export function copyOfRows(...rows: readonly Uint8Array[]): Buffer {
  return Buffer.concat([header, ...rows, trailer]);
}

/** Big endian. */
export function int16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeInt16BE(value);
  return bytes;
}

/** Big endian. */
export function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

/** Big endian. */
export function int64(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(value);
  return bytes;
}

/** A numeric as it is sent; the digits are to base 10000. */
export function numeric(
  digits: readonly number[],
  { weight = 0, sign = 0, scale = 0 }: { weight?: number; sign?: number; scale?: number } = {},
): Buffer {
  const words = [digits.length, weight, sign, scale, ...digits];
  return Buffer.concat(words.map((word) => int16((word << 16) >> 16)));
}

/** An array of one dimension as it is sent. */
export function array(itemOid: number, ...items: readonly (Uint8Array | null)[]): Buffer {
  const parts = items.map((item) =>
    item === null ? int32(-1) : Buffer.concat([int32(item.byteLength), item]),
  );
  const dimensions = items.length === 0 ? [] : [int32(items.length), int32(1)];
  const start = [int32(dimensions.length / 2), int32(0), int32(itemOid), ...dimensions];
  return Buffer.concat([...start, ...parts]);
}

/** The plan of a column that may be null. */
export function planOf(name: string, type: DataType, form: WireForm): ColumnPlan {
  const field = { name, type, nullable: true };
  return { name, field, select: (it) => it, form, isOrdered: false, typeName: name };
}

/** Plans by the names of what they hold. */
export const plans = {
  int4: planOf("int4", { kind: "int", bits: 32, signed: true }, { kind: "number", bytes: 4 }),
  text: planOf("text", { kind: "text" }, { kind: "text" }),
  decimal: planOf(
    "decimal",
    { kind: "decimal", precision: 20, scale: 2 },
    { kind: "decimal", precision: 20, scale: 2 },
  ),
  numericText: planOf("numeric", { kind: "text", tag: "numeric" }, { kind: "numeric-text" }),
  texts: planOf(
    "texts",
    { kind: "list", item: { kind: "text" } },
    { kind: "array", item: { kind: "text" }, itemOid: 25, dimensions: 1 },
  ),
  timestamp: planOf("timestamp", { kind: "timestamp", zoned: true }, { kind: "timestamp" }),
  time: planOf("time", { kind: "time" }, { kind: "time" }),
  date: planOf("date", { kind: "date" }, { kind: "date" }),
  bool: planOf("bool", { kind: "bool" }, { kind: "bool" }),
  jsonb: planOf("jsonb", { kind: "json" }, { kind: "jsonb" }),
  network: planOf("network", { kind: "text", tag: "network" }, { kind: "network" }),
  mac: planOf("mac", { kind: "text", tag: "network" }, { kind: "mac" }),
} as const;
