/** What readers leave out by statistics, and what the statistics and the page index say. */
import fc from "fast-check";
import { expect, test } from "vitest";
import type { NamedColumn } from "../../../src/columns/named-column.ts";
import type { FlatType } from "../../../src/columns/parquet/storage.ts";
import { rowGroupRows } from "../../../src/columns/parquet/write-parquet.ts";
import { vectorBuilder } from "../../../src/columns/vector-builder.ts";
import { randomColumn, type Shape, type Told } from "./random-vector.ts";
import { withReader, writeParquet } from "./readers.ts";
import { readThrift, type Thrift, type ThriftValue } from "./thrift-reader.ts";

const int32: FlatType = { kind: "int", bits: 32, signed: true };
const float64: FlatType = { kind: "float", bits: 64 };
const text: FlatType = { kind: "text" };

const ordered: readonly FlatType[] = [
  { kind: "bool" },
  { kind: "int", bits: 8, signed: true },
  { kind: "int", bits: 16, signed: false },
  int32,
  { kind: "int", bits: 32, signed: false },
  { kind: "int", bits: 64, signed: true },
  { kind: "int", bits: 64, signed: false },
  { kind: "float", bits: 32 },
  float64,
  { kind: "decimal", precision: 7, scale: 3 },
  { kind: "decimal", precision: 18, scale: 0 },
  { kind: "decimal", precision: 38, scale: 10 },
  text,
  { kind: "uuid" },
  { kind: "binary" },
  { kind: "date" },
  { kind: "time" },
  { kind: "timestamp", zoned: false },
  { kind: "timestamp", zoned: true },
];

/** A value as a literal that DuckDB compares in the column's own type. */
function literal(type: FlatType, value: Exclude<Told, null>): string {
  switch (type.kind) {
    case "bool":
      return String(value);
    case "int":
      return `'${String(value)}'::${type.signed ? "" : "U"}${intNames[type.bits]}`;
    case "float":
      return `'${Object.is(value, -0) ? "-0.0" : String(value)}'::${type.bits === 32 ? "FLOAT" : "DOUBLE"}`;
    case "decimal": {
      const digits = String(value)
        .replace("-", "")
        .padStart(type.scale + 1, "0");
      const point = digits.length - type.scale;
      const sign = String(value).startsWith("-") ? "-" : "";
      const told = `${sign}${digits.slice(0, point)}.${digits.slice(point)}`;
      return `'${told}'::DECIMAL(${type.precision},${type.scale})`;
    }
    case "text":
      return `decode(from_hex('${String(value)}'))`;
    case "binary":
      return `from_hex('${String(value)}')`;
    case "uuid":
      return `'${String(value)}'::UUID`;
    case "date":
      return `(DATE '1970-01-01' + (${String(value)}::BIGINT)::INTEGER)`;
    case "time":
      return `'${timeText(BigInt(value))}'::TIME`;
    case "timestamp":
      return `make_timestamp${type.zoned ? "tz" : ""}(${String(value)}::BIGINT)`;
    case "null":
    case "json":
      throw new Error(`expected an ordered type, got ${type.kind}`);
  }
}

/** Up to 24:00:00, which is a time. */
function timeText(micros: bigint): string {
  const digits = (value: bigint, count: number): string => String(value).padStart(count, "0");
  const seconds = micros / 1_000_000n;
  const [hour, minute, second] = [seconds / 3600n, (seconds / 60n) % 60n, seconds % 60n];
  return (
    [hour, minute, second].map((part) => digits(part, 2)).join(":") +
    `.${digits(micros % 1_000_000n, 6)}`
  );
}

const intNames = { 8: "TINYINT", 16: "SMALLINT", 32: "INTEGER", 64: "BIGINT" } as const;

/** DuckDB's order: NaN above all floats, and both zeros equal; bytes unsigned. */
function compare(left: Exclude<Told, null>, right: Exclude<Told, null>): number {
  if (typeof left === "number" && typeof right === "number") {
    if (Number.isNaN(left) || Number.isNaN(right))
      return Number(Number.isNaN(left)) - Number(Number.isNaN(right));
  }
  return left < right ? -1 : left > right ? 1 : 0;
}

