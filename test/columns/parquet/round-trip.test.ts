/** Every value of a file, as DuckDB and parquet-wasm read it. */
import { DuckDBListValue, type DuckDBValue } from "@duckdb/node-api";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { NamedColumn } from "../../../src/columns/named-column.ts";
import type { FlatType } from "../../../src/columns/parquet/storage.ts";
import { mayWrite, rowGroupRows } from "../../../src/columns/parquet/write-parquet.ts";
import type { Vector } from "../../../src/core/batch.ts";
import type { DataType } from "../../../src/core/type.ts";
import {
  randomColumn,
  randomLists,
  type RandomColumn,
  type Shape,
  type Told,
  type ToldList,
} from "./random-vector.ts";
import {
  readByWasm,
  readListsByWasm,
  tellingSql,
  toldByDuckDb,
  withReader,
  writeParquet,
  type DuckDbReader,
} from "./readers.ts";

const types: readonly FlatType[] = [
  { kind: "null" },
  { kind: "bool" },
  ...([8, 16, 32, 64] as const).flatMap((bits) => [
    { kind: "int", bits, signed: true } as const,
    { kind: "int", bits, signed: false } as const,
  ]),
  { kind: "float", bits: 32 },
  { kind: "float", bits: 64 },
  { kind: "text" },
  { kind: "json" },
  { kind: "uuid" },
  { kind: "binary" },
  { kind: "date" },
  { kind: "time" },
  { kind: "timestamp", zoned: true },
  { kind: "timestamp", zoned: false },
];

const decimals = fc
  .integer({ min: 1, max: 38 })
  .chain((precision) =>
    fc
      .integer({ min: 0, max: precision })
      .map((scale): FlatType => ({ kind: "decimal", precision, scale })),
  );

const shapes: fc.Arbitrary<Shape> = fc.record({
  type: fc.oneof(
    { weight: 5, arbitrary: fc.constantFrom(...types) },
    { weight: 1, arbitrary: decimals },
  ),
  seed: fc.integer(),
  nulls: fc.oneof(fc.constantFrom(0, 1, 0.01, 0.99), fc.double({ min: 0, max: 1, noNaN: true })),
  width: fc.integer({ min: 1, max: 64 }),
  order: fc.constantFrom("any", "rising", "extremes"),
});

const rowCounts = fc.oneof(
  fc.constantFrom(0, 1, 7, 8, 9, 63, 64, 65, 127, 128, 129, 256, 257, 1023, 1024, 1025),
  fc.integer({ min: 0, max: 3000 }),
);

function named(columns: readonly RandomColumn[]): readonly NamedColumn[] {
  return columns.map(({ vector }, at) => ({
    id: at + 1,
    name: `c${at}`,
    vector,
  }));
}

/** What both readers say of a file of the columns. */
async function readings(
  reader: DuckDbReader,
  columns: readonly NamedColumn[],
  rows: number,
): Promise<Readonly<Record<"duckDb" | "wasm", readonly (readonly Told[])[]>>> {
  const bytes = writeParquet(columns, rows);
  const flat = columns.map(({ vector }) => vector.type as FlatType); // made so above
  const file = await reader.save(bytes);
  const select = flat.map((type, at) => tellingSql(type, `c${at}`)).join(", ");
  const found = await reader.columns(`SELECT ${select} FROM read_parquet(${file})`);
  return {
    duckDb: flat.map((type, at) => (found[at] ?? []).map((value) => toldByDuckDb(type, value))),
    wasm: readByWasm(bytes, columns, rows),
  };
}

async function expectRead(
  reader: DuckDbReader,
  columns: readonly RandomColumn[],
  rows: number,
): Promise<void> {
  const told = columns.map((column) => column.told);
  expect(await readings(reader, named(columns), rows)).toEqual({
    duckDb: told,
    wasm: told,
  });
}

test("DuckDB and parquet-wasm read every value of every flat type as it was", async () => {
  await withReader((reader) =>
    fc.assert(
      fc.asyncProperty(
        fc.array(shapes, { minLength: 1, maxLength: 12 }),
        rowCounts,
        async (wanted, rows) => {
          await expectRead(
            reader,
            wanted.map((shape) => randomColumn(shape, rows)),
            rows,
          );
        },
      ),
      { numRuns: 150 },
    ),
  );
}, 60_000);

