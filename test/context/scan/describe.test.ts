/** What is found out about files: dialect, names, and types that hold every value. */
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { describeScan } from "../../../src/context/scan/describe.ts";
import { quoteText } from "../../../src/core/identifier.ts";
import type { ScanQuestion } from "../../../src/core/ports/scanner.ts";
import type { CsvDialect, JsonLayout, ScanFile } from "../../../src/core/scan.ts";
import { typeName } from "../../../src/core/type-name.ts";
import { never } from "../fixtures.ts";
import { rejectionOf } from "../thrown.ts";
import { comma } from "./csv-scan.ts";
import { withBench, type ScanBench } from "./scan-bench.ts";

const csv = (
  files: readonly ScanFile[],
  dialect: Partial<CsvDialect> = {},
  sampleRows: number | null = 1000,
): ScanQuestion => ({ kind: "csv", files, dialect, sampleRows });

const json = (
  files: readonly ScanFile[],
  shape: JsonLayout["shape"] = "lines",
  sampleRows: number | null = null,
): ScanQuestion => {
  return { kind: "json", files, layout: { shape, pointer: "", keyColumn: null }, sampleRows };
};

async function columns({ duckDb }: ScanBench, question: ScanQuestion): Promise<readonly string[]> {
  const { schema } = await describeScan(duckDb, question, never);
  expect(schema.primaryKey).toEqual([]);
  expect(schema.fields.every(({ nullable }) => nullable)).toBe(true);
  return schema.fields.map(({ name, type }) => `${name}: ${typeName(type)}`);
}

describe("CSV", () => {
  test("has its dialect, names, types and some rows found out", async () => {
    await withBench(async ({ file, duckDb }) => {
      const input = await file("a.csv", "id;name;price;at\n1;a;1.5;2024-01-01\n2;b;2;2024-01-02\n");
      const found = await describeScan(duckDb, csv([input]), never);
      expect(found.dialect).toEqual({ ...comma, delimiter: ";" });
      expect(found.schema.fields.map(({ name, type }) => [name, typeName(type)])).toEqual([
        ["id", "int64"],
        ["name", "text"],
        ["price", "float64"],
        ["at", "date"],
      ]);
      expect(found.sample).toEqual([
        { id: "1", name: "a", price: 1.5, at: "2024-01-01" },
        { id: "2", name: "b", price: 2, at: "2024-01-02" },
      ]);
    });
  });

  test("keeps what the question says", async () => {
    await withBench(async (bench) => {
      const input = await bench.file("a.csv", "1,2;3\n4,5;6\n");
      const whole = { ...comma, delimiter: ";", header: false, nullTexts: ["6"] };
      expect(await columns(bench, csv([input], whole))).toEqual([
        "column_1: text",
        "column_2: int64",
      ]);
      const part = await describeScan(bench.duckDb, csv([input], { delimiter: ";" }), never);
      expect(part.dialect).toMatchObject({ delimiter: ";", quote: '"', escape: '"' });
    });
  });

  test("with a row of another length keeps its columns", async () => {
    await withBench(async (bench) => {
      const input = await bench.file("a.csv", "id,name,v\n1,a,1\n2,b\n3,c,3,4\n4,d,4\n");
      expect(await columns(bench, csv([input]))).toEqual(["id: int64", "name: text", "v: int64"]);
    });
  });

  test.each([
    ["quoted names", '"a ""b""","c,d"\n1,2\n', ['a "b": int64', "c,d: int64"]],
    ["names that repeat, and none", "a,,a\n1,2,3\n", ["a: int64", "column_2: int64", "a_2: int64"]],
    ["names that differ in case", "Id,id\n1,2\n", ["Id: int64", "id: int64"]],
    ["a header alone", "id,name\n", ["id: null", "name: null"]],
    ["a column without values", "id,name\n1,\n2,\n", ["id: int64", "name: null"]],
    ["numbers with zeros in front", "zip,n\n01234,1\n", ["zip: text", "n: int64"]],
    ["integers past 64 bits", "n\n1\n9223372036854775808\n", ["n: decimal(38,0)"]],
  ])("of %s", async (_, content, expected) => {
    await withBench(async (bench) => {
      const input = await bench.file("a.csv", content);
      expect(await columns(bench, csv([input], comma))).toEqual(expected);
    });
  });

  test("types hold the values of all files, as many of each as of another", async () => {
    await withBench(async (bench) => {
      const many = Array.from({ length: 100 }, (_, n) => `${n},x`);
      const first = await bench.file("1.csv", `id,v\n${many.join("\n")}\n`);
      const second = await bench.file("2.csv", "id,v\n1.5,x\n");
      expect(await columns(bench, csv([first, second], comma, 10))).toEqual([
        "id: float64",
        "v: text",
      ]);
    });
  });

  test("is looked at as far as it is said, or whole", async () => {
    await withBench(async (bench) => {
      const many = Array.from({ length: 3000 }, (_, n) => `${n}`);
      const input = await bench.file("a.csv", `id\n${many.join("\n")}\nx\n`);
      expect(await columns(bench, csv([input], comma, 1000))).toEqual(["id: int64"]);
      expect(await columns(bench, csv([input], comma, null))).toEqual(["id: text"]);
    });
  });

  test("may be compressed, whatever it is called", async () => {
    await withBench(async (bench) => {
      const input = await bench.file("a.data", gzipSync("id,v\n1,x\n"), "gzip");
      expect(await columns(bench, csv([input]))).toEqual(["id: int64", "v: text"]);
    });
  });

  test("without a byte is empty", async () => {
    await withBench(async ({ file, duckDb }) => {
      const input = await file("dir/a.csv", "");
      const error = await rejectionOf(describeScan(duckDb, csv([input]), never));
      expect(error).toMatchObject({
        kind: "Permanent",
        code: "file.empty",
        where: { file: "dir/a.csv" },
      });
    });
  });
});