const operators: Readonly<Record<string, (order: number) => boolean>> = {
  "=": (order) => order === 0,
  "<": (order) => order < 0,
  ">": (order) => order > 0,
  "<=": (order) => order <= 0,
  ">=": (order) => order >= 0,
};

const shapes: fc.Arbitrary<Shape> = fc.record({
  type: fc.constantFrom(...ordered),
  seed: fc.integer(),
  nulls: fc.constantFrom(0, 0, 0.2, 0.95),
  width: fc.integer({ min: 1, max: 64 }),
  order: fc.constantFrom("any", "rising", "extremes"),
});

function named(vector: NamedColumn["vector"], at = 0): NamedColumn {
  return { id: at + 1, name: `c${at}`, vector };
}

function built(type: FlatType, values: readonly unknown[]): NamedColumn {
  const builder = vectorBuilder(type, "c0");
  for (const value of values) builder.append(value);
  return named(builder.finish());
}

test("a filter finds the rows that it would find without statistics", async () => {
  await withReader((reader) =>
    fc.assert(
      fc.asyncProperty(
        shapes,
        shapes,
        fc.integer({ min: 1, max: 70 }),
        async (shape, other, rows) => {
          // Bounds from another column of the type, so that many lie outside of this one's values.
          const { vector, told } = randomColumn(shape, rows);
          const values = told.filter((value) => value !== null);
          const others = randomColumn({ ...other, type: shape.type, nulls: 0 }, 4).told;
          const bounds = [...values.slice(0, 2), ...others].filter((value) => value !== null);
          const file = await reader.save(writeParquet([named(vector)], rows));
          const count = `SELECT count(*)::INT FROM read_parquet(${file}) WHERE c0`;
          const sqlOf = (bound: Exclude<Told, null>): string => literal(shape.type, bound);
          const asked = bounds.flatMap((bound) =>
            Object.entries(operators).map(([operator, holds]) => ({
              sql: `(${count} ${operator} ${sqlOf(bound)})`,
              expected: values.filter((value) => holds(compare(value, bound))).length,
            })),
          );
          const pairs = bounds.flatMap((low) => bounds.map((high) => [low, high] as const));
          const between = pairs.slice(0, 8).map(([low, high]) => ({
            sql: `(${count} BETWEEN ${sqlOf(low)} AND ${sqlOf(high)})`,
            expected: values.filter(
              (value) => compare(value, low) >= 0 && compare(value, high) <= 0,
            ).length,
          }));
          const all = [...asked, ...between];
          const [found] = await reader.columns(
            `SELECT unnest([${all.map(({ sql }) => sql).join(", ")}])`,
          );
          expect(found).toEqual(all.map(({ expected }) => expected));
        },
      ),
      { numRuns: 120 },
    ),
  );
}, 60_000);

test("DuckDB leaves row groups out by the bounds of every type but uuid, whose it doesn't read", async () => {
  const rows = 2 * rowGroupRows;
  const rising = Array.from({ length: rows }, (_, row) => row);
  const cases: readonly (readonly [FlatType, (row: number) => unknown])[] = [
    [int32, (row) => row],
    [{ kind: "int", bits: 64, signed: true }, (row) => BigInt(row) + 2n ** 60n],
    [{ kind: "timestamp", zoned: true }, (row) => new Date(row * 1000).toISOString()],
    [{ kind: "decimal", precision: 30, scale: 2 }, (row) => `${row}.25`],
    [float64, (row) => row / 2],
    [text, (row) => `row ${String(row).padStart(9, "0")}`],
  ];
  await withReader(async (reader) => {
    for (const [type, valueOf] of cases) {
      const bytes = writeParquet([built(type, rising.map(valueOf))], rows);
      const file = await reader.save(bytes);
      const [nulls, exact, told] = await reader.columns(
        "SELECT stats_null_count::INT, min_is_exact AND max_is_exact, " +
          `stats_min_value IS NOT NULL FROM parquet_metadata(${file})`,
      );
      expect([nulls, exact, told]).toEqual([
        [0, 0],
        [true, true],
        [true, true],
      ]);
      // Damage in the first row group is only seen by who reads it.
      const group = rowGroup(bytes, 0);
      const from = Number(group.get(9));
      const damaged = bytes.slice().fill(0xff, from, from + Number(group.get(7)));
      const broken = await reader.save(damaged);
      const [[least]] = (await reader.columns(
        `SELECT max(c0)::VARCHAR FROM read_parquet(${file})`,
      )) as [[string]]; // one text
      const cast = `CAST('${least}' AS ${type.kind === "text" ? "VARCHAR" : await typeName(reader, file)})`;
      const count = (path: string, operator: string) =>
        reader.columns(
          `SELECT count(*)::INT FROM read_parquet(${path}) WHERE c0 ${operator} ${cast}`,
        );
      expect(await count(broken, ">=")).toEqual([[1]]);
      await expect(count(broken, "<")).rejects.toThrow();
    }
  });
}, 60_000);

