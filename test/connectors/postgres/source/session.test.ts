/** Reads that share one state of the database, in ranges of pages or not. */
import { describe, expect, test } from "vitest";
import type { SourceSession } from "../../../../src/core/ports/source.ts";
import { refusalOf } from "../wire/connect-to.ts";
import { databaseForEach, readAll, requestOf, sourceOf } from "./database.ts";

const database = databaseForEach();
const { sql } = database;
const { signal } = new AbortController();

async function sessionOf(source: ReturnType<typeof sourceOf>): Promise<SourceSession> {
  const session = await source.session?.({ streams: [], signal });
  if (session === null || session === undefined) throw new Error("expected a session");
  return session;
}

describe("a session", () => {
  test("shows every read the state that it began with", async () => {
    await sql("CREATE TABLE a (n int); CREATE TABLE b (n int); INSERT INTO a VALUES (1)");
    const control = sourceOf(database.server);
    const source = sourceOf(database.server);
    const session = await sessionOf(control);
    await sql("INSERT INTO a VALUES (2); INSERT INTO b VALUES (2)");
    const sessionToken = session.token;
    const first = await readAll(source, requestOf("a", { sessionToken }));
    await sql("DELETE FROM a");
    await sql("VACUUM a");
    const again = await readAll(source, requestOf("a", { sessionToken }));
    expect([first.rows, again.rows]).toEqual([['{"n":1}'], ['{"n":1}']]);
    expect(first.items[0]?.cursor.resume).toBe("same_read");
    expect((await readAll(source, requestOf("b", { sessionToken }))).rows).toEqual([]);
    await session.close();
    await Promise.all([control.close(), source.close()]);
  });

  test.each([
    ["is emptied", "TRUNCATE a"],
    ["is filled anew", "TRUNCATE a; INSERT INTO a VALUES (5, 'x')"],
    ["has a column of another type", "ALTER TABLE a ALTER COLUMN m TYPE int USING 3"],
    ["is another", "CREATE TABLE c (n int); DROP TABLE a; ALTER TABLE c RENAME TO a"],
    ["is a twin", "ALTER TABLE a RENAME TO old; ALTER TABLE twin RENAME TO a"],
    ["has a partition that is emptied", "TRUNCATE a_1"],
    ["has a partition more", "CREATE TABLE a_2 PARTITION OF a FOR VALUES IN (2)"],
    ["has a partition less", "DROP TABLE a_1"],
  ])("is lost to a table that %s meanwhile, which keeps no older rows", async (what, change) => {
    await sql(
      what.includes("partition")
        ? "CREATE TABLE a (n int, m text) PARTITION BY LIST (n); " +
            "CREATE TABLE a_1 PARTITION OF a FOR VALUES IN (1)"
        : "CREATE TABLE a (n int, m text)",
    );
    await sql("CREATE TABLE b (n int); INSERT INTO a VALUES (1, 'one'); INSERT INTO b VALUES (1)");
    await sql("CREATE TABLE twin (n int)");
    const control = sourceOf(database.server);
    const source = sourceOf(database.server);
    const session = await sessionOf(control);
    const sessionToken = session.token;
    await readAll(source, requestOf("b", { sessionToken }));
    await sql(change);
    expect(await refusalOf(readAll(source, requestOf("a", { sessionToken })))).toMatchObject({
      kind: "Transient",
      code: "postgres.snapshot_lost",
    });
    // Of the others nothing is lost.
    expect((await readAll(source, requestOf("b", { sessionToken }))).rows).toEqual(['{"n":1}']);
    await session.close();
    await Promise.all([control.close(), source.close()]);
  });

  test("is not lost to what leaves the rows where they are", async () => {
    await sql('CREATE SCHEMA "Odd"; CREATE TABLE "Odd"."A b" (n int, m int)');
    await sql('INSERT INTO "Odd"."A b" VALUES (1); CREATE TABLE other (n int)');
    await sql('CREATE MATERIALIZED VIEW mv AS SELECT n FROM "Odd"."A b"');
    const queries = { q: 'SELECT n FROM "Odd"."A b" NATURAL JOIN mv' };
    const source = sourceOf(database.server, { schemas: ["Odd", "public"], queries });
    const session = await sessionOf(source);
    await sql('TRUNCATE other; CREATE INDEX ON "Odd"."A b" (n)');
    await sql('VACUUM "Odd"."A b"');
    await sql('ALTER TABLE "Odd"."A b" ADD COLUMN x int; DROP TABLE other; ANALYZE');
    for (const stream of ["Odd.A b", "mv", "q"]) {
      const request = requestOf(stream, { columns: ["n"], sessionToken: session.token });
      expect((await readAll(source, request)).rows, stream).toEqual(['{"n":1}']);
    }
    await session.close();
    await source.close();
  });

  test("that has ended is Transient for reads that begin under it", async () => {
    await sql("CREATE TABLE a (n int)");
    const source = sourceOf(database.server);
    const session = await sessionOf(source);
    await session.close();
    const read = readAll(source, requestOf("a", { sessionToken: session.token }));
    expect(await refusalOf(read)).toMatchObject({
      kind: "Transient",
      code: "postgres.snapshot_lost",
    });
    await source.close();
  });

  test("says that it is lost when its connection is", async () => {
    const source = sourceOf(database.server);
    const session = await sessionOf(source);
    await sql(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'hakiri'",
    );
    expect(await session.lost).toContain("127.0.0.1");
    await session.close();
    await source.close();
  });

  test("isn't opened where one read has nothing to share, or nobody wants it", async () => {
    const one = sourceOf(database.server, { split: 1 });
    expect(await one.session?.({ streams: ["a"], signal })).toBeNull();
    const unwanted = sourceOf(database.server, { snapshot: false });
    expect(await unwanted.session?.({ streams: [], signal })).toBeNull();
    await Promise.all([one.close(), unwanted.close()]);
  });
});

