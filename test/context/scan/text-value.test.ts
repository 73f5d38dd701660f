/** Which texts a type holds exactly, and which types are found for texts. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openDuckDb, type DuckDb } from "../../../src/context/duckdb/open-duckdb.ts";
import {
  csvCandidates,
  inferTypes,
  jsonCandidates,
} from "../../../src/context/scan/infer-types.ts";
import { isoFormats, textReading } from "../../../src/context/scan/text-value.ts";
import { quoteText } from "../../../src/core/identifier.ts";
import { typeName } from "../../../src/core/type-name.ts";
import type { DataType } from "../../../src/core/type.ts";

let duckDb: DuckDb;
beforeAll(async () => {
  duckDb = await openDuckDb({ threads: 1, memoryLimit: "256MiB", temporaryFolder: "" });
});
afterAll(() => duckDb.close());

const int = (bits: 8 | 16 | 32 | 64, signed = true): DataType => ({ kind: "int", bits, signed });
const bigint = int(64);
const double: DataType = { kind: "float", bits: 64 };
const money: DataType = { kind: "decimal", precision: 10, scale: 2 };
const huge: DataType = { kind: "decimal", precision: 38, scale: 0 };
const local: DataType = { kind: "timestamp", zoned: false };
const zoned: DataType = { kind: "timestamp", zoned: true };

/** The text that DuckDB prints of the value, or that it isn't one. */
async function read(type: DataType, text: string, formats = isoFormats): Promise<string> {
  const reading = textReading(type, formats);
  if (reading === null) return text;
  const [row] = await duckDb.rows(
    `SELECT c::VARCHAR AS value, coalesce(${reading.isExact("v", "c")}, false) AS exact ` +
      `FROM (SELECT v, ${reading.cast("v")} AS c FROM (SELECT ${quoteText(text)} AS v))`,
  );
  const value = row?.["exact"] === true ? row["value"] : null;
  return typeof value === "string" ? value : "no value";
}

test.each<readonly [DataType, readonly string[]]>([
  [bigint, ["0", "-1", "9223372036854775807", "-9223372036854775808"]],
  [int(8, false), ["255"]],
  [huge, ["12345678901234567890123456789012345678", "-7", "0"]],
  [{ kind: "text" }, ["", " ", "007", "NULL"]],
])("%j says what the text says", async (type, texts) => {
  for (const text of texts) expect(await read(type, text)).toBe(text);
});

test.each<readonly [DataType, string, string]>([
  [double, "1.5", "1.5"],
  [double, "0.5", "0.5"],
  [double, "-0.25", "-0.25"],
  [double, ".5", "0.5"],
  [double, "5.", "5.0"],
  [double, "1e3", "1000.0"],
  [double, "-2.5E-3", "-0.0025"],
  [double, "123456789012345", "123456789012345.0"],
  [double, "0.30000000000000004", "0.30000000000000004"],
  [double, "52.51627479999999", "52.51627479999999"],
  [double, "3.0000000000000005e-06", "3.0000000000000005e-06"],
  [double, "9007199254740992", "9007199254740992.0"],
  [double, "100.0000000000000000", "100.0"],
  [double, "0", "0.0"],
  [double, "0.00", "0.0"],
  [double, "5e-324", "5e-324"],
  [double, "1e300", "1e+300"],
  [double, "NaN", "nan"],
  [double, "-Infinity", "-inf"],
  [money, "1.5", "1.50"],
  [money, "1.", "1.00"],
  [money, "-.5", "-0.50"],
  [money, "-0.25", "-0.25"],
  [{ kind: "bool" }, "TRUE", "true"],
  [{ kind: "date" }, "2024-02-29", "2024-02-29"],
  [local, "2024-02-29 10:20:30", "2024-02-29 10:20:30"],
  [local, "2024-02-29T10:20:30", "2024-02-29 10:20:30"],
  [local, "2024-02-29 10:20:30.123456", "2024-02-29 10:20:30.123456"],
  [local, "2024-02-29", "2024-02-29 00:00:00"],
  [zoned, "2024-02-29T10:20:30Z", "2024-02-29 10:20:30+00"],
  [zoned, "2024-02-29 10:20:30.5+02:00", "2024-02-29 08:20:30.5+00"],
  [zoned, "2024-02-29 10:20:30-05", "2024-02-29 15:20:30+00"],
  [{ kind: "time" }, "10:20:30.5", "10:20:30.5"],
  [
    { kind: "uuid" },
    "00112233-4455-6677-8899-AABBCCDDEEFF",
    "00112233-4455-6677-8899-aabbccddeeff",
  ],
  [{ kind: "json" }, '{"a": 1}', '{"a": 1}'],
])("%j of %j is %s", async (type, text, expected) => {
  expect(await read(type, text)).toBe(expected);
});

