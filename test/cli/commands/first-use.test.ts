/** What a first user meets: hints that can be typed as they are, and mistakes that harm nothing. */
import { existsSync } from "node:fs";
import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { runCommandLine } from "../../../src/cli/main.ts";
import { nextQuery } from "../../../src/cli/commands/next-query.ts";
import { scriptedTerminal } from "../scripted-terminal.ts";
import { program, testProject, type TestProject } from "./command-line.ts";

let project: TestProject;
afterEach(() => project.remove());

async function typeBelow(folder: string, ...args: readonly string[]) {
  const { terminal, stdout, stderr } = scriptedTerminal({});
  const cwd = join(project.folder, folder);
  const exitCode = await runCommandLine(program, args, { ...terminal, cwd });
  return { exitCode, out: stdout(), err: stderr() };
}

test("a folder below a store is of its project, and gets no store of its own", async () => {
  project = await testProject({ "orders.csv": "id\n1\n", "data/more.csv": "id\n2\n" });
  await project.document(0, "ingest", "orders.csv");
  const typed = await typeBelow("data", "ingest", "more.csv");
  expect(typed).toMatchObject({ exitCode: 0 });
  expect(typed.err).toContain(`the project is ${project.folder}`);
  expect(existsSync(join(project.folder, "data/.hakiri"))).toBe(false);
  expect((await typeBelow("data", "query", "from orders, more")).exitCode).toBe(0);
});

test("a folder for --project that isn't there is refused, and not made", async () => {
  project = await testProject({ "orders.csv": "id\n1\n" });
  for (const args of [["ingest", "orders.csv"], ["runs"], ["validate"]]) {
    expect(await project.document(2, ...args, "--project", "typo")).toMatchObject({
      error: { code: "usage.project" },
    });
  }
  expect(await readdir(project.folder)).toEqual(["orders.csv"]);
});

test("the time that snapshots prints names that snapshot", async () => {
  project = await testProject({ "orders.csv": "id\n1\n" });
  await project.document(0, "ingest", "orders.csv");
  await project.write("orders.csv", "id\n2\n");
  await project.document(0, "ingest", "orders.csv");
  const { out } = await project.type("snapshots");
  const at = /│ +2 │ (?<at>[^│]+?) +│/u.exec(out)?.groups?.["at"] ?? "";
  const sql = "select id from orders";
  expect(await project.document(0, "query", sql, "--at", at)).toEqual([{ id: "2" }]);
});

test("why a run failed is told on stderr, its summary on stdout", async () => {
  project = await testProject({ "orders.csv": "id\n1\n" });
  await project.document(0, "ingest", "orders.csv");
  await project.write("orders.csv", "id\nx\n");
  const { exitCode, out, err } = await project.type("ingest", "orders.csv");
  expect(exitCode).toBe(4);
  expect(out).toMatch(/^orders: 0 new, 0 B\nfailed in|^failed in/u);
  expect(out.split("\n")).toHaveLength(out.startsWith("orders") ? 3 : 2);
  expect(err).toContain("hakiri: ");
  const events = await project.type("ingest", "orders.csv", "--json", "-q", "--progress", "json");
  expect(JSON.parse(events.out)).toMatchObject({ status: "failed", error: {} });
  expect(JSON.parse(events.err)).toMatchObject({ type: "error" });
});

test("what comes next can be typed as it is", async () => {
  project = await testProject({ "select.csv": "id\n1\n", "empty.csv": "" });
  const { out } = await project.type("ingest", "select.csv");
  expect(out).toContain(`next: hakiri query 'from "select" limit 10'\n`);
  expect((await project.type("query", 'from "select" limit 10')).exitCode).toBe(0);
  expect((await project.type("ingest", "empty.csv")).out).not.toContain("next:");
  expect(nextQuery("crm.orders")).toBe("hakiri query 'from crm.orders limit 10'");
  expect(nextQuery("Ärzte's")).toBe(String.raw`hakiri query 'from "Ärzte'\''s" limit 10'`);
});

test("a table of another pipeline is refused with what there is to do", async () => {
  project = await testProject({ "a.csv": "id\n1\n", "b.csv": "id\n2\n" });
  await project.document(0, "ingest", "a.csv", "--as", "t");
  const answer = JSON.stringify(await project.document(7, "ingest", "b.csv", "--as", "t"));
  for (const way of ["one pattern", "--as TABLE", "shared = true"]) expect(answer).toContain(way);
});

