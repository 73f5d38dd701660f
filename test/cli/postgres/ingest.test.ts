/** A database on the command line: what is ingested, how often, and what it is called. */
import { describe, expect, test, vi } from "vitest";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { databaseOfTests, errorOf } from "./database-project.ts";

const { project, server, home, url, sql, rows } = databaseOfTests();

const shop = `CREATE TABLE customers (id int PRIMARY KEY, name text);
  CREATE TABLE orders (id bigint PRIMARY KEY, customer int, total numeric(10,2), at timestamptz);
  INSERT INTO customers VALUES (1, 'Ada'), (2, 'Grace');
  INSERT INTO orders VALUES (1, 1, 9.50, '2026-01-05 10:00Z'), (2, 2, 20, '2026-01-06 11:00Z');
  CREATE VIEW late AS SELECT * FROM orders WHERE at > '2026-01-06'`;

const tablesOf = async (...args: readonly string[]): Promise<readonly string[]> => {
  const { tables } = (await project().document(0, ...args)) as { tables: { table: string }[] };
  return tables.map(({ table }) => table).toSorted();
};

const pipelines = async (): Promise<unknown> => {
  const { pipelines: all } = (await project().document(0, "pipeline", "list")) as {
    pipelines: { name: string }[];
  };
  return all.map(({ name }) => name);
};