describe("no value is", () => {
  const refused: readonly (readonly [DataType, readonly string[]])[] = [
    [
      bigint,
      ["1.5", "1e3", "007", "1_000", "0x1F", "+7", " 1", "1 ", "-0", "9223372036854775808", "x"],
    ],
    [int(8), ["128", "-129"]],
    [int(8, false), ["-1", "256"]],
    [huge, ["1.0", "1e3", "007", "1".repeat(39)]],
    [
      double,
      [
        "12345678901234567890",
        "1e400",
        "-1e400",
        "1e-400",
        "1.2345678901234567e-320",
        "0.1234567890123456789",
        "12345678901234.123456",
        "9007199254740993",
        "9007199254740993.5",
        "100000000000000000000.00",
        "007",
        "-01.5",
        "1_0.5",
        "1,5",
        "0x1F",
        "+1",
        " 1",
        "x",
        "1e",
      ],
    ],
    [money, ["1.239", "1e1", "01.50", "123456789.00", ".", "-"]],
    [{ kind: "bool" }, ["1", "0", "yes", "t", "f", "on"]],
    [{ kind: "date" }, ["2024-01-01 10:00:00", "2023-02-29", "infinity", "2024-1-1", "01/02/2024"]],
    [
      local,
      [
        "2024-01-01 10:00:00+02",
        "2024-01-01 10:00:00Z",
        "2024-01-01 10:00:00.1234567",
        "2024-1-1 1:00:00+02",
        "2024-01-01 10:00:00 UTC",
        "2024-02-30 10:00:00",
      ],
    ],
    [
      zoned,
      [
        "2024-01-01 10:00:00",
        "2024-01-01",
        "2024-01-01 10:00:00.1234567Z",
        "2024-01-01 10:00:00 Europe/Berlin",
      ],
    ],
    [{ kind: "time" }, ["10:20:30.1234567", "10:20:30+02", "25:00:00", "10"]],
    [{ kind: "uuid" }, ["00112233445566778899aabbccddeeff", "x"]],
    [{ kind: "json" }, ["{", "x", ""]],
    [{ kind: "null" }, ["x", ""]],
  ];

  test.each(refused.map(([type, texts]) => [typeName(type), type, texts] as const))(
    "made by %s of what it doesn't hold exactly",
    async (_, type, texts) => {
      for (const text of texts) expect([text, await read(type, text)]).toEqual([text, "no value"]);
    },
  );
});

test("a format that is named is what dates are read by", async () => {
  const formats = { dateFormat: "%d.%m.%Y", timestampFormat: "%d.%m.%Y %H:%M" };
  expect(await read({ kind: "date" }, "29.02.2024", formats)).toBe("2024-02-29");
  expect(await read({ kind: "date" }, "2024-02-29", formats)).toBe("no value");
  expect(await read(local, "29.02.2024 10:20", formats)).toBe("2024-02-29 10:20:00");
});

async function infer(texts: readonly (string | null)[], candidates = csvCandidates) {
  const rows = texts.map((text) => `(${text === null ? "NULL::VARCHAR" : quoteText(text)})`);
  const relation = `SELECT v AS p0 FROM (VALUES ${rows.join(", ")}) AS r(v)`;
  const columns = ["p0"];
  const [type] = await inferTypes(duckDb, { relation, columns, candidates, formats: isoFormats });
  return typeName(type ?? { kind: "text" });
}

