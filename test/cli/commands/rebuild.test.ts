/** A catalog that was lost and made again: pipelines go on as the same ones, and no row twice. */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { pipelineOf, testProject, type TestProject } from "./command-line.ts";

let project: TestProject;

/** Three pipelines of files of one name, one of them from a file of pipelines/. */
beforeAll(async () => {
  project = await testProject({
    "a/orders.csv": "id\n1\n",
    "b/orders.csv": "id\n10\n",
    "c/orders.csv": "id\n100\n",
    "pipelines/sales.toml": pipelineOf('path = "c/orders.csv"'),
  });
  await project.document(0, "ingest", "a/orders.csv", "--as", "first");
  await project.document(0, "ingest", "b/orders.csv", "--as", "second");
  await project.document(0, "run", "sales");
  // A pipeline's last commit may be of a cursor alone, or of a compaction, which doesn't say it.
  await project.document(0, "ingest", "a/orders.csv");
  await project.write("b/orders.csv", "id\n10\n10\n");
  await project.document(0, "ingest", "b/orders.csv");
  await project.document(0, "compact", "second", "--full");
}, 60_000);
afterAll(() => project.remove());

async function loseCatalog(): Promise<void> {
  for (const ending of ["", "-wal", "-shm"]) {
    await rm(join(project.folder, `.hakiri/catalog.sqlite${ending}`), { force: true });
  }
}

const pipelines = async () => {
  const { pipelines: all } = (await project.document(0, "pipeline", "list")) as {
    pipelines: { name: string; connector: string; streams: unknown; file: unknown }[];
  };
  return all.map(({ name, connector, streams, file }) => ({ name, connector, streams, file }));
};

const shown = (name: string) => project.document(0, "pipeline", "show", name);

const rowsOf = async (table: string) =>
  project.document(0, "query", `select id from ${table} order by id`);

test("pipelines are there again as they were", async () => {
  const before = await pipelines();
  expect(before).toHaveLength(3);
  const other = before.find(({ name }) => name !== "orders" && name !== "sales")?.name ?? "?";
  const { pipeline_id: id, spec } = (await shown(other)) as { pipeline_id: string; spec: object };
  const states = await Promise.all(["orders", other, "sales"].map((name) => state(name)));
  await loseCatalog();
  await project.document(0, "doctor", "--rebuild-catalog");
  expect(await pipelines()).toEqual(before);
  expect(await shown(other)).toMatchObject({ pipeline_id: id, spec });
  expect(await Promise.all(["orders", other, "sales"].map((name) => state(name)))).toEqual(states);

  // By the source, by the name, and by the file.
  expect(await project.document(0, "ingest", "b/orders.csv")).toMatchObject({
    pipeline: other,
    snapshot_id: null,
  });
  expect(await project.document(0, "run", "orders")).toMatchObject({ snapshot_id: null });
  expect(await project.document(0, "run", "sales")).toMatchObject({ snapshot_id: null });
  await project.write("b/orders.csv", "id\n10\n11\n");
  expect(await project.document(0, "run", other)).toMatchObject({
    tables: [{ table: "second", inserted: 2 }],
  });
  expect(await rowsOf("first")).toEqual([{ id: "1" }]);
  expect(await rowsOf("second")).toEqual([{ id: "10" }, { id: "11" }]);
  expect(await rowsOf("orders")).toEqual([{ id: "100" }]);
});

const state = (name: string) => project.document(0, "state", "show", name);

test("a rebuild after gc has them from the checkpoint", async () => {
  await project.write("hakiri.toml", "[store]\nretention = { days = 0, snapshots = 1 }\n");
  const before = await pipelines();
  await project.document(0, "gc");
  await loseCatalog();
  await project.document(0, "doctor", "--rebuild-catalog");
  expect(await pipelines()).toEqual(before);
  expect(await project.document(0, "ingest", "a/orders.csv")).toMatchObject({
    pipeline: "orders",
    snapshot_id: null,
  });
  expect(await rowsOf("first")).toEqual([{ id: "1" }]);
});
