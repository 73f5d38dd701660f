/** Results as Parquet files: exact, and read back by a DuckDB without hakiri. */
import { writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { quoteText } from "../../../../src/core/identifier.ts";
import { withDuckDb } from "../../stage/duckdb-reader.ts";
import { withFolder } from "../../temporary-folder.ts";
import { rejectionOf } from "../../thrown.ts";
import { piecesOf, textOf } from "../sessions.ts";

const parquet = { kind: "parquet" } as const;

/** What DuckDB reads from the file of a query's result. */
async function readBack(query: string, tell = "*"): Promise<readonly unknown[]> {
  const pieces = await piecesOf(query, { format: parquet });
  return withFolder((folder) =>
    withDuckDb(async (duckDb) => {
      writeFileSync(`${folder}/r.parquet`, Buffer.concat(pieces));
      return duckDb(`SELECT ${tell} FROM ${quoteText(`${folder}/r.parquet`)}`);
    }),
  );
}

test("every row comes back, in its order", async () => {
  const rows = await readBack(
    "SELECT i FROM range(500000) r(i) ORDER BY (i * 7919) % 500000",
    "count(*) AS n, sum(i) AS s, list(i ORDER BY file_row_number)[:3]::VARCHAR AS first",
  );
  expect(rows).toEqual([{ n: "500000", s: "124999750000", first: "[0, 17679, 35358]" }]);
});

test("types that DuckDB would write as a rounded number are exact, nested ones too", async () => {
  const large = "99999999999999999999999999999999999999";
  const rows = await readBack(
    `SELECT sum(i) AS s, ${large}::HUGEINT AS h, [${large}::HUGEINT] AS l, ` +
      `{'a b': ${large}::UHUGEINT, 'j': '1'::JSON} AS st, MAP {'k': ${large}::HUGEINT} AS m ` +
      "FROM range(3) r(i)",
    "s::VARCHAR AS s, h::VARCHAR AS h, l::VARCHAR AS l, st::VARCHAR AS st, m::VARCHAR AS m, typeof(h) AS t",
  );
  expect(rows).toEqual([
    {
      s: "3",
      h: large,
      l: `[${large}]`,
      st: `{'a b': ${large}, 'j': 1}`,
      m: `{k=${large}}`,
      t: "DECIMAL(38,0)",
    },
  ]);
});

test("what Parquet has no exact type for is text", async () => {
  const rows = await readBack(
    "SELECT INTERVAL '1 month 2 days 00:00:00.000001' AS i, TIMETZ '01:02:03.5+02' AS t, '01'::BIT AS b",
  );
  expect(rows).toEqual([{ i: "1 month 2 days 00:00:00.000001", t: "01:02:03.5+02", b: "01" }]);
});

test("any query can be written: of equal names, without rows, that shows tables", async () => {
  expect(await readBack("SELECT 1 AS a, 2 AS a")).toEqual([{ a: 1, a_1: 2 }]);
  expect(await readBack("SELECT 1 AS a WHERE false")).toEqual([]);
  expect(await readBack("DESCRIBE SELECT 1 AS a", "column_name")).toEqual([{ column_name: "a" }]);
  expect(await readBack("WITH x AS (SELECT 1 AS a) FROM x -- end")).toEqual([{ a: 1 }]);
  expect(await readBack("VALUES (1), (2)", "sum(col0)::INTEGER AS s")).toEqual([{ s: 3 }]);
});

test("a value that doesn't fit is an error with its place in the query, and so is EXPLAIN", async () => {
  const error = await rejectionOf(textOf("SELECT\n  CAST('x' AS INTEGER)", { format: parquet }));
  expect(error).toMatchObject({ code: "data.invalid", evidence: { line: 2, column: 3 } });
  const huge = "SELECT 170141183460469231731687303715884105727::HUGEINT AS h";
  expect((await rejectionOf(textOf(huge, { format: parquet }))).code).toBe("data.invalid");
  const explained = textOf("SELECT 1", { explain: "EXPLAIN ", format: parquet });
  expect((await rejectionOf(explained)).code).toBe("usage.sql_statement");
});