test.each<readonly [readonly (string | null)[], string]>([
  [[null, null], "null"],
  [["true", "FALSE", null], "bool"],
  [["1", "-2"], "int64"],
  [["1", "9223372036854775808"], "decimal(38,0)"],
  [["1", "2.5"], "float64"],
  [["1", "12345678901234567890.5"], "decimal(21,1)"],
  [["-12345678901234567890.12", "1.00", null], "decimal(22,2)"],
  [["0.1234567890123456789", "0.1"], "decimal(19,19)"],
  [[".1234567890123456789", "5."], "decimal(20,19)"],
  [["1".repeat(37) + ".5", "1.55"], "text(numeric)"],
  [["12345678901234.123456", "1e5"], "text(numeric)"],
  [["1", "1e400"], "text(numeric)"],
  [["1", "1".repeat(39)], "text(numeric)"],
  [["0.30000000000000004", "1e-05"], "float64"],
  [["1", "007"], "text"],
  [["9007199254740993", "2.5"], "decimal(17,1)"],
  [["2024-01-01", "2024-12-31"], "date"],
  [["2024-01-01", "2024-01-01 10:00:00"], "timestamp"],
  [["2024-01-01T10:00:00Z", "2024-01-01T10:00:00+02:00"], "timestamp with time zone"],
  [["2024-01-01T10:00:00Z", "2024-01-01 10:00:00"], "text"],
  [["10:20:30", "10:20:31.5"], "time"],
  [["true", "1"], "text"],
  [["x", null], "text"],
])("%j is %s", async (texts, expected) => {
  expect(await infer(texts)).toBe(expected);
});

test("a value past the rows that are tried with everything still counts", async () => {
  const ones = Array.from({ length: 200 }, () => "1");
  expect(await infer([...ones, "2.5"])).toBe("float64");
  expect(await infer([...ones, "x"])).toBe("text");
  const nulls = Array.from({ length: 200 }, () => null);
  expect(await infer([...nulls, "2024-01-01"])).toBe("date");
});

test("strings of JSON are never numbers", async () => {
  expect(await infer(["1", "2"], jsonCandidates)).toBe("text");
  expect(await infer(["true"], jsonCandidates)).toBe("text");
  expect(await infer(["2024-01-01"], jsonCandidates)).toBe("date");
});

test("a wide file is looked at by one test for each column, none with a filter of its own", async () => {
  const statements: string[] = [];
  const watched: DuckDb = {
    ...duckDb,
    rows: (sql) => {
      statements.push(sql);
      return duckDb.rows(sql);
    },
  };
  const columns = Array.from({ length: 300 }, (_, place) => `p${place}`);
  const values = columns.map((name, place) => `'${place % 2 === 0 ? "1" : "x"}' AS ${name}`);
  const texts = { columns, candidates: csvCandidates, formats: isoFormats };
  const types = await inferTypes(watched, { ...texts, relation: `SELECT ${values.join(", ")}` });
  expect(types.slice(0, 2).map(typeName)).toEqual(["int64", "text"]);
  expect(statements.length).toBeLessThanOrEqual(2);
  for (const statement of statements) {
    expect(statement.split("bool_and(").length - 1).toBeLessThanOrEqual(columns.length);
    expect(statement).not.toContain("FILTER");
  }
});

test("numbers that no type of numbers holds are texts that say so", async () => {
  const relation = "SELECT v AS p0 FROM (VALUES ('1e400'), ('1.5')) AS r(v)";
  const texts = { relation, columns: ["p0"], candidates: csvCandidates, formats: isoFormats };
  const [type = double] = await inferTypes(duckDb, texts);
  expect(type).toEqual({ kind: "text", tag: "numeric" });
  expect(await read(type, "1e400")).toBe("1e400");
  for (const text of ["", ".", "-", "e5", "007", "x", "+1"]) {
    expect([text, await read(type, text)]).toEqual([text, "no value"]);
  }
});