test("integers of every width are exact, also where doubles aren't", async () => {
  const wide: FlatType = { kind: "int", bits: 64, signed: true };
  await withReader(async (reader) => {
    for (const order of ["any", "rising"] as const) {
      const columns = Array.from({ length: 64 }, (_, at) =>
        randomColumn({ type: wide, seed: at * 7, nulls: 0, width: at + 1, order }, 700),
      );
      await expectRead(reader, columns, 700);
    }
  });
});

test("decimals of every precision keep their digits", async () => {
  await withReader(async (reader) => {
    const columns = Array.from({ length: 38 }, (_, at) => {
      const type: FlatType = {
        kind: "decimal",
        precision: at + 1,
        scale: at % 5 === 0 ? at + 1 : 0,
      };
      return randomColumn({ type, seed: at, nulls: 0.1, width: 64, order: "extremes" }, 300);
    });
    await expectRead(reader, columns, 300);
  });
});

test("rows past those of one row group are in the next, and all are read", async () => {
  const wanted: readonly FlatType[] = [
    { kind: "bool" },
    { kind: "int", bits: 16, signed: false },
    { kind: "float", bits: 64 },
    { kind: "text" },
    { kind: "uuid" },
    { kind: "timestamp", zoned: true },
  ];
  await withReader(async (reader) => {
    for (const [rows, groups] of [
      [rowGroupRows, [rowGroupRows]],
      [rowGroupRows + 1, [rowGroupRows, 1]],
    ] as const) {
      const columns = wanted.map((type, seed) =>
        randomColumn({ type, seed, nulls: 0.2, width: 9, order: "any" }, rows),
      );
      const { duckDb, wasm } = await readings(reader, named(columns), rows);
      for (const [at, { told }] of columns.entries()) {
        // Compared as text, which is quick for many rows.
        expect(duckDb[at]?.map(String).join()).toBe(told.map(String).join());
        expect(wasm[at]?.map(String).join()).toBe(told.map(String).join());
      }
      const file = await reader.save(writeParquet(named(columns), rows));
      expect(
        await reader.columns(
          `SELECT row_group_num_rows::INT FROM parquet_metadata(${file}) ` +
            "WHERE column_id = 0 ORDER BY row_group_id",
        ),
      ).toEqual([groups]);
    }
  });
}, 60_000);

test("buffers that begin anywhere in a larger one are read as they are", async () => {
  await withReader(async (reader) => {
    const columns = types.map((type, seed) =>
      randomColumn({ type, seed, nulls: 0.3, width: 20, order: "any" }, 100),
    );
    const moved = columns.map(({ vector, told }): RandomColumn => {
      const values = new Uint8Array(vector.values.length + 1).subarray(1);
      values.set(vector.values);
      return { told, vector: { ...vector, values } };
    });
    await expectRead(reader, moved, 100);
  });
});

test("a file without rows has its columns", async () => {
  await withReader(async (reader) => {
    const file = await reader.save(
      writeParquet(
        named([
          randomColumn(
            {
              type: { kind: "uuid" },
              seed: 1,
              nulls: 0,
              width: 1,
              order: "any",
            },
            0,
          ),
        ]),
        0,
      ),
    );
    expect(
      await reader.columns(
        `SELECT count(*)::INT, any_value(typeof(c0)) FROM read_parquet(${file})`,
      ),
    ).toEqual([[0], [null]]);
    expect(
      await reader.columns(`SELECT column_type FROM (DESCRIBE FROM read_parquet(${file}))`),
    ).toEqual([["UUID"]]);
  });
});