describe("a call of ingest", () => {
  test("brings all tables of a database, once, however often it is typed", async () => {
    await sql(shop);
    expect(await project().document(0, "ingest", url())).toMatchObject({
      pipeline: "postgres",
      status: "succeeded",
      tables: [
        { table: "customers", rows: 2, inserted: 2 },
        { table: "orders", rows: 2, inserted: 2 },
      ],
    });
    await sql("INSERT INTO orders VALUES (3, 1, 1, now()); DELETE FROM orders WHERE id = 1");
    // Whoever logs in, it is the same database.
    await sql("DROP ROLE IF EXISTS ada; CREATE ROLE ada SUPERUSER LOGIN");
    await project().document(0, "ingest", url().replace("postgres@", "ada@"));
    expect(await rows("select id from orders order by id")).toEqual([{ id: "2" }, { id: "3" }]);
    expect(await rows('select total, "at" from orders where id = 2')).toEqual([
      { total: "20.00", at: "2026-01-06T11:00:00.000000Z" },
    ]);
    expect(await pipelines()).toEqual(["postgres"]);
  });

  test("takes tables, a view and queries, one by one, into one pipeline", async () => {
    await sql(shop);
    const query = encodeURIComponent("SELECT customer, sum(total) AS sum FROM orders GROUP BY 1;");
    expect(await tablesOf("ingest", url(`query=${query}&stream=sums`))).toEqual(["sums"]);
    expect(await tablesOf("ingest", url("table=late"))).toEqual(["late"]);
    expect(await tablesOf("ingest", url("table=orders&table=public.customers"))).toEqual([
      "customers",
      "orders",
    ]);
    expect(await tablesOf("run", "postgres")).toEqual(["customers", "late", "orders", "sums"]);
    expect(
      await rows("select * exclude (_hakiri_run_id, _hakiri_loaded_at) from sums order by 1"),
    ).toEqual([
      { customer: 1, sum: "9.50" },
      { customer: 2, sum: "20.00" },
    ]);
    expect(await pipelines()).toEqual(["postgres"]);
  });

  test("adds a query to a pipeline of all tables, which stays one of all tables", async () => {
    await sql(shop);
    await project().document(0, "ingest", url());
    const query = url(
      "stream=sums&query=SELECT customer, sum(total) AS sum FROM orders GROUP BY 1",
    );
    expect(await tablesOf("ingest", query)).toEqual(["sums"]);
    await sql("DELETE FROM orders WHERE id = 2");
    expect(await tablesOf("ingest", url())).toEqual(["customers", "orders", "sums"]);
    expect(await rows("select customer from sums")).toEqual([{ customer: 1 }]);
    expect(await pipelines()).toEqual(["postgres"]);
  });

  test("of a schema is a pipeline of that schema's tables", async () => {
    await sql(`${shop}; CREATE SCHEMA sales; CREATE TABLE sales.refunds AS SELECT 1 AS id`);
    expect(await tablesOf("ingest", url("schema=sales"))).toEqual(["refunds"]);
    expect(await tablesOf("ingest", url("table=sales.refunds"), "--as", "money.back")).toEqual([
      "money.back",
    ]);
  });

  test("that the source refuses leaves no stream behind that later ones stumble over", async () => {
    await sql(`${shop}; CREATE SCHEMA sales; CREATE TABLE sales.orders AS SELECT 1 AS id`);
    expect(await errorOf(project(), 2, "ingest", url())).toMatchObject({
      code: "usage.same_table",
      message:
        "expected a table for each stream, but 'public.orders' and 'sales.orders' would both be orders",
      hint: expect.stringContaining("--namespace '{schema}'") as string,
    });
    expect(await errorOf(project(), 2, "ingest", url("query=SELEC%201"))).toMatchObject({
      code: "usage.bad_query",
    });
    expect(await errorOf(project(), 2, "ingest", url("table=order"))).toMatchObject({
      code: "usage.unknown_stream",
      hint: "did you mean 'orders'?",
    });
    expect(await tablesOf("ingest", url("table=orders"))).toEqual(["orders"]);
    expect(await errorOf(project(), 2, "ingest", url("table=sales.orders"))).toMatchObject({
      code: "usage.same_table",
    });
    expect(await tablesOf("ingest", url("table=sales.orders"), "--as", "other")).toEqual(["other"]);
    expect(await tablesOf("run", "postgres")).toEqual(["orders", "other"]);
  });

  test("of equal names in two schemas has a table for each by a template", async () => {
    await sql("CREATE TABLE t AS SELECT 1 AS a; CREATE SCHEMA sales");
    await sql("CREATE TABLE sales.t AS SELECT 2 AS a");
    expect(await tablesOf("ingest", url(), "--namespace", "{schema}")).toEqual([
      "public.t",
      "sales.t",
    ]);
    expect(await rows("select p.a, s.a as b from public.t as p, sales.t as s")).toEqual([
      { a: 1, b: 2 },
    ]);
    const template = ["--set", "table_template={schema}_{stream}", "--namespace", "b"];
    expect(await tablesOf("ingest", url(), ...template)).toEqual(["b.public_t", "b.sales_t"]);
  });

  test("keeps any name that PostgreSQL allows, and what it says next is SQL", async () => {
    const long = "abcdefghij".repeat(6) + "xyz";
    const names = [`Quoted "🐘" name`, "select", "a.b", "a*b", "Straße", long, "it's"];
    const quoted = names.map((name) => `"${name.replaceAll('"', '""')}"`);
    for (const name of quoted) await sql(`CREATE TABLE ${name} (${name} int, "Ä%_\\" text)`);
    for (const name of quoted) await sql(`INSERT INTO ${name} VALUES (1, 'x')`);
    await project().document(0, "ingest", url());
    for (const name of quoted) {
      expect(await rows(`select ${name}, "Ä%_\\" from main.${name}`)).toHaveLength(1);
    }
    const { out } = await project().type("ingest", url(`table=${encodeURIComponent("a*b")}`));
    expect(out).toContain(`hakiri query 'from "a*b" limit 10'`);
  });

  test("of tables that differ in case only has one of them called otherwise", async () => {
    await sql(`CREATE TABLE t AS SELECT 1 AS a; CREATE TABLE "T" AS SELECT 2 AS a, 3 AS "A"`);
    const error = await errorOf(project(), 2, "ingest", url());
    expect(error).toMatchObject({ code: "usage.same_table" });
    expect(await tablesOf("ingest", url("table=T"), "--as", "upper_t")).toEqual(["upper_t"]);
    expect(await tablesOf("ingest", url("table=t"))).toEqual(["t"]);
    expect(await rows(`select a, "A_2" from upper_t`)).toEqual([{ a: 2, A_2: 3 }]);
  });
});