describe("ranges of pages", () => {
  test("have each row of the snapshot once, whatever is moved between pages meanwhile", async () => {
    await sql("CREATE TABLE t (id int primary key, n int, filler text)");
    await sql("INSERT INTO t SELECT i, 0, repeat('x', 100) FROM generate_series(1, 20000) i");
    const source = sourceOf(database.server, { split: 4 });
    const session = await sessionOf(source);
    const request = requestOf("t", { columns: ["id", "n"], sessionToken: session.token });
    const partitions = (await source.partitions?.(request)) ?? [];
    expect(partitions).toHaveLength(4);
    const rows: string[] = [];
    for (const partition of partitions) {
      rows.push(...(await readAll(source, { ...request, partition })).rows);
      await sql("UPDATE t SET n = n + 1 WHERE id % 3 = 0; DELETE FROM t WHERE id % 7 = 0");
      await sql("VACUUM t");
      await sql(
        "INSERT INTO t SELECT i, 9, '' FROM generate_series(30001, 31000) i ON CONFLICT DO NOTHING",
      );
    }
    const expected = Array.from({ length: 20_000 }, (_, index) => `{"id":${index + 1},"n":0}`);
    expect(rows.toSorted()).toEqual(expected.toSorted());
    await session.close();
    await source.close();
  }, 60_000);

  test("of a table that was packed anew meanwhile aren't read", async () => {
    await sql("CREATE TABLE t (id int primary key, filler text)");
    await sql("INSERT INTO t SELECT i, repeat('x', 100) FROM generate_series(1, 20000) i");
    await sql("DELETE FROM t WHERE id < 10000");
    const source = sourceOf(database.server, { split: 2 });
    const session = await sessionOf(source);
    const request = requestOf("t", { columns: ["id"], sessionToken: session.token });
    const [first = null, second = null] = (await source.partitions?.(request)) ?? [];
    await readAll(source, { ...request, partition: first });
    await sql("VACUUM FULL t");
    const read = readAll(source, { ...request, partition: second });
    expect(await refusalOf(read)).toMatchObject({
      kind: "Transient",
      code: "postgres.snapshot_lost",
    });
    await session.close();
    await source.close();
  });

  test.each([
    ["a small table by itself", "auto", "CREATE TABLE t AS SELECT 1 AS a"],
    ["a view", 4, "CREATE VIEW t AS SELECT 1 AS a"],
    ["an empty table", 4, "CREATE TABLE t (a int)"],
  ] as const)("aren't made of %s", async (_, split, text) => {
    await sql(text);
    const source = sourceOf(database.server, { split });
    const session = await sessionOf(source);
    expect(await source.partitions?.(requestOf("t", { sessionToken: session.token }))).toEqual([]);
    await session.close();
    await source.close();
  });

  test("aren't made without a shared state", async () => {
    await sql("CREATE TABLE t AS SELECT i FROM generate_series(1, 10000) i");
    const source = sourceOf(database.server, { split: 4 });
    expect(await source.partitions?.(requestOf("t"))).toEqual([]);
    await source.close();
  });
});
