/** What is told of the rows that a replaced table had. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { pipelineOf, testProject, type TestProject } from "./command-line.ts";

let project: TestProject;
beforeAll(async () => {
  const stream =
    '[[streams]]\nstream = "s"\ntable = "t"\ndisposition = "merge"\nprimary_key = ["id"]';
  project = await testProject({
    "in/a.csv": "id,v\n1,a\n2,b\n3,c\n",
    "pipelines/p.toml": pipelineOf(`glob = "in/*.csv"\nstream = "s"\n${stream}`),
  });
  await project.document(0, "run", "p");
});
afterAll(() => project.remove());

test("a full refresh tells of the rows that were visible, and no others", async () => {
  // One row is masked by a merge: it is gone already.
  await project.write("in/b.csv", "id,v\n3,z\n");
  await project.document(0, "run", "p");
  expect(await project.document(0, "run", "p", "--full-refresh")).toMatchObject({
    tables: [{ table: "t", inserted: 3, updated: 0, deleted: 3 }],
  });
  expect(await project.document(0, "snapshots", "--limit", "1")).toMatchObject({
    snapshots: [{ snapshot_id: 3, tables: [{ table: "t", rows_masked: 4 }] }],
  });
});

test("discover tells what the pipeline does with a stream, as plan does", async () => {
  const told = { stream: "s", table: "t", disposition: "merge", primary_key: ["id"] };
  expect(await project.document(0, "discover", "p")).toMatchObject({ streams: [told] });
  expect(await project.document(0, "plan", "p")).toMatchObject({ streams: [told] });
  const typed = await project.type("discover", "p");
  expect(typed.out).toMatch(/s: table t; merge.*\n(?:.*\n)*.*id .*yes/u);
});

test("a rewind goes by what the table holds, not by the cursor just before", async () => {
  await project.document(0, "state", "rewind", "p");
  expect(await project.document(0, "state", "rewind", "p", "--to", "1")).toMatchObject({
    streams: [{ rereads: { kind: "files", count: 1, names: ["in/b.csv"] } }],
  });
  expect(await project.document(0, "state", "rewind", "p", "--to", "3")).toMatchObject({
    streams: [{ rereads: { kind: "nothing" } }],
  });
});
