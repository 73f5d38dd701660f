/**
 * One statement on an instance of its own: what it can't reach, and when its result is complete.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { quoteText } from "../../../src/core/identifier.ts";
import type { OpenQuery } from "../../../src/context/query/protocol.ts";
import { withFolder } from "../temporary-folder.ts";
import { rejectionOf } from "../thrown.ts";
import { int } from "../views/literals.ts";
import { columnOf, rowOf, schemaWith, withTable } from "../views/stored-table.ts";
import { limits } from "./queries.ts";
import { json, piecesOf, textOf, withSession } from "./sessions.ts";

const rowsFormat = (rowsMax: number): OpenQuery["format"] => ({ kind: "rows", rowsMax });

describe("a session", () => {
  test("reads its views, and no other file, not even a neighbour of theirs", async () => {
    await withTable(async (table) => {
      const schema = schemaWith(1, [columnOf(1, "v", int(32))]);
      const own = await table.addPart(schema, [rowOf("7")]);
      const other = await table.addPart(schema, [rowOf("8")]);
      const views = `CREATE VIEW t AS ${table.relation(schema, { files: [own] })};`;
      const path = table.root + own.path;
      const more = { views, paths: [path, `${table.root}empty.parquet`] };
      expect(await textOf("FROM t", more)).toBe('[{"v":7}]\n');
      const before = readFileSync(path);
      // Refused before by analysis; here are the doors behind that one.
      for (const sql of [
        `FROM read_parquet(${quoteText(table.root + other.path)})`,
        `FROM ${quoteText(table.root + other.path)}`,
        "FROM read_text('/etc/passwd')",
        "FROM glob('/etc/*')",
        "FROM read_csv('https://example.com/x.csv')",
        `COPY (SELECT 1) TO ${quoteText(`${table.root}new.parquet`)}`,
        `COPY (SELECT 1) TO ${quoteText(`${table.root}runs/../x.parquet`)}`,
        `ATTACH ${quoteText(`${table.root}x.db`)}`,
        "INSTALL httpfs",
        "LOAD '/tmp/x.duckdb_extension'",
        "SET enable_external_access = true",
        "SET lock_configuration = false",
        `SET allowed_paths = ['/etc/passwd']`,
        "SET memory_limit = '100GB'",
        `EXPORT DATABASE ${quoteText(`${table.root}export`)}`,
      ]) {
        const error = await rejectionOf(textOf(sql, more));
        expect(error.kind, sql).toBe("Permanent");
      }
      expect(readFileSync(path).equals(before)).toBe(true);
      expect(readdirSync(table.root).toSorted()).toEqual(
        ["empty.parquet", "runs", "tmp"].filter((name) => existsSync(table.root + name)),
      );
    });
  });

  test("counts in UTC, and loads no extension", async () => {
    expect(
      await textOf("SELECT current_setting('TimeZone') AS z, '2026-01-01 12:00'::TIMESTAMPTZ AS t"),
    ).toBe('[{"z":"UTC","t":"2026-01-01T12:00:00.000000Z"}]\n');
    expect((await rejectionOf(textOf("SELECT ST_Point(1, 2)"))).code).toBe("usage.sql");
  });

  test("refuses parameters", async () => {
    expect((await rejectionOf(textOf("SELECT $1"))).code).toBe("usage.sql");
  });

  test("stays within its memory by spilling, and fails where it may not spill so much", async () => {
    const small = { ...limits, threads: 1, memoryLimit: "40MB" };
    const sorted =
      "SELECT md5(i::VARCHAR) AS m, md5((i + 1)::VARCHAR) AS n FROM range(900000) r(i) ORDER BY m";
    const format = rowsFormat(1);
    const total = await withSession(sorted, { limits: small, format }, async (session) => {
      await session.open();
      return (await session.rows()).rowsTotal;
    });
    expect(total).toBe(900_000);
    const error = await rejectionOf(textOf(sorted, { limits: { ...small, spillLimit: "1MB" } }));
    expect(error.code).toBe("query.spill_limit");
    const large = "SELECT list(i) AS l FROM range(10000000) r(i)";
    expect((await rejectionOf(textOf(large, { limits: small }))).code).toBe("duckdb.out_of_memory");
  });

  test("removes its temporary folder, whatever is in it", async () => {
    await withFolder(async (folder) => {
      const temporaryFolder = `${folder}/temp/q`;
      mkdirSync(temporaryFolder, { recursive: true });
      writeFileSync(`${temporaryFolder}/left`, "x");
      expect(await textOf("SELECT 1 AS a", { temporaryFolder })).toBe('[{"a":1}]\n');
      expect(existsSync(temporaryFolder)).toBe(false);
    });
  });
});

describe("errors", () => {
  test.each([
    ["SELECT nosuch FROM range(1)", "usage.sql", 8],
    ["SELECT nofunc(1)", "usage.sql", 8],
    ["SELECT '\u{1f600}', nofunc(1)", "usage.sql", 13],
    ["SELECT strftime(1)", "usage.sql", 8],
    ["SELECT 1 AS a ORDER BY b", "usage.sql", 24],
    ["SELECT CAST('x' AS INTEGER)", "data.invalid", 8],
    ["SELECT 9223372036854775807 + 1", "data.invalid", null],
    ["SELECT error('said so')", "data.invalid", null],
    ["FROM read_text('/etc/passwd')", "usage.sql_file", 6],
  ])("%s: %s", async (sql, code, column) => {
    const error = await rejectionOf(textOf(sql));
    expect(error.code).toBe(code);
    const place = column === null ? undefined : { line: 1, column };
    if (code !== "data.invalid" || column !== null) expect(error.evidence).toEqual(place);
    expect(error.message).not.toContain("exception_type");
    expect(error.hint).not.toBe("");
  });

  test("say what DuckDB says was meant", async () => {
    const error = await rejectionOf(textOf("SELECT rang FROM range(1)"));
    expect(error.message).toBe(
      'Binder Error: Referenced column "rang" not found in FROM clause! (line 1, column 8)',
    );
    expect(error.hint).toBe('Candidate bindings: "range"');
  });

  test("that come after thousands of rows fail the result, which is never taken for whole", async () => {
    // A stream of DuckDB's that fails ends as one that is complete.
    const late =
      "SELECT CASE WHEN i = 300000 THEN error('late') ELSE i END AS v FROM range(400000) r(i)";
    const error = await rejectionOf(textOf(late));
    expect(error).toMatchObject({ code: "data.invalid", message: "Invalid Input Error: late" });
    const cast =
      "SELECT (CASE WHEN i = 300000 THEN 'x' ELSE i::VARCHAR END)::INTEGER AS v FROM range(400000) r(i)";
    expect((await rejectionOf(textOf(cast))).code).toBe("data.invalid");
    await withSession(late, { format: rowsFormat(10) }, async (session) => {
      await session.open();
      expect((await rejectionOf(session.rows())).message).toContain("late");
    });
  });

  test("of the moment are told as such", async () => {
    // Fails in the stream, and not when it runs again to find out why.
    const sql =
      "SELECT CASE WHEN i = 300000 AND current_query() NOT LIKE 'EXPLAIN%' " +
      "THEN error('once') ELSE i END AS v FROM range(400000) r(i)";
    expect(await rejectionOf(textOf(sql))).toMatchObject({
      kind: "Transient",
      code: "query.incomplete",
    });
  });
});

describe("an interrupt", () => {
  test("before the statement began makes it fail, and every call after", async () => {
    await withSession("SELECT 1 AS a", {}, async (session) => {
      const opening = rejectionOf(session.open());
      session.interrupt();
      expect((await opening).code).toBe("duckdb.interrupted");
      expect((await rejectionOf(session.open())).code).toBe("duckdb.interrupted");
    });
  });

  test("of a piece that is under way makes it fail, and none comes after", async () => {
    await withSession("FROM range(100000000)", {}, async (session) => {
      await session.open();
      const reading = rejectionOf(session.next());
      session.interrupt();
      expect((await reading).code).toBe("duckdb.interrupted");
      expect((await rejectionOf(session.next())).code).toBe("duckdb.interrupted");
    });
  });

  test("between two pieces is no end of the result", async () => {
    await withSession("FROM range(100000000)", {}, async (session) => {
      await session.open();
      expect(await session.next()).not.toBeNull();
      session.interrupt();
      expect((await rejectionOf(session.next())).code).toBe("duckdb.interrupted");
    });
  });
});

describe("rows for people", () => {
  const rowsOf = (sql: string, rowsMax: number) =>
    withSession(sql, { format: rowsFormat(rowsMax) }, async (session) => {
      const columns = await session.open();
      return { columns, ...(await session.rows()) };
    });

  test("come with their columns, and are counted in all", async () => {
    const { columns, rows, rowsTotal } = await rowsOf(
      "SELECT i, i::VARCHAR AS t, NULL AS n, '1'::JSON AS j FROM range(5000) r(i)",
      2,
    );
    expect(columns).toEqual([
      { name: "i", type: "BIGINT", isNumber: true },
      { name: "t", type: "VARCHAR", isNumber: false },
      { name: "n", type: "INTEGER", isNumber: true },
      { name: "j", type: "JSON", isNumber: false },
    ]);
    expect(rows).toEqual([
      ["0", "0", null, "1"],
      ["1", "1", null, "1"],
    ]);
    expect(rowsTotal).toBe(5000);
  });

  test("are counted up to a million more, and cut at 16,384 units a cell", async () => {
    const known = await rowsOf("FROM range(1000003)", 3);
    expect([known.rows.length, known.rowsTotal]).toEqual([3, 1_000_003]);
    const unknown = await rowsOf("FROM range(1010000)", 3);
    expect([unknown.rows.length, unknown.rowsTotal]).toEqual([3, null]);
    const { rows } = await rowsOf("SELECT repeat('x', 16384) AS a, repeat('x', 16385) AS b", 1);
    expect(rows[0]?.map((cell) => cell?.length)).toEqual([16_384, 16_384]);
  });
});

test("a row larger than a piece comes whole", async () => {
  const pieces = await piecesOf("SELECT repeat('x', 3000000) AS s FROM range(2)", { format: json });
  expect(pieces.map((piece) => piece.byteLength > 3_000_000)).toEqual(
    [true, true, false].slice(0, pieces.length),
  );
});
