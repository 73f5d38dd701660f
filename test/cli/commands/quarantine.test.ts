/** What a quarantine table holds: the bad rows of each file as it was last read. */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import type { Json } from "../../../src/core/json.ts";
import { pipelineOf, testProject, type TestProject } from "./command-line.ts";

const projects: TestProject[] = [];
afterEach(async () => {
  for (const project of projects.splice(0)) await project.remove();
});

const lines = (...texts: readonly string[]): string => `${texts.join("\n")}\n`;
const good = lines("id,v", "1,1", "2,2");
const bad = lines("id,v", "1,1", "2,x", "3,y");

/** A pipeline of two files, `b` with a row that stays bad. */
async function projectWith(mode: string, more = ""): Promise<TestProject> {
  const source = 'glob = "in/*"\nstream = "p"\non_bad_row = "quarantine"\ntypes = { v = "int64" }';
  const stream = `\n[[streams]]\nstream = "p"\ndisposition = "${mode}"\nprimary_key = ["id"]`;
  const project = await testProject({
    "pipelines/p.toml": pipelineOf(`${source}\n${stream}`, more),
    "in/a.csv": bad,
    "in/b.csv": lines("id,v", "7,7", "8,z"),
  });
  projects.push(project);
  await project.document(0, "run", "p");
  expect(await asideOf(project)).toEqual(all);
  return project;
}

/** `file:line` of every row, sorted. */
async function asideOf(project: TestProject): Promise<Json> {
  const sql = "SELECT file || ':' || line AS t FROM p__quarantine ORDER BY t";
  const rows = await project.document(0, "query", sql);
  return Array.isArray(rows) ? rows.map((row) => (row as { readonly t: Json }).t) : null;
}

const all = ["in/a.csv:3", "in/a.csv:4", "in/b.csv:3"];
const ofB = ["in/b.csv:3"];

describe.each(["append", "merge", "replace"])("the quarantine of a table, by %s", (mode) => {
  test("is the same after whatever reads the files again", async () => {
    const project = await projectWith(mode);
    for (const again of [["run", "p", "--full-refresh"], ["state", "rewind", "p"], []]) {
      if (again.length > 0) await project.document(0, ...again);
      await project.document(0, "run", "p");
      expect(await asideOf(project)).toEqual(all);
    }
  });

  test("loses the rows of a file that is corrected", async () => {
    const project = await projectWith(mode);
    await project.write("in/a.csv", good);
    await project.document(0, "run", "p");
    expect(await asideOf(project)).toEqual(ofB);
    // And with bad rows again, it has them again.
    await project.write("in/a.csv", bad);
    await project.document(0, "run", "p");
    expect(await asideOf(project)).toEqual(all);
  });

  test("loses the rows of a file that is corrected before it is read all over", async () => {
    const project = await projectWith(mode);
    await project.document(0, "state", "rewind", "p");
    await project.write("in/a.csv", good);
    await project.document(0, "run", "p");
    expect(await asideOf(project)).toEqual(ofB);
  });
});

test("the rows of a removed file go with on_missing = delete", async () => {
  const project = await projectWith("merge", 'on_missing = "delete"');
  await rm(join(project.folder, "in/a.csv"));
  await project.document(0, "run", "p");
  expect(await asideOf(project)).toEqual(ofB);
});

test("the rows of an earlier version stay with on_change = append", async () => {
  const project = await projectWith("append", 'on_change = "append"');
  await project.write("in/a.csv", lines("id,v", "4,w"));
  await project.document(0, "run", "p");
  expect(await asideOf(project)).toEqual(["in/a.csv:2", ...all]);
});
