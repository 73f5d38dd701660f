/** SQL over a store, through the command line. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readSql, sqlBytesMax } from "../../../src/cli/commands/query/read-sql.ts";
import { testProject, type TestProject } from "./command-line.ts";

let project: TestProject;

beforeAll(async () => {
  project = await testProject({ "orders.csv": "id,note\n1,a\n2,\n" });
  await project.document(0, "ingest", "orders.csv");
  await project.write("orders.csv", "id,note\n3,c\n");
  await project.document(0, "ingest", "orders.csv");
}, 60_000);
afterAll(() => project.remove());

const statement = "select id, note from orders order by id";

describe("an answer", () => {
  test("is a table for people", async () => {
    const { out } = await project.type("query", "select id, note from orders", "--at", "1");
    expect(out).toContain("│ id │ note │");
    expect(out).toContain("│  1 │ a    │");
    expect(out).toContain("│  2 │ NULL │");
  });

  test("is one JSON document of row objects for programs", async () => {
    expect(await project.document(0, "query", statement)).toEqual([{ id: "3", note: "c" }]);
    const native = ["query", statement, "--format", "json", "--numbers", "native"];
    expect((await project.type(...native)).out).toBe('[{"id":3,"note":"c"}]\n');
  });

  test("is of the snapshot that is asked for, by its number or a time", async () => {
    const old = await project.document(0, "query", statement, "--at", "1");
    expect(old).toEqual([
      { id: "1", note: "a" },
      { id: "2", note: null },
    ]);
    const { snapshots } = (await project.document(0, "snapshots")) as {
      snapshots: { at: string }[];
    };
    const at = snapshots.at(-1)?.at ?? "";
    expect(await project.document(0, "query", statement, "--at", at)).toEqual(old);
    expect(await project.document(2, "query", statement, "--at", "99")).toMatchObject({
      error: { code: "usage.unknown_snapshot" },
    });
  });

  test("may be piped in and out", async () => {
    const scene = { input: "select id\nfrom orders -- ÄÖÜ\n" };
    expect(await project.typeIn(scene, "query", "-", "--format", "csv")).toMatchObject({
      exitCode: 0,
      out: "id\r\n3\r\n",
    });
  });

  test("goes to a file, whole or not at all", async () => {
    expect(await project.document(0, "query", statement, "-o", "out.jsonl")).toMatchObject({
      output: join(project.folder, "out.jsonl"),
      snapshot_id: 2,
    });
    const written = await readFile(join(project.folder, "out.jsonl"), "utf8");
    expect(written).toBe('{"id":"3","note":"c"}\n');
    const failing = "select error('no') from orders";
    expect(await project.document(3, "query", failing, "--output", "out.jsonl")).toMatchObject({
      error: { code: "data.invalid" },
    });
    expect(await readFile(join(project.folder, "out.jsonl"), "utf8")).toBe(written);
    const { out } = await project.type("query", statement, "--output", "out.parquet");
    expect(out).toMatch(/^wrote out\.parquet, \d+ B, of snapshot 2\n$/u);
    expect((await readdir(project.folder)).filter((name) => name.includes(".tmp-"))).toEqual([]);
  });
});

describe("a file of an answer", () => {
  test.each(["out", "out.txt", "out.csv.gz", "out.json.zst", "table.xlsx"])(
    "%s is refused, since its name says no format",
    async (name) => {
      const answer = await project.document(2, "query", statement, "-o", name);
      expect(answer).toMatchObject({ error: { code: "usage.output_format" } });
      expect(JSON.stringify(answer)).toContain(".csv, .tsv, .json, .jsonl, .ndjson, .parquet");
      expect(await readdir(project.folder)).not.toContain(name);
    },
  );

  test("is no drawn table, which would be cut", async () => {
    const args = ["query", statement, "--format", "table", "-o", "out.csv"];
    expect(await project.document(2, ...args)).toMatchObject({
      error: { code: "usage.output_format" },
    });
  });

  test.each([
    ["all.csv", "\r\n"],
    ["all.tsv", "\r\n"],
    ["all.ndjson", "\n"],
    ["ALL.JSONL", "\n"],
  ])("%s has every row", async (name, lineEnd) => {
    await project.document(0, "query", "select i, 'a,b' as t from range(300) r(i)", "-o", name);
    const lines = (await readFile(join(project.folder, name), "utf8")).split(lineEnd);
    expect(lines).toHaveLength(name.includes("sv") ? 302 : 301);
    expect(lines).toContain(
      { "all.csv": '299,"a,b"', "all.tsv": "299\ta,b" }[name] ?? '{"i":"299","t":"a,b"}',
    );
  });

  test.each(["absent/out.csv", ".", "orders.csv/out.csv"])(
    "at %s is refused before anything is asked",
    async (name) => {
      expect(await project.document(2, "query", "from nothing", "-o", name)).toMatchObject({
        error: { code: "usage.output" },
      });
    },
  );
});

test("a plan is drawn as DuckDB draws it", async () => {
  const { out } = await project.type("query", `explain ${statement}`);
  expect(out).toMatch(/^┌─+┐\n│ /u);
  expect(out).not.toContain("\\n");
});

describe("what can't be answered", () => {
  test.each([
    ["SQL that is none", ["selec 1"], "usage.sql"],
    ["a table that isn't there", ["from ordrs"], "usage.unknown_table"],
    ["two documents in one", [statement, "--format", "csv"], "usage.format"],
    ["nothing piped in", ["-"], "usage.no_input"],
  ])("%s exits with 2", async (_, args, code) => {
    const answer = (await project.document(2, "query", ...args)) as { error: { code: string } };
    expect(answer.error.code.startsWith(code)).toBe(true);
  });

  test("numbers of another format than JSON exit with 2", async () => {
    const typed = await project.type("query", statement, "--numbers", "native");
    expect(typed).toMatchObject({ exitCode: 2, out: "" });
    expect(typed.err).toContain("--format json or jsonl");
  });

  test("binary on a terminal exits with 2", async () => {
    const typed = await project.typeIn({ isTty: true }, "query", statement, "--format", "parquet");
    expect(typed.exitCode).toBe(2);
    expect(typed.err).toContain("--output result.parquet");
  });
});

test("as much SQL as the bound is read, one byte more is refused", async () => {
  const { signal } = new AbortController();
  const read = (bytes: number) =>
    readSql("-", {
      signal,
      input: async function* piped() {
        yield Buffer.alloc(bytes, " ");
      },
    });
  expect(await read(sqlBytesMax)).toHaveLength(sqlBytesMax);
  await expect(read(sqlBytesMax + 1)).rejects.toMatchObject({ code: "usage.too_large" });
});

test("an interrupt ends a query that would not end soon", async () => {
  const controller = new AbortController();
  const endless = "with recursive t(i) as (select 1 union all select 1 from t) from t";
  const typed = project.typeIn({ signal: controller.signal }, "query", endless);
  const pins = join(project.folder, ".hakiri/pins");
  while (!(await readdir(pins)).some((name) => name.startsWith("2-"))) {
    // A snapshot is pinned as long as a query reads it.
  }
  controller.abort(new DOMException("interrupted", "AbortError"));
  expect((await typed).exitCode).toBe(130);
});
