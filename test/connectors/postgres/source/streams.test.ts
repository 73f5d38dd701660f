/** What a database's streams are, and full reads of them. */
import { describe, expect, test } from "vitest";
import type { EmbeddedPostgres } from "../../../../scripts/servers/embedded-postgres.ts";
import type { StreamDescription } from "../../../../src/core/ports/source.ts";
import type { DatabaseSettings } from "../../../../connectors/postgres/source.ts";
import { refusalOf } from "../wire/connect-to.ts";
import { databaseForEach, readAll, requestOf, sourceOf } from "./database.ts";

const database = databaseForEach();
const { sql } = database;

async function discovered(
  settings: Partial<DatabaseSettings> = {},
  notice: (text: string) => void = () => undefined,
): Promise<readonly StreamDescription[]> {
  const source = sourceOf(database.server, settings);
  try {
    return await source.discover({ ...requestOf(""), notice });
  } finally {
    await source.close();
  }
}

const namesOf = (streams: readonly StreamDescription[]): readonly string[] =>
  streams.map(({ stream }) => stream).toSorted();

const usual = (streams: readonly StreamDescription[]): readonly StreamDescription[] =>
  streams.filter(({ isOptional }) => isOptional !== true);

const refusedBy = async (settings: Partial<DatabaseSettings>) => refusalOf(discovered(settings));

