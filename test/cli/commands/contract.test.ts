/** What a contract discards of files: values by themselves, and rows of such values. */
import { afterEach, describe, expect, test } from "vitest";
import type { Json } from "../../../src/core/json.ts";
import { pipelineOf, testProject, type TestProject } from "./command-line.ts";

const projects: TestProject[] = [];
afterEach(async () => {
  for (const project of projects.splice(0)) await project.remove();
});

async function projectWith(files: Readonly<Record<string, string>>): Promise<TestProject> {
  const project = await testProject(files);
  projects.push(project);
  return project;
}

const lines = (...texts: readonly string[]): string => `${texts.join("\n")}\n`;

/** `id:v` of every row by id, `-` for none. */
async function valuesOf(project: TestProject, table = "p"): Promise<Json> {
  const sql =
    `SELECT string_agg(id || ':' || coalesce(v::VARCHAR, '-'), ' ' ORDER BY id) AS t ` +
    `FROM ${table}`;
  const rows = await project.document(0, "query", sql);
  return Array.isArray(rows) ? (rows[0] as { readonly t: Json }).t : null;
}

const discarding = (mode: string, more = ""): string =>
  pipelineOf(`glob = "in/*"\nstream = "p"${more}`, `contract = { data_type = "${mode}" }`);

describe("a contract that discards", () => {
  test("values of CSV drops those that the column doesn't hold, and no other", async () => {
    const project = await projectWith({
      "pipelines/p.toml": discarding("discard_value"),
      "in/1.csv": lines("id,v", "1,1"),
    });
    await project.document(0, "run", "p");
    await project.write("in/2.csv", lines("id,v", "2,x", "3,3", "4,4", "5,007", "6,1.5", "7,"));
    expect(await project.document(0, "run", "p")).toMatchObject({
      tables: [{ rows: 6, discarded: 3 }],
    });
    expect(await valuesOf(project)).toBe("1:1 2:- 3:3 4:4 5:- 6:- 7:-");
  });

  test("rows of CSV puts those aside, and no other", async () => {
    const project = await projectWith({
      "pipelines/p.toml": discarding("discard_row"),
      "in/1.csv": lines("id,v", "1,1"),
    });
    await project.document(0, "run", "p");
    await project.write("in/2.csv", lines("id,v", "2,x", "3,3", "4,4", "7,"));
    await project.document(0, "run", "p");
    expect(await valuesOf(project)).toBe("1:1 3:3 4:4 7:-");
    const aside = 'SELECT file, "column", record FROM p__quarantine';
    expect(await project.document(0, "query", aside)).toEqual([
      { file: "in/2.csv", column: "v", record: '{"id":2,"v":"x"}' },
    ]);
  });

  test("values of JSON goes by each as well, and by its digits", async () => {
    const row = (id: number, value: string): string => `{"id": ${id}, "v": ${value}}`;
    const project = await projectWith({
      "pipelines/p.toml": discarding("discard_value"),
      "in/1.jsonl": lines(row(1, "1")),
    });
    await project.document(0, "run", "p");
    const values = ['"x"', "3", "4", "9007199254740993.5", "2.5", "9007199254740993", "null"];
    await project.write("in/2.jsonl", lines(...values.map((value, at) => row(at + 2, value))));
    await project.document(0, "run", "p");
    expect(await valuesOf(project)).toBe("1:1 2:- 3:3 4:4 5:- 6:- 7:9007199254740993 8:-");
  });

  test("values of JSON keeps objects that are the column's, whatever is beside them", async () => {
    const row = (id: number, value: string): string => `{"id": ${id}, "v": ${value}}`;
    const project = await projectWith({
      "pipelines/p.toml": discarding("discard_value"),
      "in/1.jsonl": lines(row(1, '{"a": 1, "b": "y"}')),
    });
    await project.document(0, "run", "p");
    const values = ['{"a": 2}', '{"a": "x", "b": "z"}', "7", '{"a": 3, "b": "w"}'];
    await project.write("in/2.jsonl", lines(...values.map((value, at) => row(at + 2, value))));
    await project.document(0, "run", "p");
    const rows = await project.document(0, "query", "SELECT id, v.a AS a FROM p ORDER BY id");
    expect(rows).toMatchObject([{ a: "1" }, { a: "2" }, { a: null }, { a: null }, { a: "3" }]);
  });

  test.each([
    ["discard_value", "1:1.50 2:- 3:3.00", 0],
    ["discard_row", "1:1.50 3:3.00", 1],
  ])("by %s does so of a told type too, whatever on_bad_row says", async (mode, kept, aside) => {
    const told = '\ntypes = { v = "decimal(10,2)" }\non_bad_row = "error"';
    const project = await projectWith({
      "pipelines/p.toml": discarding(mode, told),
      "in/1.csv": lines("id,v", "1,1.5", "2,abc", "3,3"),
    });
    expect(await project.document(0, "run", "p")).toMatchObject({
      tables: [{ rows: 3, quarantined: aside, discarded: 1 - aside }],
    });
    expect(await valuesOf(project)).toBe(kept);
  });

  test.each(["evolve", "freeze"])("nothing, %s, leaves told types to on_bad_row", async (mode) => {
    const told = '\ntypes = { v = "decimal(10,2)" }';
    const project = await projectWith({
      "pipelines/p.toml": discarding(mode, told),
      "in/1.csv": lines("id,v", "1,1.5", "2,abc"),
    });
    const failure = { error: { code: "file.bad_row" } };
    expect(await project.document(3, "run", "p")).toMatchObject(failure);
    // And a plan knows of it, as far as it looks.
    expect(await project.document(3, "plan", "p")).toMatchObject({ streams: [failure] });
    const aside = `${told}\non_bad_row = "quarantine"`;
    await project.write("pipelines/p.toml", discarding(mode, aside));
    await project.document(0, "plan", "p");
    expect(await project.document(0, "run", "p")).toMatchObject({ tables: [{ quarantined: 1 }] });
  });
});

describe("a type that the column can't take in", () => {
  const merging = '\n[[streams]]\nstream = "p"\ndisposition = "merge"\nprimary_key = ["id"]';

  test("is told with the value at fault, its row's key and its file", async () => {
    const project = await projectWith({
      "pipelines/p.toml": discarding("evolve", merging),
      "in/1.csv": lines("id,v", "1,1"),
    });
    await project.document(0, "run", "p");
    await project.write("in/2.csv", lines("id,v", "7,3", "8,x", "9,4"));
    const { err, exitCode } = await project.type("run", "p");
    expect(exitCode).toBe(4);
    expect(err).toContain("for example x in the row 8 of 'in/2.csv'");
    expect(err).not.toContain("on_conflict");
    expect(await project.document(4, "run", "p")).toMatchObject({
      error: { where: { file: "in/2.csv" }, evidence: { example: "x", primary_key: "8" } },
    });
  });

  test("may be JSON where the source is", async () => {
    const project = await projectWith({
      "pipelines/p.toml": discarding("evolve"),
      "in/1.jsonl": lines('{"id": 1, "v": 1}'),
    });
    await project.document(0, "run", "p");
    await project.write("in/2.jsonl", lines('{"id": 2, "v": 3}', '{"id": 3, "v": "x"}'));
    const { err } = await project.type("run", "p");
    expect(err).toContain("for example x in 'in/2.jsonl'");
    expect(err).toContain('on_conflict = "json"');
  });
});
