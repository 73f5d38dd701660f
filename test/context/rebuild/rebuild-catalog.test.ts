/** Rebuilding a catalog on real stores: what was committed comes back, and what is lost is told. */
import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import {
  openSqliteCatalog,
  type SqliteCatalog,
} from "../../../src/catalog/sqlite/sqlite-catalog.ts";
import { committedManifestPath } from "../../../src/context/layout.ts";
import { rebuildCatalog } from "../../../src/context/rebuild/rebuild-catalog.ts";
import { runIds } from "../../../src/context/rebuild/run-folder.ts";
import { epochOf } from "../../../src/core/snapshot.ts";
import type { Catalog } from "../../../src/core/ports/catalog.ts";
import { withSeed } from "../../platform/seeded-random.ts";
import { recordingFilesystem } from "../../platform/power-cut/recording-filesystem.ts";
import { materialise } from "../../platform/power-cut/materialise.ts";
import { nodeFilesystem } from "../../../src/platform/node-filesystem.ts";
import { lockClaims } from "../../../src/catalog/claims.ts";
import { never } from "../fixtures.ts";
import { answersOf } from "../catalog-answers.ts";
import { withStoreForEach } from "../each-store.ts";
import {
  addPipeline,
  beginRun,
  catalogName,
  publishRun,
  rowsAt,
  runOnce,
  stageRun,
  type HistoryStore,
  type TableWork,
} from "../history.ts";
import { disksOf } from "../power-cut.ts";
import { rejectionOf } from "../thrown.ts";

let store: HistoryStore;
let pipelineId: string;

withStoreForEach((made) => {
  ({ store, pipelineId } = made);
});

const openRestoring = (path: string, storeId: string): Catalog =>
  openSqliteCatalog(path, { kind: "restore", storeId });

/** Closes the catalog, as whoever rebuilds does, and rebuilds. */
async function rebuild(force = false) {
  await store.catalog.close();
  return rebuildCatalog({ ...store, openRestoring }, { force, signal: never });
}

async function reopened<T>(ask: (catalog: SqliteCatalog) => Promise<T>): Promise<T> {
  const path = store.filesystem.absolute(catalogName);
  const catalog = openSqliteCatalog(path, { kind: "existing" });
  try {
    return await ask(catalog);
  } finally {
    await catalog.close();
  }
}

const append = (...ids: readonly number[]): TableWork => ({
  table: "t",
  disposition: "append",
  rows: ids.map((id) => ({ id, v: "x" })),
});

/** Makes three snapshots of one row each, and answers their runs, the first one first. */
async function threeRuns(): Promise<readonly string[]> {
  const runs: string[] = [];
  for (const id of [1, 2, 3]) {
    await runOnce(store, pipelineId, [append(id)]);
    runs.push(...(await runIds(store.filesystem)).filter((run) => !runs.includes(run)));
  }
  return runs;
}

const codesOf = (report: { readonly findings: readonly { readonly code: string }[] }) =>
  report.findings.map(({ code }) => code);

describe("a rebuilt catalog", () => {
  test("answers as the lost one, with a higher incarnation, and the damaged file is kept", async () => {
    await runOnce(store, pipelineId, [append(1, 2)]);
    await runOnce(store, pipelineId, [{ ...append(2), disposition: "merge", schemaVersion: 3 }]);
    await runOnce(store, pipelineId, []);
    await runOnce(store, pipelineId, [{ ...append(7), table: "u", disposition: "replace" }]);
    const before = await answersOf(store.catalog, [pipelineId]);
    await store.catalog.close();
    await writeFile(store.filesystem.absolute(catalogName), "no catalog any more");
    expect(await rebuild()).toMatchObject({
      incarnation: 1,
      sequence: 3,
      snapshots: [1, 2, 3],
      keptAs: "catalog.sqlite.damaged-1",
      findings: [{ code: "rebuild.lost" }],
    });
    expect(await reopened((catalog) => answersOf(catalog, [pipelineId]))).toEqual(before);
    expect(await store.filesystem.read("catalog.sqlite.damaged-1", 100)).toHaveLength(19);
  });

  test("takes runs again, and is rebuilt again under a higher incarnation", async () => {
    await runOnce(store, pipelineId, [append(1)]);
    await rebuild();
    await reopened(async (catalog) => {
      const again = { ...store, catalog };
      expect(await addPipeline(again, "shop")).toBe(pipelineId);
      expect(await runOnce(again, pipelineId, [append(2)])).toMatchObject({ sequence: 2 });
    });
    await rm(store.filesystem.absolute(catalogName));
    expect(await rebuild()).toMatchObject({ incarnation: 2, sequence: 2, keptAs: null });
  });

  test("has a higher incarnation than a grant of which only a journal is left", async () => {
    await runOnce(store, pipelineId, [append(1)]);
    const [runId = ""] = await runIds(store.filesystem);
    const path = `runs/${runId}/journal-${epochOf(6, 9)}.jsonl`;
    await writeFile(store.filesystem.absolute(path), "");
    expect(await rebuild()).toMatchObject({ incarnation: 7 });
  });
});

