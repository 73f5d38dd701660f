/** Parts as other programs see them: by DuckDB, of every type, value by value. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { Piscina } from "piscina";
import { expect, test } from "vitest";
import { missingVector } from "../../../src/columns/constant-vector.ts";
import type { NamedColumn } from "../../../src/columns/named-column.ts";
import { vectorBuilder } from "../../../src/columns/vector-builder.ts";
import { encodePart } from "../../../src/context/stage/encode-part.ts";
import { pooledEncoder } from "../../../src/context/stage/pooled-encoder.ts";
import { sqlType } from "../../../src/context/duckdb/sql-type.ts";
import { quoteIdentifier, quoteText } from "../../../src/core/identifier.ts";
import type { DataType } from "../../../src/core/type.ts";
import { flatTypes, samplesOf, type Sample } from "../../columns/arbitrary-values.ts";
import { bytesOf } from "../fixtures.ts";
import { expectGolden } from "../golden.ts";
import { withFolder } from "../temporary-folder.ts";
import { withDuckDb, type Query } from "./duckdb-reader.ts";

const columnOf = (type: DataType, samples: readonly Sample[], name = "value"): NamedColumn => {
  const builder = vectorBuilder(type, name);
  for (const { value } of samples) builder.append(value);
  return { id: 1, name, vector: builder.finish() };
};

/** What a query over the part's one column, read by its field id, says of each row. */
async function read(type: DataType, samples: readonly Sample[], tell: string): Promise<unknown[]> {
  return withFolder((folder) =>
    withDuckDb(async (query) => {
      const file = join(folder, "part.parquet");
      await writeFile(
        file,
        await encodePart({
          columns: [columnOf(type, samples)],
          rows: samples.length,
        }),
      );
      const schema = `MAP {1: {name: 'v', type: ${quoteText(sqlType(type))}, default_value: NULL}}`;
      const rows = await query(
        `SELECT ${tell} AS told FROM read_parquet([${quoteText(file)}], schema = ${schema})`,
      );
      return rows.map(({ told }) => told);
    }),
  );
}

/** An expression that tells a value, and what it shall tell of a sample. */
interface Telling {
  readonly sql: string;
  readonly expected: (json: string, value: unknown) => unknown;
}

function tellingOf(type: DataType): Telling {
  const parsed = (json: string): string => JSON.parse(json) as string; // such JSON is a string
  const micros = (text: string): string => String(BigInt(Date.parse(text)) * 1000n);
  switch (type.kind) {
    case "float":
      // Not by its JSON text, which has no zero below 0.
      return { sql: "v", expected: (_, value) => Number(value) };
    case "text":
      return {
        sql: "hex(encode(v))",
        expected: (json) => upperHex(parsed(json)),
      };
    case "uuid":
      return { sql: "v::VARCHAR", expected: parsed };
    case "binary":
      return { sql: "lower(hex(v))", expected: parsed };
    case "date":
      return {
        sql: "(v - '1970-01-01'::DATE)::BIGINT",
        expected: (json) => String(Date.parse(parsed(json)) / 86_400_000),
      };
    case "time":
      return {
        sql: "epoch_us(DATE '1970-01-01' + v)",
        expected: (json) => micros(`1970-01-01T${parsed(json)}Z`),
      };
    case "timestamp":
      return {
        sql: "epoch_us(v)",
        expected: (json) => micros(type.zoned ? parsed(json) : `${parsed(json)}Z`),
      };
    case "decimal":
      // DuckDB writes no zero before the point where no digit can be there.
      return {
        sql: "regexp_replace(v::VARCHAR, '^(-?)[.]', '\\10.')",
        expected: (json) => json,
      };
    case "null":
    case "bool":
    case "int":
    case "json":
    case "list":
    case "struct":
      return { sql: "v::VARCHAR", expected: (json) => json };
  }
}

const upperHex = (text: string): string => bytesOf(text).toHex().toUpperCase();

test.each(flatTypes.map((type) => [sqlType(type), type] as const))(
  "DuckDB reads the values of %s as they were",
  async (_, type) => {
    const { sql, expected } = tellingOf(type);
    const samples = fc.sample(samplesOf(type), 400);
    const found = (await read(type, samples, sql)).map((told) =>
      type.kind === "float" && told !== null ? Number(told) : told,
    );
    expect(found).toEqual(
      samples.map(({ json, value }) => (value === null ? null : expected(json, value))),
    );
  },
);