describe("the streams of a database", () => {
  test("are read unnamed where the user may read every column; others are told", async () => {
    await sql("DROP ROLE IF EXISTS poor; CREATE ROLE poor LOGIN");
    await sql("CREATE TABLE a (x int, y int); CREATE TABLE b (x int, y int)");
    await sql("GRANT USAGE ON SCHEMA public TO poor; GRANT SELECT (x, y) ON a TO poor");
    await sql("GRANT SELECT (x) ON b TO poor; ALTER ROLE postgres SET role = poor");
    const notices: string[] = [];
    try {
      const streams = await discovered({}, (text) => void notices.push(text));
      expect(namesOf(streams)).toEqual(["a", "b"]);
      expect(streams.map(({ isOptional }) => isOptional)).toEqual([false, true]);
    } finally {
      await sql("ALTER ROLE postgres RESET role; DROP OWNED BY poor; DROP ROLE poor");
    }
    expect(notices).toEqual([expect.stringContaining("may not SELECT all of them: b")]);
  });

  test("are its tables, with keys, comments and columns", async () => {
    await sql(`CREATE TABLE orders ("Id" bigint, line int, "a""b" text, PRIMARY KEY (line, "Id"))`);
    await sql("COMMENT ON TABLE orders IS 'what was bought'");
    await sql("ALTER TABLE orders ADD gone int; ALTER TABLE orders DROP gone");
    expect(await discovered()).toMatchObject([
      {
        stream: "orders",
        namespace: "public",
        disposition: "replace",
        comment: "what was bought",
        schema: {
          primaryKey: ["line", "Id"],
          fields: [
            { name: "Id", nullable: false },
            { name: "line", nullable: false },
            { name: 'a"b', nullable: true },
          ],
        },
      },
    ]);
  });

  test("have a key without the columns that its index merely includes", async () => {
    await sql("CREATE TABLE t (a int, b int, note text, PRIMARY KEY (b, a) INCLUDE (note))");
    expect((await discovered()).map(({ schema }) => schema.primaryKey)).toEqual([["b", "a"]]);
  });

  test("have no key where another table's rows are among them, which it says nothing of", async () => {
    await sql(
      "CREATE TABLE t (id int PRIMARY KEY); CREATE TABLE u (LIKE t INCLUDING ALL) INHERITS (t)",
    );
    await sql("INSERT INTO t VALUES (1); INSERT INTO u VALUES (1)");
    const keys = (await discovered()).map(({ stream, schema }) => [stream, schema.primaryKey]);
    expect(keys).toEqual([
      ["t", []],
      ["u", ["id"]],
    ]);
  });

  test("are the same whatever functions a schema has in the way of the server's own", async () => {
    await sql("CREATE TABLE t (id int PRIMARY KEY, other int)");
    await sql(
      "CREATE FUNCTION public.unnest(smallint[]) RETURNS SETOF smallint LANGUAGE sql " +
        "AS 'SELECT 2::smallint'; " +
        "CREATE FUNCTION public.last(text, name) RETURNS text LANGUAGE sql AS $$ SELECT '[]' $$; " +
        "CREATE AGGREGATE public.json_agg(name) (SFUNC = public.last, STYPE = text, INITCOND = '[]')",
    );
    expect(await discovered()).toMatchObject([{ stream: "t", schema: { primaryKey: ["id"] } }]);
  });

  test("have their schema before them, but for public's; none is called like another", async () => {
    await sql('CREATE SCHEMA sales; CREATE TABLE sales.x (a int); CREATE TABLE "sales.x" (b int)');
    await sql("CREATE TABLE x (c int)");
    const streams = await discovered();
    expect(streams.map(({ stream, bareName }) => `${stream}: ${bareName}`).toSorted()).toEqual([
      "public.sales.x: sales.x",
      "sales.x: x",
      "x: x",
    ]);
    const source = sourceOf(database.server);
    await sql(`INSERT INTO sales.x VALUES (1); INSERT INTO "sales.x" VALUES (2)`);
    expect((await readAll(source, requestOf("sales.x"))).rows).toEqual(['{"a":1}']);
    expect((await readAll(source, requestOf("public.sales.x"))).rows).toEqual(['{"b":2}']);
    await source.close();
  });

  test("have views among them, which are read only where they are named", async () => {
    await sql("CREATE TABLE t (a int); CREATE VIEW v AS SELECT a, 1 AS one FROM t");
    await sql("CREATE MATERIALIZED VIEW m AS SELECT 7 AS seven");
    const optional = (await discovered()).filter(({ isOptional = false }) => isOptional);
    expect(namesOf(optional)).toEqual(["m", "v"]);
    const named = await discovered({ tables: ["v"] });
    expect(named.map(({ stream, isOptional }) => [stream, isOptional])).toEqual([["v", false]]);
    const source = sourceOf(database.server);
    expect((await readAll(source, requestOf("m"))).rows).toEqual(['{"seven":7}']);
    await source.close();
  });

  test("have a partitioned table once, with the rows of all its partitions", async () => {
    await sql("CREATE TABLE p (a int) PARTITION BY RANGE (a)");
    await sql("CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (10)");
    await sql("CREATE TABLE p2 PARTITION OF p FOR VALUES FROM (10) TO (20)");
    await sql("INSERT INTO p VALUES (1), (11)");
    expect(namesOf(await discovered())).toEqual(["p"]);
    const source = sourceOf(database.server, { split: 4 });
    expect((await readAll(source, requestOf("p"))).rows.toSorted()).toEqual([
      '{"a":11}',
      '{"a":1}',
    ]);
    await source.close();
  });

  test("are chosen by schema, name and pattern", async () => {
    await sql("CREATE SCHEMA sales; CREATE TABLE sales.a_1 (a int); CREATE TABLE sales.b (a int)");
    await sql("CREATE TABLE a_2 (a int); CREATE TABLE c (a int)");
    expect(namesOf(await discovered({ schemas: ["sales"] }))).toEqual(["sales.a_1", "sales.b"]);
    expect(namesOf(await discovered({ tables: ["a_*"] }))).toEqual(["a_2", "sales.a_1"]);
    expect(namesOf(await discovered({ tables: ["sales.*", "c"] }))).toEqual([
      "c",
      "sales.a_1",
      "sales.b",
    ]);
    expect(namesOf(await discovered({ exclude: ["a_*", "sales.b"] }))).toEqual(["c"]);
  });

  test("that aren't there are named with their likes", async () => {
    await sql("CREATE TABLE orders (a int)");
    expect(await refusedBy({ tables: ["ordres"] })).toMatchObject({
      code: "usage.unknown_table",
      hint: "did you mean 'orders'?",
    });
    expect(await refusedBy({ schemas: ["publik"] })).toMatchObject({
      code: "usage.unknown_schema",
      hint: "did you mean 'public'?",
    });
    const source = sourceOf(database.server);
    const read = readAll(source, requestOf("order"));
    expect(await refusalOf(read)).toMatchObject({ code: "usage.unknown_stream" });
    await source.close();
  });

  test("that the user may not read are left out with a word, and an error where they are named", async () => {
    await sql("CREATE TABLE open (a int); CREATE TABLE secret (a int)");
    await sql("DROP ROLE IF EXISTS reader; CREATE ROLE reader LOGIN");
    await sql("GRANT USAGE ON SCHEMA public TO reader; GRANT SELECT ON open TO reader");
    const notices: string[] = [];
    const reader = { ...database.server, user: "reader" } as unknown as EmbeddedPostgres;
    const source = sourceOf(reader);
    const streams = await source.discover({
      ...requestOf(""),
      notice: (text) => void notices.push(text),
    });
    expect(namesOf(usual(streams))).toEqual(["open"]);
    expect(notices.join()).toContain("secret");
    expect(await refusalOf(readAll(source, requestOf("secret")))).toMatchObject({
      code: "postgres.not_allowed",
    });
    await source.close();
    const named = sourceOf(reader, { tables: ["secret"] });
    expect(await refusalOf(readAll(named, requestOf("secret")))).toMatchObject({
      kind: "Permanent",
      evidence: { sqlstate: "42501" },
    });
    await named.close();
    await sql("DROP OWNED BY reader; DROP ROLE reader");
  });
});