async function typeName(
  reader: { columns(sql: string): Promise<readonly (readonly unknown[])[]> },
  file: string,
): Promise<string> {
  const [types] = await reader.columns(
    `SELECT column_type FROM (DESCRIBE FROM read_parquet(${file}))`,
  );
  return String(types?.[0]);
}

test("a column with a NaN has no bounds, and is told how many there are", async () => {
  const bytes = writeParquet([built(float64, [1, Number.NaN, null, 3])], 4);
  const statistics = statisticsOf(bytes, 0);
  expect([...statistics.keys()].toSorted((left, right) => left - right)).toEqual([3, 9]);
  expect([statistics.get(3), statistics.get(9)]).toEqual([1, 1]);
  expect(chunkOf(bytes, 0).has(6)).toBe(false);
  await withReader(async (reader) => {
    const file = await reader.save(bytes);
    expect(
      await reader.columns(`SELECT count(*)::INT FROM read_parquet(${file}) WHERE c0 > 100`),
    ).toEqual([[1]]);
  });
});

test("a zero bound may be of either sign", () => {
  for (const zeros of [[0], [-0], [0, -0]]) {
    const statistics = statisticsOf(writeParquet([built(float64, zeros)], zeros.length), 0);
    expect(doubleOf(statistics.get(6))).toBe(-0);
    expect(doubleOf(statistics.get(5))).toBe(0);
  }
});

test("long texts have bounds that are cut, whole characters, and around all values", () => {
  const last = "\u{10ffff}";
  for (const [given, min, max] of [
    ["x".repeat(64), "x".repeat(64), "x".repeat(64)],
    ["x".repeat(65), "x".repeat(64), `${"x".repeat(63)}y`],
    ["é".repeat(33), "é".repeat(32), `${"é".repeat(31)}ê`],
    [`x${"é".repeat(32)}`, `x${"é".repeat(31)}`, `x${"é".repeat(30)}ê`],
    ["\ud7ff".repeat(22), "\ud7ff".repeat(21), `${"\ud7ff".repeat(20)}\ue000`],
    [`${last.repeat(16)}a`, last.repeat(16), null],
    [`a${last.repeat(16)}`, `a${last.repeat(15)}`, "b"],
    [`\ufeff${"x".repeat(70)}`, `\ufeff${"x".repeat(61)}`, `\ufeff${"x".repeat(60)}y`],
  ] as const) {
    const statistics = statisticsOf(writeParquet([built(text, [given])], 1), 0);
    expect(textOf(statistics.get(5))).toBe(max);
    expect(textOf(statistics.get(6))).toBe(max === null ? null : min);
    expect(statistics.get(7)).toBe(max === null ? undefined : given === max);
    expect(statistics.get(8)).toBe(max === null ? undefined : given === min);
  }
});