test("DuckDB reads lists and structs as they were, also those of nothing", async () => {
  const text: DataType = { kind: "text" };
  const int32: DataType = { kind: "int", bits: 32, signed: true };
  const field = (name: string, type: DataType) => ({
    name,
    type,
    nullable: true,
  });
  const struct: DataType = {
    kind: "struct",
    fields: [field("a", int32), field('b "c"', text), field("d", { kind: "list", item: text })],
  };
  for (const type of [struct, { kind: "list", item: struct } as const]) {
    const samples = fc.sample(samplesOf(type), 200);
    const found = await read(type, samples, "to_json(v)::VARCHAR");
    expect(
      found.map((json) => (typeof json === "string" ? (JSON.parse(json) as unknown) : json)),
    ).toEqual(samples.map(({ json }) => JSON.parse(json) as unknown));
  }
});

test("members of structs keep uuid and decimal", async () => {
  const uuid = "00112233-4455-6677-8899-aabbccddeeff";
  const type: DataType = {
    kind: "struct",
    fields: [
      { name: "u", type: { kind: "uuid" }, nullable: true },
      {
        name: "d",
        type: { kind: "decimal", precision: 20, scale: 3 },
        nullable: true,
      },
    ],
  };
  const samples = [{ value: { u: uuid, d: "-1.5" }, json: "" }];
  expect(await read(type, samples, "v.u::VARCHAR || ' ' || v.d::VARCHAR")).toEqual([
    `${uuid} -1.500`,
  ]);
});

test("a column of nulls, whatever its type is called later, is read as nulls", async () => {
  const nulls = [{ value: null, json: "null" }];
  for (const type of flatTypes) {
    await withFolder((folder) =>
      withDuckDb(async (query) => {
        const file = join(folder, "part.parquet");
        const columns = [columnOf({ kind: "null" }, nulls)];
        await writeFile(file, await encodePart({ columns, rows: 1 }));
        const schema = `MAP {1: {name: 'v', type: ${quoteText(sqlType(type))}, default_value: NULL}}`;
        const from = `read_parquet([${quoteText(file)}], schema = ${schema})`;
        expect(await query(`SELECT count(*)::INT AS n FROM ${from} WHERE v IS NULL`)).toEqual([
          { n: 1 },
        ]);
      }),
    );
  }
});

test("names are kept whatever is in them, and so are field ids", async () => {
  const names = ["a.b", 'quo"te', "sl/ash", "emoji 😀", "select", "a b", "x".repeat(63), "é"];
  const columns = names.map((name, index) => ({
    ...columnOf({ kind: "text" }, [{ value: name, json: "" }], name),
    id: 10 + index,
  }));
  await withFolder((folder) =>
    withDuckDb(async (query) => {
      const file = join(folder, "part.parquet");
      await writeFile(file, await encodePart({ columns, rows: 1 }));
      const found = await fieldsOf(query, file);
      expect(found.map(({ name, field_id: id }) => [name, id])).toEqual(
        names.map((name, index) => [name, String(10 + index)]),
      );
      const wanted = names.map((name) => quoteIdentifier(name)).join(", ");
      const rows = await query(`SELECT ${wanted} FROM read_parquet(${quoteText(file)})`);
      expect(rows).toEqual([Object.fromEntries(names.map((name) => [name, name]))]);
    }),
  );
});

function fieldsOf(query: Query, file: string) {
  return query(
    "SELECT name, field_id, type, converted_type, logical_type " +
      `FROM parquet_schema(${quoteText(file)}) WHERE field_id IS NOT NULL`,
  );
}

test("the Parquet types of a part are those of docs/format/part.md", async () => {
  const list: DataType = { kind: "list", item: { kind: "text" } };
  const struct: DataType = {
    kind: "struct",
    fields: [{ name: "a", type: { kind: "uuid" }, nullable: true }],
  };
  const flat: readonly DataType[] = [{ kind: "null" }, ...flatTypes];
  const typesOf = async (query: Query, file: string, types: readonly DataType[]) => {
    const columns = types.map((type, index) => ({
      id: index + 1,
      name: `${index} ${sqlType(type)}`,
      vector: missingVector(type, 1),
    }));
    await writeFile(file, await encodePart({ columns, rows: 1 }));
    return (await fieldsOf(query, file)).map((row) =>
      Object.values(row)
        .map((value) => (typeof value === "string" ? value : ""))
        .join("\t")
        // The width is a byte, which DuckDB prints as a character.
        .replace(/bitWidth=(.)/su, (_, width: string) => `bitWidth=${width.charCodeAt(0)}`),
    );
  };
  await withFolder((folder) =>
    withDuckDb(async (query) => {
      const lines = [
        "a part of flat columns and lists of such:",
        ...(await typesOf(query, join(folder, "flat.parquet"), [...flat, list])),
        "a part with a struct:",
        ...(await typesOf(query, join(folder, "nested.parquet"), [...flat, list, struct])),
      ];
      await expectGolden("part-types.tsv", bytesOf(`${lines.join("\n")}\n`));
    }),
  );
});

