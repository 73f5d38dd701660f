/** What a statement is found to be before any of it runs. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  analyseStatement,
  statementLengthMax,
} from "../../../src/context/query/analyse-statement.ts";
import { openDuckDb, type DuckDb } from "../../../src/context/duckdb/open-duckdb.ts";
import { rejectionOf } from "../thrown.ts";

let duckDb: DuckDb;
beforeAll(async () => {
  duckDb = await openDuckDb({ threads: 1, memoryLimit: "256MB", temporaryFolder: "" });
});
afterAll(() => duckDb.close());

async function tablesOf(sql: string): Promise<readonly string[]> {
  const { tables } = await analyseStatement(duckDb, sql);
  return tables
    .map(({ namespace, name }) => (namespace === "" ? name : `${namespace}/${name}`))
    .toSorted();
}

describe("the tables of a statement", () => {
  test.each([
    ["SELECT 1", []],
    ["FROM a", ["a"]],
    ["TABLE a", ["a"]],
    ["SELECT * FROM a, crm.b AS c, A", ["A", "a", "crm/b"]],
    ['SELECT * FROM "a b"."c""d"', ['a b/c"d']],
    ["WITH x AS (FROM a) FROM X JOIN b USING (id)", ["a", "b"]],
    ["WITH x AS (FROM a) FROM main.x", ["a", "main/x"]],
    ["WITH RECURSIVE r AS (SELECT 1 UNION ALL FROM r JOIN a USING (i)) FROM r", ["a"]],
    [
      "SELECT (SELECT max(i) FROM a), EXISTS (FROM b), [x FOR x IN (SELECT list(i) FROM c)]",
      ["a", "b", "c"],
    ],
    ["FROM a UNION ALL BY NAME FROM b ORDER BY (SELECT max(i) FROM c)", ["a", "b", "c"]],
    ["PIVOT a ON k IN ('x', 'y') USING sum(v)", ["a"]],
    ["UNPIVOT a ON b, c", ["a"]],
    ["FROM a ASOF JOIN b USING (t) POSITIONAL JOIN c", ["a", "b", "c"]],
    ["DESCRIBE a", ["a"]],
    ["SUMMARIZE FROM a", ["a"]],
    ["SHOW a", ["a"]],
    ["EXPLAIN SELECT * FROM a", ["a"]],
    ["explain /* c */ analyze -- x\n from a", ["a"]],
    ["EXPLAIN (ANALYZE, FORMAT json) FROM a", ["a"]],
    ["FROM range(3) r(i), LATERAL (FROM a WHERE a.i = r.i)", ["a"]],
  ])("%s", async (sql, tables) => {
    expect(await tablesOf(sql)).toEqual(tables);
  });

  test("have a place, counted in bytes of the whole statement", async () => {
    const { tables } = await analyseStatement(duckDb, "EXPLAIN SELECT '\u00e9' FROM orders");
    expect(tables).toEqual([{ namespace: "", name: "orders", position: 25 }]);
  });
});

test("statements that ask what there is are known", async () => {
  const lists = async (sql: string) => (await analyseStatement(duckDb, sql)).listsTables;
  for (const sql of [
    "SHOW TABLES",
    "SHOW ALL TABLES",
    "SHOW TABLES FROM crm",
    "FROM (SHOW TABLES)",
    "FROM information_schema.columns",
    "FROM duckdb_tables()",
    "FROM duckdb_views",
    "FROM sqlite_master",
    "FROM pragma_table_info('a')",
  ]) {
    expect(await lists(sql), sql).toBe(true);
  }
  for (const sql of ["FROM a", "DESCRIBE a", "SUMMARIZE a", "SELECT 1 AS duckdb_tables"]) {
    expect(await lists(sql), sql).toBe(false);
  }
});

describe("a statement can stand in brackets", () => {
  test.each([
    ["SELECT 1;", "SELECT 1"],
    ["SELECT 1 ; ;\n", "SELECT 1 "],
    ["SELECT ';' ; -- a;b", "SELECT ';' "],
    ["SELECT 1 -- a; b", "SELECT 1 -- a"],
    ["SELECT ';'", "SELECT ';'"],
    ['SELECT 1 AS ";"', 'SELECT 1 AS ";"'],
    ["SELECT $$;$$ /* ; */;", "SELECT $$;$$ /* "],
    ["EXPLAIN SELECT 1;", "SELECT 1"],
  ])("%s", async (sql, query) => {
    const analysis = await analyseStatement(duckDb, sql);
    // What is cut off may be a comment, as long as what is left means the same.
    expect(sql.startsWith(analysis.explain + analysis.query)).toBe(true);
    await duckDb.run(`FROM (\n${analysis.query.replace(/\/\*[^*]*$/u, "")}\n)`);
    if (!query.includes("/*")) expect(analysis.query).toBe(query);
  });

  test("with 15 semicolons after it, not with more", async () => {
    const { query } = await analyseStatement(duckDb, `SELECT 1${";".repeat(15)}`);
    expect(query).toBe("SELECT 1");
    const error = await rejectionOf(analyseStatement(duckDb, `SELECT 1${";".repeat(16)}`));
    expect(error.code).toBe("usage.sql_many");
  });
});

