/** What the names in runs' folders say. */
import { expect, test } from "vitest";
import {
  committedManifestPath,
  deletesPath,
  journalPath,
  manifestPath,
  partPath,
  sideFilePath,
  temporaryPath,
} from "../../../src/context/layout.ts";
import { listRun, roleOf, runIds } from "../../../src/context/rebuild/run-folder.ts";
import { memoryFilesystem } from "../../platform/memory-filesystem.ts";
import { seededRandom } from "../../platform/seeded-random.ts";
import { runId, tableId } from "../fixtures.ts";

const part = partPath({ runId, tableId, epoch: 7, partition: "p-1", seq: 3 });

test("each name that hakiri gives has its role, and no other name has one", () => {
  const random = seededRandom(1);
  const roles = [
    [part, { kind: "content", epoch: 7 }],
    [deletesPath(runId, tableId, { epoch: 8, attempt: 1 }), { kind: "content", epoch: 8 }],
    [sideFilePath(runId, 9, 0), { kind: "content", epoch: 9 }],
    [journalPath(runId, 10), { kind: "journal", epoch: 10 }],
    [manifestPath(runId, 11, 2), { kind: "manifest", epoch: 11, attempt: 2 }],
    [committedManifestPath(runId), { kind: "committed" }],
    [temporaryPath(part, random), { kind: "temporary" }],
    [`${temporaryPath(part, random)}/data_0.parquet`, { kind: "temporary" }],
    [temporaryPath(committedManifestPath(runId), random), { kind: "temporary" }],
    [`runs/${runId}/notes.txt`, { kind: "foreign" }],
    [`runs/${runId}/${tableId}/notes.parquet`, { kind: "foreign" }],
    [`runs/${runId}/journal-1.jsonl.bak`, { kind: "foreign" }],
  ] as const;
  for (const [path, role] of roles) expect([path, roleOf(path)]).toEqual([path, role]);
});

test("a run's files are found down to the folders that DuckDB fills", async () => {
  const filesystem = memoryFilesystem();
  const table = `runs/${runId}/${tableId}`;
  for (const folder of [
    "runs",
    "runs/other",
    `runs/${runId}`,
    table,
    `${table}/x`,
    `${table}/x/y`,
  ]) {
    await filesystem.makeFolder(folder);
  }
  for (const path of [part, `${table}/x/data_0.parquet`, `${table}/x/y/deeper`]) {
    await (await filesystem.create(path)).close();
  }
  expect(await runIds(filesystem)).toEqual([runId]);
  const { files, folders } = await listRun(filesystem, runId);
  expect(files.map(({ path }) => path)).toEqual([part, `${table}/x/data_0.parquet`]);
  expect(folders).toEqual([`${table}/x`, table]);
  expect((await listRun(filesystem, tableId)).files).toEqual([]);
});