describe("JSON", () => {
  test.each([
    ["lines", '{"a":1,"b":"x"}\n{"a":2,"c":true}\n'],
    ["array", '[{"a":1,"b":"x"},{"a":2,"c":true}]'],
    ["documents", '{"a":1,\n"b":"x"}\n{"a":2,\n"c":true}'],
  ] as const)("as %s has the members of all rows", async (shape, content) => {
    await withBench(async (bench) => {
      const input = await bench.file("a.json", content);
      expect(await columns(bench, json([input], shape))).toEqual([
        "a: int64",
        "b: text",
        "c: bool",
      ]);
    });
  });

  test.each([
    ["integers past 64 bits", ["1", "9223372036854775808"], "decimal(38,0)"],
    ["numbers with a fraction", ["1", "1.5"], "float64"],
    ["nothing", ["null", "null"], "null"],
    ["numbers and texts", ["1", '"x"'], "json"],
    ["dates", ['"2024-01-01"', "null"], "date"],
    [
      "moments",
      ['"2024-01-01T10:00:00Z"', '"2024-01-01 10:00:00+02:00"'],
      "timestamp with time zone",
    ],
    ["times of a clock", ['"10:20:30"'], "time"],
    ["times too fine to keep", ['"10:20:30.1234567"'], "text"],
    ["texts of digits", ['"007"', '"8"'], "text"],
    ["lists", ["[1,2]", "[]"], "list<int64>"],
    ["objects", ['{"x":1}', '{"y":"z"}'], "struct<x: int64, y: text>"],
    ["objects and lists", ['{"x":1}', "[1]"], "json"],
  ])("of %s has a type that holds them", async (_, values, expected) => {
    await withBench(async (bench) => {
      const input = await bench.file("a.json", values.map((value) => `{"v":${value}}`).join("\n"));
      expect(await columns(bench, json([input]))).toEqual([`v: ${expected}`]);
    });
  });

  test("tells members apart that differ in case only", async () => {
    await withBench(async (bench) => {
      const input = await bench.file("a.json", '{"Id":1,"id":2,"x_1":3}\n');
      const found = await columns(bench, json([input]));
      expect(found.map((column) => column.split(":")[0])).toEqual(["Id", "id", "x_1"]);
    });
  });

  test("without a row is empty", async () => {
    await withBench(async ({ file, duckDb }) => {
      const input = await file("a.json", "[]");
      const error = await rejectionOf(describeScan(duckDb, json([input], "array"), never));
      expect(error.code).toBe("file.empty");
    });
  });

  test("that is none is unreadable, and file and record are told", async () => {
    await withBench(async ({ file, duckDb }) => {
      const input = await file("dir/a.json", '{"a":1}\n{"a":\n');
      const error = await rejectionOf(describeScan(duckDb, json([input]), never));
      expect(error).toMatchObject({ kind: "Permanent", code: "file.unreadable" });
      expect(error.where.file).toBe("dir/a.json");
      expect(error.message).toContain("'dir/a.json'");
    });
  });
});

describe("Parquet", () => {
  test("has the columns of all files", async () => {
    await withBench(async (bench) => {
      const first = await bench.file("1.parquet", "");
      const second = await bench.file("2.parquet", "");
      const copy = (select: string, { path }: ScanFile) =>
        bench.duckDb.run(`COPY (${select}) TO ${quoteText(path)} (FORMAT parquet)`);
      await copy("SELECT 1::INTEGER AS id, [1.5::DECIMAL(4,2)] AS list", first);
      await copy("SELECT 2::BIGINT AS id, uuid() AS u, {'a': now()} AS s", second);
      expect(await columns(bench, { kind: "parquet", files: [first, second] })).toEqual([
        "id: int64",
        "list: list<decimal(4,2)>",
        "u: uuid",
        "s: struct<a: timestamp with time zone>",
      ]);
    });
  });

  test("has its columns' own names, whatever is nested in them", async () => {
    await withBench(async (bench) => {
      const input = await bench.file("a.parquet", "");
      const select = "[{'a': 1, 'b': [2]}] AS l, {'s': {'t': 1}} AS s, MAP {'k': 1} AS m, 1 AS id";
      await bench.duckDb.run(
        `COPY (SELECT ${select}) TO ${quoteText(input.path)} (FORMAT parquet)`,
      );
      expect(await columns(bench, { kind: "parquet", files: [input] })).toEqual([
        "l: list<struct<a: int32, b: list<int32>>>",
        "s: struct<s: struct<t: int32>>",
        "m: json",
        "id: int32",
      ]);
    });
  });

  test("that is none is unreadable", async () => {
    await withBench(async ({ file, duckDb }) => {
      const input = await file("a.parquet", "no Parquet");
      const error = await rejectionOf(
        describeScan(duckDb, { kind: "parquet", files: [input] }, never),
      );
      expect(error).toMatchObject({ code: "file.unreadable", where: { file: "a.parquet" } });
    });
  });
});

test("a question ends with its signal", async () => {
  await withBench(async ({ file, duckDb }) => {
    const input = await file("a.csv", "id\n1\n");
    const signal = AbortSignal.abort(new Error("cancelled"));
    await expect(describeScan(duckDb, csv([input]), signal)).rejects.toThrow("cancelled");
  });
});

test("a file that is gone is unreadable", async () => {
  await withBench(async ({ file, duckDb }) => {
    const input = await file("a.csv", "id\n1\n");
    const gone = { ...input, path: `${input.path}.gone` };
    const error = await rejectionOf(describeScan(duckDb, csv([gone]), never));
    expect(error).toMatchObject({ kind: "Permanent", code: "file.unreadable" });
  });
});