test("a sound catalog is rebuilt only where that is said, and says what it doesn't know", async () => {
  project = await testProject({ "orders.csv": "id\n1\n" });
  await mkdir(join(project.folder, "empty"));
  await project.document(0, "ingest", "orders.csv");
  expect(await project.document(2, "doctor", "--rebuild-catalog")).toMatchObject({
    error: { code: "usage.sound_catalog" },
  });
  expect(await project.document(0, "doctor", "--rebuild-catalog", "--yes")).toMatchObject({
    kept_as: "catalog.sqlite.damaged-1",
  });
  expect(await project.document(0, "runs")).toMatchObject({ runs: [{ tables: null }] });
  expect((await project.type("runs")).out).toMatch(/│ +1 │ +- │/u);
});

test("settings are typed, kept for the next time, and refused where there are none such", async () => {
  project = await testProject();
  await project.write("a.csv", Buffer.from("id;name\n1;Zo\xeb\n", "latin1"));
  expect(await project.document(2, "ingest", "a.csv", "--set", "encodin=latin-1")).toMatchObject({
    error: { code: "usage.unknown_key", hint: "did you mean 'encoding'?" },
  });
  const unread = JSON.stringify(await project.document(3, "ingest", "a.csv"));
  expect(unread).toContain("--set encoding=windows-1252");
  await project.document(0, "ingest", "a.csv", "--set", "encoding=windows-1252");
  expect(await project.document(0, "query", "select name from a")).toEqual([{ name: "Zo\u00eb" }]);
  await project.write("a.csv", Buffer.from("id;name\n2;No\xeb\n", "latin1"));
  await project.document(0, "ingest", "a.csv");
  expect(await project.document(0, "query", "select name from a")).toEqual([{ name: "No\u00eb" }]);
  expect((await project.type("state", "show", "a")).out).toMatch(
    /│ stream │ type +│ known +│[^]*│ a +│ files │ 1 file/u,
  );
});

test("each file is a table of its own where that is set", async () => {
  project = await testProject({ "d/a.csv": "id\n1\n", "d/b.csv": "id\n2\n" });
  const answer = await project.document(0, "ingest", "d/*.csv", "--set", "stream_per_file=true");
  expect((answer as { tables: unknown[] }).tables).toHaveLength(2);
  expect(await project.document(0, "ingest", "d/*.csv")).toMatchObject({ snapshot_id: null });
});

test.each([
  ["mysql://u:secret@h/db", "usage.unknown_scheme", "databases come later"],
  ["https://example.com/a.csv", "usage.unknown_scheme", "on the web come later"],
  ["s3://bucket/a.csv", "usage.unknown_scheme", "in buckets come later"],
  ["-", "usage.piped_source", "> data.csv"],
  ["/dev/stdin", "usage.piped_source", "> data.csv"],
])("%s is refused with what to do instead", async (uri, code, hint) => {
  project = await testProject();
  const { error } = (await project.document(2, "ingest", uri)) as { error: { hint: string } };
  expect(error).toMatchObject({ code });
  expect(error.hint).toContain(hint);
  expect(JSON.stringify(error)).not.toContain("secret");
  expect(await readdir(project.folder)).toEqual([]);
});

test("completion knows the pipelines of files and of the store", async () => {
  const toml = 'connector = "file"\n[source]\npath = "orders.csv"\n';
  project = await testProject({ "orders.csv": "id\n1\n", "pipelines/sales.toml": toml });
  const complete = async (...typed: string[]) => (await project.type("__complete", ...typed)).out;
  expect(await complete("run", "")).toBe(":words\nsales\n");
  await project.document(0, "ingest", "orders.csv");
  expect(await complete("run", "")).toBe(":words\norders\nsales\n");
  expect(await complete("state", "show", "o")).toBe(":words\norders\n");
  expect(await complete("plan", "s")).toBe(":files\nsales\n");
  expect(await complete("runs", "--pipeline=s")).toBe(":words\n--pipeline=sales\n");
  await project.write(".hakiri/catalog.sqlite", "broken");
  expect(await complete("run", "")).toBe(":words\nsales\n");
});