describe("looking at a database", () => {
  test("tells its streams, shows rows and plans, and makes no store", async () => {
    await sql(`${shop}; COMMENT ON TABLE orders IS 'what was bought'`);
    expect(await project().document(0, "discover", url("table=orders"))).toMatchObject({
      connector: "postgres",
      pipeline: "postgres",
      streams: [
        {
          stream: "orders",
          namespace: "public",
          table: "orders",
          disposition: "replace",
          primary_key: ["id"],
          columns: [
            { name: "id", type: "int64", nullable: false },
            { name: "customer" },
            { name: "total", type: "decimal(10,2)" },
            { name: "at" },
          ],
        },
      ],
    });
    expect(await project().document(0, "preview", url("table=late"))).toMatchObject({
      streams: [{ stream: "late", rows: [{ id: "2", total: "20.00" }] }],
    });
    // A view may take long: it is looked at where it is named.
    expect(await project().document(0, "preview", url())).toMatchObject({
      streams: [{ stream: "customers" }, { stream: "orders" }],
    });
    for (const command of ["discover", "preview", "plan"]) {
      expect(await errorOf(project(), 2, command, url("table=order"))).toMatchObject({
        code: "usage.unknown_stream",
        hint: "did you mean 'orders'?",
      });
    }
    expect(await project().document(0, "plan", url())).toMatchObject({
      is_new: true,
      streams: [
        { stream: "customers", creates_table: true },
        { stream: "orders", creates_table: true, disposition: "replace" },
      ],
    });
    expect(await project().document(0, "discover", url("query=SELECT%201%20AS%20x"))).toMatchObject(
      { streams: [{ stream: "query", columns: [{ name: "x" }] }] },
    );
    expect(await errorOf(project(), 2, "query", "from orders")).toMatchObject({
      code: "usage.no_store",
    });
  });
});

describe("where a database is, and who asks", () => {
  const password = "s3cret&more";

  test("a pipeline's file says, the password by reference", async () => {
    await sql(`${shop}; DROP ROLE IF EXISTS reader`);
    await sql(`CREATE ROLE reader LOGIN; GRANT pg_read_all_data TO reader`);
    await project().write(
      "pipelines/shop.toml",
      `connector = "postgres"
namespace = "shop"
[source]
host = "127.0.0.1"
port = ${server().port}
user = "reader"
database = "postgres"
password = { env = "SHOP_PASSWORD" }
[[streams]]
stream = "orders"
incremental = "at"
`,
    );
    expect(await project().document(0, "validate", "pipelines/shop.toml")).toMatchObject({
      ok: true,
    });
    expect(await errorOf(project(), 5, "run", "shop")).toMatchObject({ code: "secret.missing" });
    vi.stubEnv("SHOP_PASSWORD", password);
    expect(await project().document(0, "run", "shop")).toMatchObject({
      tables: [{ table: "shop.orders", rows: 2 }],
    });
    expect(await project().document(0, "run", "shop")).toMatchObject({ snapshot_id: null });
  });

  test("PG* variables and a service say, and what they said stays", async () => {
    await sql(shop);
    vi.stubEnv("PGHOST", server().socketFolder);
    vi.stubEnv("PGPORT", String(server().port));
    vi.stubEnv("PGUSER", "postgres");
    await project().document(0, "ingest", "postgres:///postgres?table=orders");
    for (const name of ["PGHOST", "PGPORT", "PGUSER"]) vi.stubEnv(name, "");
    await project().document(0, "run", "postgres");
    await writeFile(
      join(home(), ".pg_service.conf"),
      `[shop]\nhost=127.0.0.1\nport=${server().port}\nuser=postgres\ndbname=postgres\n`,
    );
    const { pipeline } = (await project().document(
      0,
      "ingest",
      "postgres://?service=shop&table=customers",
    )) as { pipeline: string };
    // Another way to reach it, and so another pipeline.
    expect(pipeline).toBe("postgres_2");
    await project().document(0, "run", "postgres_2");
    await rm(join(home(), ".pg_service.conf"));
  });
});
