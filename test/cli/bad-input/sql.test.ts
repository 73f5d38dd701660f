/** SQL that is wrong, that writes, or that reads what isn't in the store. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { testProject, type TestProject } from "../commands/command-line.ts";
import { refusal, standing, standingFiles } from "./refusal.ts";

let project: TestProject;
let before: unknown;

beforeAll(async () => {
  project = await testProject(standingFiles);
  await project.document(0, "run", "orders");
  before = await standing(project);
});

afterAll(() => project.remove());

const statements: readonly (readonly [code: string, ...sql: readonly string[]])[] = [
  ["usage.sql_empty", "", " ", ";"],
  [
    "usage.sql",
    "selec 1",
    "select",
    "select nope from orders",
    "/* open",
    "select 'open",
    "select ?",
  ],
  ["usage.sql_many", "select 1; select 2"],
  ["usage.unknown_table", "from nowhere", "from hakiri.x"],
  ["usage.nul_in_sql", "select '\0'"],
  ["usage.sql_too_long", `select '${"x".repeat(2_000_000)}'`],
  ["usage.sql_file", "from '/etc/passwd'", "from 'orders.csv'"],
  [
    "usage.sql_function",
    "from read_csv('/etc/passwd')",
    "from read_text('orders.csv')",
    "from glob('/*')",
    "from query('drop table orders')",
    "from duckdb_secrets()",
    "from sqlite_scan('.hakiri/catalog.sqlite', 'runs')",
  ],
  [
    "usage.sql_statement",
    "insert into orders values (1, 2)",
    "with t as (select 1) insert into orders from t",
    "update orders set id = 1",
    "delete from orders",
    "drop view orders",
    "select 1; drop view orders",
    "create table t as select 1",
    "copy orders to 'x.csv'",
    "attach 'x.db'",
    "export database 'x'",
    "install httpfs",
    "set memory_limit = '1GB'",
    "call pragma_version()",
    "explain delete from orders",
    "begin",
  ],
  ["data.invalid", "select cast('x' as int)", "select error('mine')"],
];

test.each(statements)("%s", { timeout: 120_000 }, async (code, ...sql) => {
  for (const statement of sql) {
    expect(await refusal(project, ["query", statement]), statement).toMatchObject({ code });
  }
});

test("after all of these the store is as it was", async () => {
  expect(await standing(project)).toEqual(before);
});