describe("a statement is refused", () => {
  test.each([
    ["", "usage.sql_empty"],
    ["  -- nothing\n", "usage.sql_empty"],
    [";", "usage.sql_empty"],
    ["SELECT 1; SELECT 2", "usage.sql_many"],
    ["SELECT 1; COPY (SELECT 1) TO 'x'", "usage.sql_statement"],
    ["COPY (SELECT 1) TO 'x'", "usage.sql_statement"],
    ["EXPLAIN ANALYZE COPY (SELECT 1) TO 'x'", "usage.sql_statement"],
    ["EXPLAIN (ANALYZE) COPY (SELECT 1) TO 'x'", "usage.sql_statement"],
    ["EXPLAIN SELECT 1; COPY (SELECT 1) TO 'x'", "usage.sql_statement"],
    ["EXPLAIN", "usage.sql"],
    ["CREATE TABLE t AS SELECT 1", "usage.sql_statement"],
    ["INSERT INTO t VALUES (1)", "usage.sql_statement"],
    ["ATTACH 'x.db'", "usage.sql_statement"],
    ["SET threads = 1", "usage.sql_statement"],
    ["PRAGMA enable_profiling", "usage.sql_statement"],
    ["PRAGMA table_info('a')", "usage.sql_statement"],
    ["CALL enable_logging()", "usage.sql_statement"],
    ["INSTALL httpfs", "usage.sql_statement"],
    ["LOAD json", "usage.sql_statement"],
    ["CHECKPOINT", "usage.sql_statement"],
    ["USE crm", "usage.sql_statement"],
    ["BEGIN", "usage.sql_statement"],
    ["EXPORT DATABASE 'x'", "usage.sql_statement"],
    ["PREPARE p AS SELECT 1", "usage.sql_statement"],
    ["PIVOT a ON k USING sum(v)", "usage.sql_statement"],
    ["FROM read_csv('x.csv')", "usage.sql_function"],
    ["FROM read_text('/etc/passwd')", "usage.sql_function"],
    ["SELECT (FROM system.main.read_blob('x') SELECT content)", "usage.sql_function"],
    ["FROM glob('*')", "usage.sql_function"],
    ["FROM parquet_metadata('x')", "usage.sql_function"],
    ["FROM query('SELECT 1')", "usage.sql_function"],
    ["FROM query_table('a')", "usage.sql_function"],
    ["FROM json_execute_serialized_sql('{}')", "usage.sql_function"],
    ["FROM enable_logging('QueryLog', storage = 'file')", "usage.sql_function"],
    ["WITH x AS MATERIALIZED (FROM ENABLE_PROFILING()) FROM x", "usage.sql_function"],
    ["FROM duckdb_secrets()", "usage.sql_function"],
    ["SELEC 1", "usage.sql"],
    ["SELECT 1 +", "usage.sql"],
    ["WITH x AS (INSERT INTO t VALUES (1) RETURNING *) FROM x", "usage.sql"],
    ["SELECT 'a\0b'", "usage.nul_in_sql"],
  ])("%s: %s", async (sql, code) => {
    const error = await rejectionOf(analyseStatement(duckDb, sql));
    expect(error.code).toBe(code);
    expect(error.hint).not.toBe("");
  });

  test("with the place of a syntax error, also after EXPLAIN", async () => {
    expect(await rejectionOf(analyseStatement(duckDb, "SELECT *\n FRM t"))).toMatchObject({
      message: 'Parser Error: syntax error at or near "t" (line 2, column 6)',
      evidence: { line: 2, column: 6 },
    });
    expect(
      await rejectionOf(analyseStatement(duckDb, "EXPLAIN SELECT '\u{1f600}' FRM t u")),
    ).toMatchObject({
      evidence: { line: 1, column: 24 },
    });
  });

  test("past its longest length only", async () => {
    const longest = `SELECT 1 --${"x".repeat(statementLengthMax - 11)}`;
    expect(await tablesOf(longest)).toEqual([]);
    const error = await rejectionOf(analyseStatement(duckDb, `${longest}x`));
    expect(error.code).toBe("usage.sql_too_long");
  });

  test("where it is nested too deeply, without harm", async () => {
    const deep = `SELECT ${"1+".repeat(20_000)}1`;
    expect((await rejectionOf(analyseStatement(duckDb, deep))).code).toBe("usage.sql");
    expect(await tablesOf(`SELECT ${"(".repeat(500)}1${")".repeat(500)} FROM a`)).toEqual(["a"]);
    expect(await tablesOf(`SELECT ${"1+".repeat(900)}1 FROM a`)).toEqual(["a"]);
  });
});
