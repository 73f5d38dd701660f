/** Names that other systems choke on, from a file through the store to both ways of asking. */
import { afterEach, expect, test } from "vitest";
import { quoteIdentifier } from "../../src/core/identifier.ts";
import type { Json } from "../../src/core/json.ts";
import { withViews } from "../runtime/test-store.ts";
import { testProject, type TestProject } from "./commands/command-line.ts";

let project: TestProject;
afterEach(() => project.remove());

/** As long as names of other databases may be; the two differ after that. */
const long = "n".repeat(63);

const odd: readonly string[] = [
  'a "quote"',
  "an apostrophe's; drop table x",
  "sl/ash",
  String.raw`back\slash`,
  "emoji \u{1f600}",
  "a.dot",
  "per%cent #hash",
  "select",
  "table",
  "null",
  long,
  `${long}a`,
  `${long}b`,
];

/** By `hakiri query`, and by a DuckDB that reads `views.sql`: both must say the same. */
async function asked(sql: string): Promise<Json> {
  const rows = await project.document(0, "query", sql);
  const plain: unknown = await withViews(project.folder, (query) => query(sql));
  expect(plain, sql).toEqual(rows);
  return rows;
}

test("columns of any name keep their names and values", async () => {
  const names = ["Id", "id", "ID", ...odd];
  const header = names.map((name) => `"${name.replaceAll('"', '""')}"`).join(",");
  project = await testProject({ "odd.csv": `${header}\n${names.map((_, at) => at).join(",")}\n` });
  await project.document(0, "ingest", "odd.csv");
  const [row] = (await asked(
    "SELECT COLUMNS(c -> NOT starts_with(c, '_hakiri_'))::VARCHAR FROM odd",
  )) as { [name: string]: string }[];
  // Two that differ in case alone are one in SQL: the later get a number.
  const shown = ["Id", "id_2", "ID_3", ...odd];
  expect(row).toEqual(Object.fromEntries(shown.map((name, at) => [name, String(at)])));
});

test("members of JSON of any name keep their names and values", async () => {
  const names = ["Id", "id", ...odd, "__proto__", "constructor"];
  const members = names.map((name, at) => `${JSON.stringify(name)}:${at}`);
  project = await testProject({ "odd.jsonl": `{${members.join(",")}}\n` });
  await project.document(0, "ingest", "odd.jsonl");
  const shown = ["Id", "id_2", ...odd, "__proto__", "constructor"];
  const values = shown.map((name, at) => `${quoteIdentifier(name)}::VARCHAR AS v${at}`);
  expect(await asked(`SELECT ${values.join(", ")} FROM odd`)).toEqual([
    Object.fromEntries(shown.map((_, at) => [`v${at}`, String(at)])),
  ]);
});

test("tables of any name, equal ones in two namespaces too", { timeout: 120_000 }, async () => {
  project = await testProject();
  const tables = odd.flatMap((name) => [["main", name] as const, [`of ${name}`, name] as const]);
  const streams = tables.map((parts, at) => {
    const table = JSON.stringify(parts.map(quoteIdentifier).join("."));
    return `[[streams]]\nstream = "t${at}"\ntable = ${table}\n`;
  });
  const source = '[source]\nglob = "t*.csv"\nstream_per_file = true\n';
  await project.write("pipelines/all.toml", `connector = "file"\n${source}${streams.join("")}`);
  for (const at of tables.keys()) await project.write(`t${at}.csv`, `x\n${at}\n`);
  await project.document(0, "run", "all");
  const selects = tables.map((parts) => `SELECT x FROM ${parts.map(quoteIdentifier).join(".")}`);
  const rows = await asked(
    `SELECT x::VARCHAR AS x FROM (${selects.join(" UNION ALL ")}) ORDER BY x`,
  );
  expect(rows).toEqual([...tables.keys()].map((at) => ({ x: String(at) })).toSorted(byText));
  for (const at of [0, 1]) {
    const from = tables[at]?.map(quoteIdentifier).join(".");
    expect(await asked(`SELECT x::VARCHAR AS x FROM ${from}`)).toEqual([{ x: String(at) }]);
  }
});

const byText = (left: { readonly x: string }, right: { readonly x: string }): number =>
  left.x < right.x ? -1 : 1;

test("a table that differs from another in case alone is refused", async () => {
  project = await testProject({ "a.csv": "x\n1\n", "b.csv": "x\n2\n" });
  await project.document(0, "ingest", "a.csv", "--as", "Orders");
  const refused = await project.document(7, "ingest", "b.csv", "--as", "orders");
  expect(refused).toMatchObject({ error: { code: "refused.table_owned" } });
});

test("a column that is renamed and comes back holds what it held, by snapshot too", async () => {
  project = await testProject({ "days/1.csv": "id,old\n1,a\n" });
  const ingest = async (): Promise<Json> =>
    project.document(0, "ingest", "days/*.csv", "--as", "t");
  await ingest();
  await project.write("days/2.csv", "id,new\n2,b\n");
  await ingest();
  await project.write("days/3.csv", "old,id\nc,3\n");
  await ingest();
  expect(await asked('SELECT id::VARCHAR AS id, "old", "new" FROM t ORDER BY id')).toEqual([
    { id: "1", old: "a", new: null },
    { id: "2", old: null, new: "b" },
    { id: "3", old: "c", new: null },
  ]);
  const columns = "SELECT COLUMNS(c -> NOT starts_with(c, '_hakiri_')) FROM t";
  expect(await project.document(0, "query", columns, "--at", "1")).toEqual([{ id: "1", old: "a" }]);
});
