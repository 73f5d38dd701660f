/** Values of every type as SQL literals, with the edges of each, and the types that they become. */
import type { DataType } from "../../../src/core/type.ts";
import { sqlType } from "../../../src/context/duckdb/sql-type.ts";

/** An integer's type. */
export function int(bits: 8 | 16 | 32 | 64, signed = true): DataType {
  return { kind: "int", bits, signed };
}

/** A decimal's type. */
export function decimal(precision: number, scale: number): DataType {
  return { kind: "decimal", precision, scale };
}

/** A list's type. */
export function listOf(item: DataType): DataType {
  return { kind: "list", item };
}

/** A struct's type of nullable members. */
export function structOf(members: Readonly<Record<string, DataType>>): DataType {
  const fields = Object.entries(members).map(([name, type]) => ({ name, type, nullable: true }));
  return { kind: "struct", fields };
}

export const float32: DataType = { kind: "float", bits: 32 };
export const float64: DataType = { kind: "float", bits: 64 };
export const text: DataType = { kind: "text" };
export const json: DataType = { kind: "json" };
export const date: DataType = { kind: "date" };
export const timestamp: DataType = { kind: "timestamp", zoned: false };

/** Values of a type, none of them NULL, as literals that a cast takes to it. */
export function literalsOf(type: DataType): readonly string[] {
  switch (type.kind) {
    case "null":
      return [];
    case "bool":
      return ["true", "false"];
    case "int":
      return intLiterals(type.bits, type.signed);
    case "float":
      return ["0.1", "(1.0 / 7)", "-2.5", "5", "1e10", "'NaN'", "'inf'", "16777217"];
    case "decimal":
      return decimalLiterals(type.precision, type.scale);
    case "text":
      return ["''", "'a'", "'5'", "'\u00e9\u{1f600}'", "'it''s'"];
    case "json":
      return [`'{"a": 1}'`, `'"x"'`, "'[1]'", "'null'"];
    case "uuid":
      return ["'00000000-0000-0000-0000-000000000000'", "'ffffffff-ffff-ffff-ffff-ffffffffffff'"];
    case "binary":
      return ["''", String.raw`'\x00\xFF'`];
    case "date":
      return ["'1970-01-01'", "'2021-05-05'", "'1600-02-29'", "'9999-12-31'"];
    case "time":
      return ["'00:00:00'", "'23:59:59.999999'"];
    case "timestamp":
      return [
        "1970-01-01 00:00:00",
        "2021-05-05 12:00:00.000001",
        "1600-02-29 23:59:59.999999",
      ].map((moment) => (type.zoned ? `'${moment}+00'` : `'${moment}'`));
    case "list":
      return ["[]", "[NULL]", `[${castsOf(type.item).join(", ")}]`];
    case "struct":
      return structLiterals(type.fields);
  }
}

function intLiterals(bits: number, signed: boolean): readonly string[] {
  const max = 2n ** BigInt(signed ? bits - 1 : bits) - 1n;
  const min = signed ? -max - 1n : 0n;
  return [min, min + 1n, 0n, 1n, 5n, 100n, max - 1n, max].map(String);
}

function decimalLiterals(precision: number, scale: number): readonly string[] {
  const whole = "9".repeat(precision - scale);
  const fraction = scale === 0 ? "" : `.${"9".repeat(scale)}`;
  const step = scale === 0 ? "1" : `0.${"1".padStart(scale, "0")}`;
  return ["0", "1", step, "5.25".slice(0, scale === 0 ? 1 : 2 + Math.min(2, scale))].concat(
    `${whole}${fraction}`,
    `-${whole}${fraction}`,
  );
}

function structLiterals(fields: Extract<DataType, { kind: "struct" }>["fields"]): string[] {
  return [0, 1, 2].map((row) => {
    const members = fields.map(({ name, type }) => {
      const values = [...castsOf(type), "NULL"];
      return `"${name}": ${values[row % values.length] ?? ""}`;
    });
    return `{${members.join(", ")}}`;
  });
}

function castsOf(type: DataType): readonly string[] {
  return literalsOf(type).map((literal) => `CAST(${literal} AS ${sqlType(type)})`);
}

/** Constants beside a type's values, where a step back to a narrower type would round. */
export function betweenLiterals(type: DataType): readonly string[] {
  switch (type.kind) {
    case "int":
      return ["-1", "-129", "256", "65536", "4294967296", "1.5", "99.99"];
    case "decimal":
      return ["0.5", "5.251", "5.2", "-0.0001", "0.0051", "99999999999", "5.2::DOUBLE"];
    case "float":
      return ["0.1::FLOAT", "0.1::DOUBLE", "0.14285714285714285", "0.5", "99.9999", "1e39::DOUBLE"];
    case "timestamp":
      return ["2021-05-05 12:00:00", "1970-01-01 00:00:00.000001", "9999-12-31 12:00:00"].map(
        (moment) => (type.zoned ? `TIMESTAMPTZ '${moment}+00'` : `TIMESTAMP '${moment}'`),
      );
    case "null":
    case "bool":
    case "text":
    case "json":
    case "uuid":
    case "binary":
    case "date":
    case "time":
    case "list":
    case "struct":
      return [];
  }
}

/** Promotions that `unify` makes, each kind of step at least once, and what becomes json. */
export const promotions: readonly (readonly [stored: DataType, wanted: DataType])[] = [
  ...[int(8), float64, decimal(10, 2), text, json, date, timestamp, listOf(int(8))].map(
    (wanted) => [{ kind: "null" }, wanted] as const,
  ),
  [{ kind: "null" }, { kind: "uuid" }],
  [{ kind: "null" }, { kind: "binary" }],
  [{ kind: "null" }, structOf({ a: text })],
  [int(8), int(16)],
  [int(16), int(32)],
  [int(32), int(64)],
  [int(8, false), int(16)],
  [int(16, false), int(32)],
  [int(32, false), int(64)],
  [int(8, false), int(32, false)],
  [int(8), decimal(5, 2)],
  [int(64), decimal(20, 0)],
  [int(64, false), decimal(20, 0)],
  [int(64), decimal(38, 10)],
  [int(32), float64],
  [int(16, false), float64],
  [float32, float64],
  [decimal(4, 2), decimal(10, 4)],
  [decimal(10, 2), decimal(12, 2)],
  [decimal(18, 4), decimal(38, 10)],
  [decimal(9, 0), float64],
  [date, timestamp],
  [{ kind: "text", tag: "enum" }, text],
  [listOf({ kind: "null" }), listOf(int(64))],
  [listOf(int(8)), listOf(int(64))],
  [listOf(float32), listOf(float64)],
  [listOf(date), listOf(timestamp)],
  [structOf({ a: int(8) }), structOf({ a: int(64), b: text })],
  [structOf({ a: int(8) }), structOf({ a: float64 })],
  [structOf({ a: { kind: "null" } }), structOf({ a: structOf({ x: date }) })],
  [structOf({ a: structOf({ x: date }) }), structOf({ a: structOf({ x: timestamp, y: text }) })],
  [listOf(structOf({ a: int(8) })), listOf(structOf({ a: float64, "b b": listOf(text) }))],
  ...[{ kind: "bool" } as const, int(64), float64, decimal(10, 2), text, date, timestamp].map(
    (stored) => [stored, json] as const,
  ),
  [structOf({ a: text }), json],
  [listOf(int(8)), json],
];