test("a filter finds a NaN, which DuckDB orders above all, in a part of either encoder", async () => {
  const float: DataType = { kind: "float", bits: 64 };
  const holder: DataType = {
    kind: "struct",
    fields: [{ name: "f", type: float, nullable: true }],
  };
  const samples = [1, Number.NaN, null, -0].map((value) => ({
    value,
    json: "",
  }));
  const held = samples.map(({ value }) => ({ value: { f: value }, json: "" }));
  const flat = columnOf(float, samples);
  for (const columns of [[flat], [flat, { ...columnOf(holder, held, "held"), id: 2 }]]) {
    await withFolder((folder) =>
      withDuckDb(async (query) => {
        const file = join(folder, "part.parquet");
        await writeFile(file, await encodePart({ columns, rows: samples.length }));
        for (const asked of ["value", ...(columns.length > 1 ? ["held.f"] : [])]) {
          const from = `FROM read_parquet(${quoteText(file)}) WHERE ${asked}`;
          expect(await query(`SELECT count(*)::INT AS n ${from} > 100`)).toEqual([{ n: 1 }]);
          expect(await query(`SELECT count(*)::INT AS n ${from} = 0`)).toEqual([{ n: 1 }]);
        }
      }),
    );
  }
});

test("a dictionary is made for texts of few values only, and texts stay right either way", async () => {
  const few = Array.from({ length: 4000 }, (_, row) => ({
    value: `kind ${row % 7}`,
    json: "",
  }));
  const many = Array.from({ length: 4000 }, (_, row) => ({
    value: `name ${row}`,
    json: "",
  }));
  await withFolder((folder) =>
    withDuckDb(async (query) => {
      const file = join(folder, "part.parquet");
      const text: DataType = { kind: "text" };
      const columns = [columnOf(text, few, "few"), { ...columnOf(text, many, "many"), id: 2 }];
      await writeFile(file, await encodePart({ columns, rows: 4000 }));
      const encodings = await query(
        `SELECT path_in_schema AS name, encodings FROM parquet_metadata(${quoteText(file)})`,
      );
      expect(
        encodings.map(({ name, encodings: used }) => [
          name,
          JSON.stringify(used).includes("DICTIONARY"),
        ]),
      ).toEqual([
        ["few", true],
        ["many", false],
      ]);
      const rows = await query(`SELECT few, many FROM read_parquet(${quoteText(file)})`);
      expect(rows).toEqual(few.map(({ value }, row) => ({ few: value, many: many[row]?.value })));
    }),
  );
});

test("a pool's threads give the bytes that this thread gives, and take the buffers over", async () => {
  const pool = new Piscina({
    filename: new URL("../../../src/context/stage/encode-task.ts", import.meta.url).href,
    minThreads: 0,
    maxThreads: 1,
  });
  try {
    const samples = Array.from({ length: 100 }, (_, row) => ({
      value: `row ${row}`,
      json: "",
    }));
    const request = () => ({
      columns: [columnOf({ kind: "text" }, samples)],
      rows: 100,
    });
    const given = request();
    const bytes = await pooledEncoder(pool)(given);
    expect(bytes).toEqual(await encodePart(request()));
    expect(given.columns[0]?.vector.values.byteLength).toBe(0);
  } finally {
    await pool.close();
  }
});

test("parts of one thread don't disturb each other", async () => {
  const parts = await Promise.all(
    Array.from({ length: 8 }, (_, part) => {
      const samples = Array.from({ length: 50 }, () => ({
        value: part,
        json: "",
      }));
      const column = columnOf({ kind: "int", bits: 32, signed: true }, samples);
      return encodePart({ columns: [column], rows: 50 });
    }),
  );
  await withFolder((folder) =>
    withDuckDb(async (query) => {
      for (const [part, bytes] of parts.entries()) {
        const file = join(folder, `${part}.parquet`);
        await writeFile(file, bytes);
        expect(await readFile(file)).toEqual(Buffer.from(bytes));
        const rows = await query(
          `SELECT min(value) AS a, max(value) AS b FROM read_parquet(${quoteText(file)})`,
        );
        expect(rows).toEqual([{ a: part, b: part }]);
      }
    }),
  );
});
