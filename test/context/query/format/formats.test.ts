/** Every type of DuckDB's in every format, as documented in value-text.ts and row-writer.ts. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ResultFormat } from "../../../../src/context/query/protocol.ts";
import { quoteText } from "../../../../src/core/identifier.ts";
import { piecesOf, textOf, withSession } from "../sessions.ts";

const native: ResultFormat = { kind: "json", numbers: "native" };
const jsonl: ResultFormat = { kind: "jsonl", numbers: "text" };
const csv: ResultFormat = { kind: "csv", delimiter: "," };

/** SQL of a value, its JSON, and its plain text where that isn't the JSON without quotes. */
const values: readonly (readonly [sql: string, json: string, plain?: string])[] = [
  ["true", "true"],
  ["(-128)::TINYINT", "-128"],
  ["65535::USMALLINT", "65535"],
  ["4294967295::UINTEGER", "4294967295"],
  ["9223372036854775807::BIGINT", '"9223372036854775807"'],
  ["18446744073709551615::UBIGINT", '"18446744073709551615"'],
  [
    "(-170141183460469231731687303715884105728)::HUGEINT",
    '"-170141183460469231731687303715884105728"',
  ],
  [
    "340282366920938463463374607431768211455::UHUGEINT",
    '"340282366920938463463374607431768211455"',
  ],
  [
    "'123456789012345678901234567890123456789012345'::BIGNUM",
    '"123456789012345678901234567890123456789012345"',
  ],
  ["1.10::DECIMAL(4,2)", '"1.10"'],
  ["(-0.001)::DECIMAL(3,3)", '"-0.001"'],
  ["0::DECIMAL(18,4)", '"0.0000"'],
  [
    "12345678901234567890123456789012345678::DECIMAL(38,0)",
    '"12345678901234567890123456789012345678"',
  ],
  ["(-1.0000000001)::DECIMAL(38,10)", '"-1.0000000001"'],
  ["0.1::FLOAT", "0.1"],
  ["16777216::FLOAT", "16777216"],
  ["1e-45::FLOAT", "1.4013e-45"],
  ["0.1::DOUBLE", "0.1"],
  ["1e300::DOUBLE", "1e+300"],
  ["'-0'::DOUBLE", "-0"],
  ["'NaN'::DOUBLE", '"NaN"'],
  ["'inf'::FLOAT", '"Infinity"'],
  ["'-inf'::DOUBLE", '"-Infinity"'],
  ["''", '""'],
  [`'a"b\\c' || chr(10) || chr(7)`, String.raw`"a\"b\\c\n\u0007"`, 'a"b\\c\n\u0007'],
  ["'\u{1f600}\u00e9'", '"\u{1f600}\u00e9"'],
  [String.raw`'\x00\xFF\x10'::BLOB`, '"AP8Q"'],
  ["''::BLOB", '""'],
  ["DATE '2026-01-31'", '"2026-01-31"'],
  ["DATE '0001-01-01'", '"0001-01-01"'],
  ["DATE '0044-03-15 (BC)'", '"-000043-03-15"'],
  ["DATE '12345-06-07'", '"+012345-06-07"'],
  ["DATE '5881580-07-10'", '"+5881580-07-10"'],
  ["'infinity'::DATE", '"infinity"'],
  ["'-infinity'::DATE", '"-infinity"'],
  ["TIME '01:02:03'", '"01:02:03.000000"'],
  ["TIME '23:59:59.999999'", '"23:59:59.999999"'],
  ["TIME '24:00:00'", '"24:00:00.000000"'],
  ["'01:02:03.123456789'::TIME_NS", '"01:02:03.123456789"'],
  ["TIMETZ '01:02:03.5+02:30'", '"01:02:03.500000+02:30"'],
  ["TIMETZ '01:02:03-15:59:59'", '"01:02:03.000000-15:59:59"'],
  ["TIMESTAMP '2026-01-31 01:02:03.000004'", '"2026-01-31T01:02:03.000004"'],
  ["TIMESTAMP '1969-12-31 23:59:59.999999'", '"1969-12-31T23:59:59.999999"'],
  ["TIMESTAMP_S '2026-01-31 01:02:03'", '"2026-01-31T01:02:03.000000"'],
  ["TIMESTAMP_MS '1969-12-31 23:59:59.999'", '"1969-12-31T23:59:59.999000"'],
  ["TIMESTAMP_NS '2026-01-31 01:02:03.000000001'", '"2026-01-31T01:02:03.000000001"'],
  ["'infinity'::TIMESTAMP", '"infinity"'],
  ["'-infinity'::TIMESTAMPTZ", '"-infinity"'],
  ["TIMESTAMPTZ '2026-01-31 01:02:03.5+02'", '"2026-01-30T23:02:03.500000Z"'],
  ["TIMESTAMPTZ '290000-01-01 (BC) 00:00:00+00'", '"-289999-01-01T00:00:00.000000Z"'],
  ["INTERVAL '1 year 2 months 3 days 04:05:06.7'", '"1 year 2 months 3 days 04:05:06.7"'],
  ["'00112233-4455-6677-8899-aabbccddeeff'::UUID", '"00112233-4455-6677-8899-aabbccddeeff"'],
  ["'0101'::BIT", '"0101"'],
  ["'b'::ENUM ('a', 'b')", '"b"'],
  [
    `'{"a": [1e400, 1.10],\n "b": null}'::JSON`,
    '{"a": [1e400, 1.10],  "b": null}',
    '{"a": [1e400, 1.10],\n "b": null}',
  ],
  ["'null'::JSON", "null"],
  ["[1::BIGINT, NULL]", '["1",null]', '["1",null]'],
  ["[]::INTEGER[]", "[]"],
  ["[1.5, 2]::DOUBLE[2]", "[1.5,2]"],
  [
    `{'a "b"': 1.1, 'j': '[1]'::JSON, 'n': NULL, '1': {'d': DATE '2026-01-31'}}`,
    String.raw`{"a \"b\"":"1.1","j":[1],"n":null,"1":{"d":"2026-01-31"}}`,
    String.raw`{"a \"b\"":"1.1","j":[1],"n":null,"1":{"d":"2026-01-31"}}`,
  ],
  ["MAP {DATE '2026-01-31': 1, DATE '2026-02-01': NULL}", '{"2026-01-31":1,"2026-02-01":null}'],
  ["MAP {[1]: 'x'}", '{"[1]":"x"}'],
  ["union_value(n := 1::BIGINT)", '"1"'],
  ["NULL", "null", ""],
];