describe("a commit without its _manifest.json", () => {
  test("is proven by the one after it", async () => {
    const [, second = ""] = await threeRuns();
    await store.filesystem.unlink(committedManifestPath(second));
    const report = await rebuild();
    expect(report).toMatchObject({ sequence: 3, snapshots: [1, 2, 3] });
    expect(codesOf(report)).toEqual(["rebuild.recovered", "rebuild.lost"]);
    expect(await reopened((catalog) => rowsAt({ ...store, catalog }, "t"))).toHaveLength(3);
  });

  test("isn't in the catalog where nothing proves it, and is told", async () => {
    await runOnce(store, pipelineId, [append(1)]);
    const run = await beginRun(store, pipelineId);
    const { reference } = await publishRun(store, run, await stageRun(store, run, [append(2)]));
    const report = await rebuild();
    expect(report.sequence).toBe(1);
    const [unproven] = report.findings;
    expect(unproven).toMatchObject({ code: "rebuild.unproven", path: reference.path });
  });
});

describe("a gap", () => {
  const removeSecond = async (): Promise<void> => {
    const [, second = ""] = await threeRuns();
    await rm(store.filesystem.absolute(`runs/${second}`), { recursive: true });
  };

  test("refuses, and changes nothing", async () => {
    await removeSecond();
    await store.catalog.close();
    const before = await readFile(store.filesystem.absolute(catalogName));
    const error = await rejectionOf(rebuild());
    expect(error.code).toBe("rebuild.gap");
    expect(error.message).toContain("snapshot 2");
    expect(await readFile(store.filesystem.absolute(catalogName))).toEqual(before);
  });

  test("by force ends the store before it, whose next commits go another way", async () => {
    await removeSecond();
    const report = await rebuild(true);
    expect(report).toMatchObject({ sequence: 1, incarnation: 1 });
    expect(codesOf(report)).toEqual(["rebuild.gap", "rebuild.left_out", "rebuild.lost"]);
    await reopened(async (catalog) => {
      const again = { ...store, catalog };
      await addPipeline(again, "shop");
      await runOnce(again, pipelineId, [append(8)]);
      await runOnce(again, pipelineId, [append(9)]);
    });
    const next = await rebuild();
    expect(next).toMatchObject({ sequence: 3, incarnation: 2 });
    expect(codesOf(next)).toEqual(["rebuild.left_out", "rebuild.lost"]);
    const rows = await reopened((catalog) => rowsAt({ ...store, catalog }, "t"));
    expect(rows?.map(({ id }) => id)).toEqual([1, 8, 9]);
  });
});