test("DuckDB and parquet-wasm read lists of every flat type as they were", async () => {
  await withReader((reader) =>
    fc.assert(
      fc.asyncProperty(shapes, rowCounts, async (shape, most) => {
        const rows = Math.max(most % 1100, 1);
        const { vector, told } = randomLists(shape, rows);
        const bytes = writeParquet(named([{ vector, told: [] }]), rows);
        expect(readListsByWasm(bytes, shape.type)).toEqual(told);
        const file = await reader.save(bytes);
        const telling = `list_transform(c0, lambda x: ${tellingSql(shape.type, "x")})`;
        const [found] = await reader.columns(`SELECT ${telling} FROM read_parquet(${file})`);
        expect(found?.map((list) => listByDuckDb(shape.type, list))).toEqual(told);
        const field = await reader.columns(
          `SELECT field_id::INT FROM parquet_schema(${file}) WHERE field_id IS NOT NULL`,
        );
        expect(field).toEqual([[1]]);
      }),
      { numRuns: 100 },
    ),
  );
}, 60_000);

function listByDuckDb(type: FlatType, list: DuckDBValue): ToldList {
  if (list === null) return null;
  if (!(list instanceof DuckDBListValue)) throw new Error("expected a list");
  return list.items.map((item) => toldByDuckDb(type, item));
}

test("lists are cut between row groups", async () => {
  const rows = rowGroupRows + 3;
  const shape: Shape = {
    type: { kind: "text" },
    seed: 5,
    nulls: 0.1,
    width: 3,
    order: "any",
  };
  const { vector, told } = randomLists(shape, rows);
  const bytes = writeParquet(named([{ vector, told: [] }]), rows);
  const flat = told.map((list) => (list === null ? "none" : `[${list.map(String).join()}]`)).join();
  const read = readListsByWasm(bytes, shape.type);
  expect(read.map((list) => (list === null ? "none" : `[${list.map(String).join()}]`)).join()).toBe(
    flat,
  );
  await withReader(async (reader) => {
    const file = await reader.save(bytes);
    const [[lists, items]] = (await reader
      .columns(`SELECT [count(c0), sum(len(c0))]::INT[] FROM read_parquet(${file})`)
      .then((columns) => columns.map((column) => (column[0] as DuckDBListValue).items))) as [
      [number, number],
    ]; // one row of two numbers
    expect([lists, items]).toEqual([
      told.filter((list) => list !== null).length,
      told.reduce((sum, list) => sum + (list?.length ?? 0), 0),
    ]);
  });
});

test("structs, lists of lists, and items that are in no list are not for this writer", () => {
  const shape: Shape = {
    type: { kind: "text" },
    seed: 1,
    nulls: 0,
    width: 2,
    order: "any",
  };
  const { vector } = randomLists(shape, 8);
  const hidden: Vector = {
    ...vector,
    validity: Uint8Array.of(0),
    nullCount: 8,
  };
  const beyond: Vector = { ...vector, length: 7 };
  const before: Vector = {
    ...vector,
    length: 7,
    offsets: vector.offsets?.subarray(1) ?? null,
  };
  const type: DataType = { kind: "list", item: vector.type };
  const nested: Vector = { ...vector, type, children: [vector] };
  const struct: Vector = {
    ...vector,
    type: { kind: "struct", fields: [] },
    children: [],
  };
  for (const refused of [hidden, beyond, before, nested, struct]) {
    expect(mayWrite(refused)).toBe(false);
    expect(() => writeParquet([{ id: 1, name: "l", vector: refused }], refused.length)).toThrow(
      "expected a flat column or a list of such, got l",
    );
  }
  expect(mayWrite(vector)).toBe(true);
});

test("a decimal beyond its precision's width is refused rather than cut", () => {
  for (const [precision, value] of [
    [9, 2n ** 31n],
    [18, 2n ** 63n],
    [18, -(2n ** 63n) - 1n],
  ] as const) {
    const wide = randomColumn(
      {
        type: { kind: "decimal", precision: 38, scale: 0 },
        seed: 1,
        nulls: 0,
        width: 1,
        order: "any",
      },
      1,
    );
    const values = wide.vector.values.slice();
    const view = new DataView(values.buffer);
    view.setBigInt64(0, BigInt.asIntN(64, value), true);
    view.setBigInt64(8, value >> 64n, true);
    const vector = {
      ...wide.vector,
      values,
      type: { kind: "decimal", precision, scale: 0 } as const,
    };
    expect(() => writeParquet([{ id: 1, name: "d", vector }], 1)).toThrow("got a wider one");
  }
});