const unquoted = (json: string): string => (json.startsWith('"') ? json.slice(1, -1) : json);
const csvField = (text: string): string => {
  const quoted = text === "" || /[",\r\n]/u.test(text);
  return quoted ? `"${text.replaceAll('"', '""')}"` : text;
};

const columns = values.map(([sql], index) => `${sql} AS v${index}`).join(", ");
const plainOf = ([, json, plain = unquoted(json)]: (typeof values)[number]): string => plain;
const isNull = ([sql]: (typeof values)[number]): boolean => sql === "NULL";

describe("a value", () => {
  test("of each type in JSON", async () => {
    const [line = ""] = (await textOf(`SELECT ${columns}`)).split("\n]");
    const found = line.slice(2, line.lastIndexOf("}")).split(/,?"v\d+":/u);
    expect(found.slice(1)).toEqual(values.map(([, json]) => json));
  });

  test("of each type in CSV", async () => {
    const text = await textOf(`SELECT ${columns}`, { format: csv });
    const fields = values.map((value) => (isNull(value) ? "" : csvField(plainOf(value))));
    expect(text.slice(text.indexOf("\r\n") + 2)).toBe(`${fields.join(",")}\r\n`);
  });

  test("of each type for people", async () => {
    const format = { kind: "rows", rowsMax: 1 } as const;
    await withSession(`SELECT ${columns}`, { format }, async (one) => {
      await one.open();
      const cells = values.map((value) => (isNull(value) ? null : plainOf(value)));
      expect(await one.rows()).toEqual({ rows: [cells], rowsTotal: 1 });
    });
  });

  test("of a wide number is a literal where numbers are native, nested ones too", async () => {
    const sql =
      "SELECT 9223372036854775807 AS b, 1.10::DECIMAL(4,2) AS d, (-0.5)::DECIMAL(1,1) AS e, " +
      "[1::HUGEINT] AS l, {'u': 2::UBIGINT} AS s, 'NaN'::DOUBLE AS n";
    expect(await textOf(sql, { format: native })).toBe(
      '[{"b":9223372036854775807,"d":1.10,"e":-0.5,"l":[1],"s":{"u":2},"n":"NaN"}]\n',
    );
  });

  test("that only DuckDB takes for JSON is a string", async () => {
    const sql = "SELECT '[NaN, 1,]'::JSON AS a, 'Infinity'::JSON AS b, '[1]'::JSON AS c";
    expect(await textOf(sql)).toBe('[{"a":"[NaN, 1,]","b":"Infinity","c":[1]}]\n');
  });

  test("that a struct would lose is refused", async () => {
    await expect(textOf("SELECT {'__proto__': 1} AS s")).rejects.toMatchObject({
      code: "usage.sql",
    });
  });
});

describe("documents", () => {
  const rows = "SELECT i, 'x' || i AS s FROM range(3) r(i)";

  test("json is one array, a row a line", async () => {
    expect(await textOf(rows)).toBe(
      '[{"i":"0","s":"x0"},\n{"i":"1","s":"x1"},\n{"i":"2","s":"x2"}]\n',
    );
    expect(await textOf("SELECT 1 AS a WHERE false")).toBe("[]\n");
  });

  test("jsonl is an object a line, whatever line ends are in the values", async () => {
    expect(await textOf(rows, { format: jsonl })).toBe(
      '{"i":"0","s":"x0"}\n{"i":"1","s":"x1"}\n{"i":"2","s":"x2"}\n',
    );
    const multiline = `SELECT '{"a":\r\n1}'::JSON AS j, chr(10) AS c, chr(8232) AS u`;
    expect(await textOf(multiline, { format: jsonl })).toBe(
      '{"j":{"a":  1},"c":"\\n","u":"\u2028"}\n',
    );
    expect(await textOf("SELECT 1 AS a WHERE false", { format: jsonl })).toBe("");
  });

  test("csv is RFC 4180 with a header, NULL an empty field, an empty text a quoted one", async () => {
    const sql = `SELECT 1 AS "a,b", NULL AS "c""d", '' AS e, '=1+1' AS f, 'x' || chr(10) || 'y' AS "g"`;
    expect(await textOf(sql, { format: csv })).toBe('"a,b","c""d",e,f,g\r\n1,,"",=1+1,"x\ny"\r\n');
    expect(await textOf("SELECT 1 AS a WHERE false", { format: csv })).toBe("a\r\n");
  });

  test("equal names are numbered in objects, and kept in CSV", async () => {
    const sql = 'SELECT 1 AS a, 2 AS a, 3 AS "a:1", 4 AS A';
    expect(await textOf(sql)).toBe('[{"a":1,"a:1":2,"a:1:1":3,"A":4}]\n');
    expect(await textOf(sql, { format: csv })).toBe("a,a,a:1,A\r\n1,2,3,4\r\n");
  });

  test("EXPLAIN has rows like any other", async () => {
    const text = await textOf("SELECT 42 AS answer", { explain: "EXPLAIN " });
    expect(JSON.parse(text)).toMatchObject([{ explain_key: "physical_plan" }]);
  });

  test("any texts come back from JSON and CSV as they were", async () => {
    const texts = fc.array(
      fc.string({ unit: "grapheme" }).map((one) => one.replaceAll("\0", "").toWellFormed()),
      { minLength: 1, maxLength: 5 },
    );
    await fc.assert(
      fc.asyncProperty(texts, async (row) => {
        const sql = `SELECT ${row.map((one, index) => `${quoteText(one)} AS c${index}`).join(", ")}`;
        const [object] = JSON.parse(await textOf(sql)) as readonly Record<string, string>[];
        expect(Object.values(object ?? {})).toEqual(row);
        expect(parseCsv(await textOf(sql, { format: csv }))[1]).toEqual(row);
      }),
      { numRuns: 10 },
    );
  });

  test("any numbers come back from JSON as they were", async () => {
    const floats = fc.float({ noNaN: true, noDefaultInfinity: true });
    const doubles = fc.double({ noNaN: true, noDefaultInfinity: true });
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(floats, doubles), { minLength: 1 }), async (pairs) => {
        const sql = (value: number): string => (Object.is(value, -0) ? "'-0'" : `'${value}'`);
        const list = pairs.map(([f, d]) => `(${sql(f)}::FLOAT, ${sql(d)}::DOUBLE)`).join(", ");
        const found = JSON.parse(await textOf(`FROM (VALUES ${list}) v(f, d)`)) as {
          f: number;
          d: number;
        }[];
        expect(found.map(({ f, d }) => [Math.fround(f), d])).toEqual(pairs);
      }),
      { numRuns: 10 },
    );
  });

  test("come in pieces of about 128 KiB, cut at rows, each a buffer of its own", async () => {
    const pieces = await piecesOf("SELECT i, repeat('\u00e9', 1000) AS s FROM range(300) r(i)", {
      format: jsonl,
    });
    expect(pieces.length).toBeGreaterThan(2);
    for (const piece of pieces) {
      expect(piece.byteLength).toBe(piece.buffer.byteLength);
      expect(piece.at(-1)).toBe(10);
      expect(piece.byteLength).toBeLessThan(2 * 128 * 1024 + 4096);
    }
  });
});

/** Reads CSV as RFC 4180 says, and nothing else. */
function parseCsv(text: string): string[][] {
  const field = /(?:"(?<quoted>(?:[^"]|"")*)"|(?<bare>[^",\r\n]*))(?<end>,|\r\n)/uy;
  const lines: string[][] = [[]];
  while (field.lastIndex < text.length) {
    const at = field.lastIndex;
    const groups = field.exec(text)?.groups;
    if (groups === undefined) throw new Error(`no CSV at ${at}`);
    lines.at(-1)?.push(groups["quoted"]?.replaceAll('""', '"') ?? groups["bare"] ?? "");
    if (groups["end"] === "\r\n") lines.push([]);
  }
  return lines.slice(0, -1);
}