test("long bytes have bounds that are cut, the greatest one byte up", () => {
  const bytes = (...parts: readonly (readonly [number, number])[]): Uint8Array =>
    Uint8Array.from(parts.flatMap(([byte, count]) => Array.from({ length: count }, () => byte)));
  for (const [given, max] of [
    [bytes([0xff, 64]), bytes([0xff, 64])],
    [bytes([7, 65]), bytes([7, 63], [8, 1])],
    [bytes([7, 2], [0xff, 80]), bytes([7, 1], [8, 1])],
    [bytes([0xff, 65]), undefined],
  ] as const) {
    const statistics = statisticsOf(writeParquet([built({ kind: "binary" }, [given])], 1), 0);
    expect(statistics.get(5)).toEqual(max);
  }
});

test("the page index tells of each chunk's one page what the footer tells of the chunk", () => {
  const rows = rowGroupRows + 3;
  const columns = ordered.map((type, seed) =>
    named(
      randomColumn({ type, seed, nulls: seed % 4 === 0 ? 1 : 0.1, width: 8, order: "any" }, rows)
        .vector,
      seed,
    ),
  );
  const bytes = writeParquet(columns, rows);
  for (const group of [0, 1]) {
    for (const [at] of columns.entries()) {
      const chunk = chunkOf(bytes, at, group);
      const statistics = statisticsOf(bytes, at, group);
      const meta = structOf(chunk.get(3));
      const index = readThrift(bytes, Number(chunk.get(6)));
      expect(index.end - Number(chunk.get(6))).toBe(chunk.get(7));
      const isEmpty = statistics.get(3) === meta.get(5);
      expect(index.value.get(1)).toEqual([isEmpty]);
      const nothing = new Uint8Array();
      expect(index.value.get(2)).toEqual([isEmpty ? nothing : statistics.get(6)]);
      expect(index.value.get(3)).toEqual([isEmpty ? nothing : statistics.get(5)]);
      expect(index.value.get(5)).toEqual([statistics.get(3)]);
      const offsets = readThrift(bytes, Number(chunk.get(4)));
      expect(offsets.end - Number(chunk.get(4))).toBe(chunk.get(5));
      const [location] = listOf(offsets.value.get(1)).map(structOf);
      const page = readThrift(bytes, Number(location?.get(1)));
      expect([page.value.get(1), location?.get(1)]).toEqual([3, meta.get(9)]);
      expect(location?.get(2)).toBe(
        page.end - Number(location?.get(1)) + Number(page.value.get(3)),
      );
      expect(structOf(page.value.get(8)).get(3)).toBe(group === 0 ? rowGroupRows : 3);
    }
  }
});

function footerOf(bytes: Uint8Array): Thrift {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const size = view.getUint32(bytes.length - 8, true);
  const { value, end } = readThrift(bytes, bytes.length - 8 - size);
  expect(end).toBe(bytes.length - 8);
  return value;
}

function chunkOf(bytes: Uint8Array, column: number, group = 0): Thrift {
  const groups = listOf(footerOf(bytes).get(4)).map(structOf);
  return structOf(listOf(groups[group]?.get(1))[column]);
}

/** The metadata of the first column's chunk. */
function rowGroup(bytes: Uint8Array, group: number): Thrift {
  return structOf(chunkOf(bytes, 0, group).get(3));
}

function statisticsOf(bytes: Uint8Array, column: number, group = 0): Thrift {
  return structOf(structOf(chunkOf(bytes, column, group).get(3)).get(12));
}

function structOf(value: ThriftValue | undefined): Thrift {
  if (value instanceof Map) return value as Thrift; // no other value is a map
  throw new Error("expected a struct");
}

function listOf(value: ThriftValue | undefined): readonly ThriftValue[] {
  if (Array.isArray(value)) return value as readonly ThriftValue[]; // no other value is an array
  throw new Error("expected a list");
}

function textOf(value: ThriftValue | undefined): string | null {
  if (!(value instanceof Uint8Array)) return null;
  return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(value);
}

function doubleOf(value: ThriftValue | undefined): number {
  if (!(value instanceof Uint8Array)) throw new Error("expected bytes");
  return new DataView(value.slice().buffer).getFloat64(0, true);
}