describe("a query", () => {
  test("is a stream with the types of its columns, a semicolon and a comment at its end or not", async () => {
    await sql("CREATE TABLE t (a int, b numeric(5,2)); INSERT INTO t VALUES (1, 2.5)");
    const queries = {
      sums: "SELECT a, b * 2 AS c, b::numeric(5,2) AS d FROM t; -- all",
      n: "TABLE t;",
    };
    const source = sourceOf(database.server, { queries: { n: queries.n } });
    expect(namesOf(usual(await source.discover(requestOf(""))))).toEqual(["n"]);
    // Read only where it is named.
    expect((await readAll(source, requestOf("t"))).rows).toEqual(['{"a":1,"b":2.50}']);
    expect((await readAll(source, requestOf("n"))).rows).toEqual(['{"a":1,"b":2.50}']);
    await source.close();
  });

  test.each([
    ["", "usage.invalid_config"],
    ["SELECT 1", "usage.unnamed_column"],
    ["SELECT 1 AS a, 2 AS a", "usage.unnamed_column"],
  ])("of %j is %s", async (text, code) => {
    expect(await refusedBy({ queries: { q: text } })).toMatchObject({ code });
  });

  test.each(["SELEC 1", "SELECT * FROM nowhere", "SELECT 1) AS q; DROP TABLE t; --"])(
    "that the server refuses is the user's, with the server's words: %s",
    async (text) => {
      await sql("CREATE TABLE t (a int)");
      expect(await refusedBy({ queries: { q: text } })).toMatchObject({ kind: "Permanent" });
      expect(namesOf(await discovered())).toEqual(["t"]);
    },
  );

  test("writes nothing", async () => {
    await sql("CREATE TABLE t (a int); CREATE SEQUENCE s");
    await sql(
      "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'INSERT INTO t VALUES (1) RETURNING a'",
    );
    const source = sourceOf(database.server, { queries: { q: "SELECT f() AS a" } });
    expect(await refusalOf(readAll(source, requestOf("q")))).toMatchObject({
      kind: "Permanent",
      evidence: { sqlstate: "25006" },
    });
    await source.close();
  });
});

describe("a read", () => {
  test("of some columns, of so many rows, of nothing", async () => {
    await sql("CREATE TABLE t (a int, b int, c int); INSERT INTO t VALUES (1, 2, 3), (4, 5, 6)");
    const source = sourceOf(database.server);
    const some = await readAll(source, requestOf("t", { columns: ["c", "a"] }));
    expect(some.rows).toEqual(['{"a":1,"c":3}', '{"a":4,"c":6}']);
    const limits = { batchRowsMax: 10, batchBytesMax: 1000, rowsMax: 1 };
    expect((await readAll(source, requestOf("t", { limits }))).rows).toHaveLength(1);
    await sql("TRUNCATE t");
    const none = await readAll(source, requestOf("t"));
    expect(none.rows).toEqual([]);
    expect(none.end.schema?.fields).toHaveLength(3);
    await source.close();
  });

  test("uses a connection again when it was read to its end, and only then", async () => {
    await sql("CREATE TABLE t AS SELECT i AS a FROM generate_series(1, 100000) i");
    const source = sourceOf(database.server);
    const backends = async (): Promise<string> => {
      const { rows } = await database.client.query<{ n: string }>(
        "SELECT count(*) AS n FROM pg_stat_activity WHERE application_name = 'hakiri'",
      );
      return rows[0]?.n ?? "";
    };
    await source.discover(requestOf(""));
    await readAll(source, requestOf("t", { columns: ["a"] }));
    expect(await backends()).toBe("1");
    const reader = await source.open(requestOf("t"));
    await reader.next();
    await reader.close();
    await expect.poll(backends).toBe("0");
    await source.close();
  });
});