describe("a file that is missing", () => {
  test("is named where the newest snapshot needs it", async () => {
    await threeRuns();
    const table = await store.catalog.table({ namespace: "main", name: "t" }, 3);
    const [file] = await store.catalog.files(table?.tableId ?? "", 3, -1);
    await store.filesystem.unlink(file?.path ?? "");
    const report = await rebuild();
    expect(report.findings[0]).toMatchObject({
      severity: "error",
      code: "store.missing_file",
      path: file?.path,
    });
    // The older ones would need it too.
    expect(report.snapshots).toEqual([3]);
  });

  test("takes the older snapshots that need it for expired", async () => {
    await runOnce(store, pipelineId, [append(1)]);
    const table = await store.catalog.table({ namespace: "main", name: "t" }, 1);
    const [file] = await store.catalog.files(table?.tableId ?? "", 1, -1);
    await runOnce(store, pipelineId, [{ ...append(2), disposition: "replace" }]);
    await store.filesystem.unlink(file?.path ?? "");
    const report = await rebuild();
    expect(report.snapshots).toEqual([2]);
    expect(codesOf(report)).toEqual(["rebuild.snapshot_given_up", "rebuild.lost"]);
  });
});

describe("a pipeline without a commit", () => {
  const runOf = async (name: string): Promise<void> => {
    const other = await addPipeline(store, name);
    store.claims.take(other)?.release();
    await beginRun(store, other);
  };

  test("is lost, and told of where it ever ran", async () => {
    await runOnce(store, pipelineId, [append(1)]);
    store.claims.take(pipelineId)?.release();
    store.claims.take("views")?.release();
    expect(codesOf(await rebuild())).toEqual(["rebuild.lost"]);
    await reopened(async (catalog) => {
      store = { ...store, catalog };
      await runOf("a");
      await runOf("b");
    });
    const report = await rebuild();
    expect(codesOf(report)).toEqual(["rebuild.pipeline_lost", "rebuild.lost"]);
    expect(report.findings[0]?.message).toBe("2 pipelines that have no commit are lost");
    await reopened(async (catalog) => {
      expect(await catalog.pipeline({ name: "a" })).toBeNull();
    });
  });
});

test("a store in use is refused", async () => {
  await threeRuns();
  const claim = store.claims.take(pipelineId);
  expect((await rejectionOf(rebuild())).code).toBe("refused.store_in_use");
  claim?.release();
  await rebuild();
});

test("a store without a commit has nothing to rebuild of", async () => {
  expect((await rejectionOf(rebuild())).code).toBe("rebuild.nothing_found");
});

test("a power cut at any step leaves the old catalog, or none, or the new one", () =>
  withSeed(async (seed) => {
    await threeRuns();
    const before = await answersOf(store.catalog, [pipelineId]);
    await store.catalog.close();
    const stale = `${catalogName}-wal`;
    await writeFile(store.filesystem.absolute(stale), "stale");
    const isModelled = (path: string) => path.startsWith("claims");
    const recorder = await recordingFilesystem(store.filesystem, { isModelled });
    await recorder.durableStep("opened", async () => []);
    const context = { ...store, filesystem: recorder.filesystem, openRestoring };
    await rebuildCatalog(context, { force: false, signal: never });
    const found = new Set<number | "none">();
    for (const disk of disksOf(recorder.recording(), seed, 8)) {
      const project = `${store.project}/cut`;
      await materialise(disk, project);
      const filesystem = nodeFilesystem(project);
      const path = filesystem.absolute(catalogName);
      const read = async () => {
        const catalog = openSqliteCatalog(path, { kind: "existing" });
        expect(await answersOf(catalog, [pipelineId])).toEqual(before);
        const { incarnation } = await catalog.head();
        await catalog.close();
        return incarnation;
      };
      const hadStale = (await filesystem.stat(stale)) !== null;
      const incarnation = (await filesystem.stat(catalogName)) === null ? "none" : await read();
      found.add(incarnation);
      // The old one is kept, and its log is never played into the new one.
      const isKept = (await filesystem.stat(`${catalogName}.damaged-1`)) !== null;
      expect([isKept, hadStale && incarnation === 1]).toEqual([incarnation !== 0, false]);
      const again = { filesystem, claims: lockClaims(project), clock: store.clock, openRestoring };
      await rebuildCatalog(again, { force: false, signal: never });
      await read();
      await rename(project, `${project}-done`);
      await rm(`${project}-done`, { recursive: true });
    }
    expect(found).toEqual(new Set([0, "none", 1]));
  }));
