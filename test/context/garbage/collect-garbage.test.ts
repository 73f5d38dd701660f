/** Garbage collection on real stores: what goes, what stays and why, and crashes in between. */
import { describe, expect, test } from "vitest";
import { openSqliteCatalog } from "../../../src/catalog/sqlite/sqlite-catalog.ts";
import { compactStore } from "../../../src/context/compaction/compact-store.ts";
import type { DuckDb } from "../../../src/context/duckdb/open-duckdb.ts";
import { collectGarbage, garbageLock } from "../../../src/context/garbage/collect-garbage.ts";
import { clockJump, driftMaxMicros } from "../../../src/context/garbage/clock-witness.ts";
import { allSnapshots } from "../../../src/context/garbage/expire.ts";
import { garbageDefaults, type GarbageOptions } from "../../../src/context/garbage/options.ts";
import { openJournal } from "../../../src/context/journal/writer.ts";
import { journalPath } from "../../../src/context/layout.ts";
import { createPublisher } from "../../../src/context/publish.ts";
import { toHakiriError } from "../../../src/core/error.ts";
import { rebuildCatalog } from "../../../src/context/rebuild/rebuild-catalog.ts";
import { listRun, runIds } from "../../../src/context/rebuild/run-folder.ts";
import { allFiles } from "../../../src/context/snapshot/table-files.ts";
import { failedOf, moveOf } from "../../catalog/commands.ts";
import { failingFilesystem } from "../../platform/failing-filesystem.ts";
import { seededRandom, withSeed } from "../../platform/seeded-random.ts";
import { answersOf } from "../catalog-answers.ts";
import { batch, begin, bytesOf, cursorAt, header, never } from "../fixtures.ts";
import { withStoreForEach } from "../each-store.ts";
import {
  beginRun,
  commitRun,
  rowsAt,
  runOnce,
  stageRun,
  type HistoryStore,
  type OpenRun,
  type TableWork,
} from "../history.ts";
import { disksOf, onDisk, recordWork } from "../power-cut.ts";
import { rejectionOf } from "../thrown.ts";

let duckDb: DuckDb;
let store: HistoryStore;
let pipelineId: string;

withStoreForEach((made) => {
  ({ store, pipelineId, duckDb } = made);
});

const hourMs = 3_600_000;

/** Collects with the defaults, a newest snapshot kept at least, and the clock believed. */
const collect = (over: Partial<GarbageOptions> = {}, on: HistoryStore = store) =>
  collectGarbage(on, {
    ...garbageDefaults,
    keep: 1,
    dryRun: false,
    force: true,
    signal: never,
    ...over,
  });

const append = (...ids: readonly number[]): TableWork => ({
  table: "t",
  disposition: "append",
  rows: ids.map((id) => ({ id, v: "x" })),
});

const replace = (...ids: readonly number[]): TableWork => ({
  ...append(...ids),
  disposition: "replace",
});

async function compact(on: HistoryStore = store): Promise<void> {
  const takeViewsLock = () => on.claims.take("views");
  await compactStore(
    { ...on, duckDb: async () => duckDb, takeViewsLock },
    {
      tables: null,
      rules: { kind: "full" },
      claim: { kind: "take", claims: on.claims },
      signal: never,
    },
  );
}

async function filesOnDisk(on: HistoryStore = store): Promise<readonly string[]> {
  const paths: string[] = [];
  for (const runId of await runIds(on.filesystem)) {
    paths.push(...(await listRun(on.filesystem, runId)).files.map(({ path }) => path));
  }
  return paths;
}

async function writeText(path: string, text: string): Promise<void> {
  const file = await store.filesystem.create(path);
  await file.write(bytesOf(text));
  await file.close();
}

describe("a snapshot", () => {
  test("that is old and not among the newest goes, and its files after the grace", async () => {
    await runOnce(store, pipelineId, [append(1)]);
    await runOnce(store, pipelineId, [replace(2)]);
    store.clock.advance(8 * 24 * hourMs);
    const first = await collect();
    expect(first).toMatchObject({ expired: [1], files: { count: 0 } });
    expect(first.kept).toMatchObject([{ why: "within_grace", count: 1 }]);
    store.clock.advance(23 * hourMs);
    expect((await collect()).files.count).toBe(0);
    store.clock.advance(2 * hourMs);
    expect((await collect()).files.count).toBe(1);
    expect(await store.catalog.unreferenced(-1)).toEqual([]);
    expect(await rowsAt(store, "t")).toEqual([{ id: 2, v: "x", n: null }]);
    const parts = (await filesOnDisk()).filter((path) => path.endsWith(".parquet"));
    expect(parts).toHaveLength(1);
  });

  test("stays while it is pinned, young, or one of the newest", async () => {
    for (const id of [1, 2, 3, 4]) await runOnce(store, pipelineId, [replace(id)]);
    const pin = store.pins.pin(1);
    expect((await collect()).expired).toEqual([]);
    store.clock.advance(8 * 24 * hourMs);
    expect((await collect({ keep: 2 })).expired).toEqual([2]);
    pin.release();
    expect((await collect({ keep: 2 })).expired).toEqual([1]);
  });

  test("that a reader pinned too late keeps every file that is due", async () => {
    await runOnce(store, pipelineId, [append(1)]);
    await runOnce(store, pipelineId, [replace(2)]);
    store.clock.advance(8 * 24 * hourMs);
    await collect();
    const pin = store.pins.pin(1);
    store.clock.advance(25 * hourMs);
    expect((await collect()).kept).toMatchObject([{ why: "pinned_expired", count: 1 }]);
    pin.release();
    expect((await collect()).files.count).toBe(1);
  });
});

describe("the clock", () => {
  const [boot, dayMs] = ["a-boot", 24 * hourMs];
  const at = (uptimeMs: number, of = boot): HistoryStore => ({
    ...store,
    bootClock: async () => ({ boot: of, uptimeMs }),
  });

  test("set forward since the last collection stops it, but not with force", async () => {
    await runOnce(store, pipelineId, [append(1)]);
    await collect({ force: false }, at(0));
    store.clock.advance(30 * dayMs);
    const jumped = at(60_000);
    const error = await rejectionOf(collect({ force: false }, jumped));
    expect(error).toMatchObject({ code: "refused.clock_jumped" });
    expect(error.message).toContain("by 719 hours");
    expect(error.hint).toContain("--force");
    await rejectionOf(collect({ force: false, dryRun: true }, jumped));
    // Whoever forces it has said that the clock is right now.
    await collect({ force: true }, jumped);
    await collect({ force: false }, jumped);
  });

  test("is believed in a store that was idle for weeks, and without any grace", async () => {
    await runOnce(store, pipelineId, [append(1)]);
    await collect({ force: false, graceMicros: 0n }, at(0));
    store.clock.advance(30 * dayMs);
    await collect({ force: false, graceMicros: 0n }, at(30 * dayMs));
  });

  test("is believed after another boot, but not over a year", async () => {
    await runOnce(store, pipelineId, [append(1)]);
    await collect({ force: false }, at(5000));
    store.clock.advance(365 * dayMs);
    await collect({ force: false }, at(1000, "another"));
    store.clock.advance(2 * dayMs);
    const error = await rejectionOf(collect({ force: false }, at(1000, "a third")));
    expect(error).toMatchObject({ code: "refused.clock_jumped" });
  });

  test("may part from the boot's by a correction, and not by more", () => {
    const read = (offset: bigint) =>
      clockJump({
        nowMicros: 10n ** 15n + driftMaxMicros + offset,
        committedMicros: 0n,
        moment: { boot, uptimeMs: 5 },
        witness: { boot, uptimeMs: 5, atMicros: 10n ** 15n },
      });
    expect(read(0n)).toBeNull();
    expect(read(1n)).toBe(driftMaxMicros + 1n);
  });

  test("means nothing in a store without a snapshot", async () => {
    store.clock.advance(1000 * hourMs);
    expect((await collect({ force: false })).expired).toEqual([]);
  });
});

test("a second collection at once is refused", async () => {
  const lock = store.claims.take(garbageLock);
  expect(await rejectionOf(collect())).toMatchObject({ code: "refused.gc_running" });
  lock?.release();
});

test("a dry run changes nothing", async () => {
  await runOnce(store, pipelineId, [append(1)]);
  await runOnce(store, pipelineId, [replace(2)]);
  await failed([append(3)]);
  store.clock.advance(8 * 24 * hourMs);
  const before = [await filesOnDisk(), await answersOf(store.catalog, [pipelineId])];
  const report = await collect({ dryRun: true });
  expect(report).toMatchObject({ dryRun: true, expired: [1] });
  expect(report.leftovers.count).toBe(1);
  expect([await filesOnDisk(), await answersOf(store.catalog, [pipelineId])]).toEqual(before);
});

/** A run that staged and failed without a written batch. */
async function failed(work: readonly TableWork[]): Promise<OpenRun> {
  const run = await beginRun(store, pipelineId);
  await stageRun(store, run, work);
  const at = String(store.clock.nowMicros());
  await store.catalog.apply<"move_run">(moveOf(run.grant, failedOf(run.grant, 0), { at }));
  return run;
}

describe("what a run left", () => {
  test("goes once the run ended too long ago to be resumed, with its folders", async () => {
    const run = await failed([append(1)]);
    expect((await collect()).kept).toMatchObject([{ why: "ended_recently", count: 1 }]);
    store.clock.advance(7 * 24 * hourMs + 1000);
    expect((await collect()).leftovers.count).toBe(1);
    expect(await runIds(store.filesystem)).not.toContain(run.grant.runId);
  });

  test("goes at once where the run was committed, or the file is temporary", async () => {
    const run = await beginRun(store, pipelineId);
    const staged = await stageRun(store, run, [append(1)]);
    await stageRun(store, run, [append(2)]);
    await writeText(`runs/${run.grant.runId}/journal-1.jsonl`, "");
    await writeText(`runs/${run.grant.runId}/x.json.tmp-0123456789`, "half");
    await commitRun(store, run, staged);
    expect(await collect()).toMatchObject({ leftovers: { count: 2 }, records: { count: 1 } });
    expect(await rowsAt(store, "t")).toHaveLength(1);
  });

  test("stays while another process has the pipeline, or nobody knows whose it is", async () => {
    await failed([append(1)]);
    store.clock.advance(8 * 24 * hourMs);
    const unknown = `runs/${"0".repeat(26)}`;
    await store.filesystem.makeFolder(unknown);
    await writeText(`${unknown}/7-0.lines`, "a\n");
    const claim = store.claims.take(pipelineId);
    const { leftovers, kept } = await collect();
    expect(leftovers.count).toBe(0);
    expect(kept.map(({ why, count }) => [why, count])).toEqual([
      ["pipeline_claimed", 1],
      ["unknown_run", 1],
    ]);
    claim?.release();
    expect((await collect()).leftovers.count).toBe(1);
  });

  test("stays where the user put it there", async () => {
    await runOnce(store, pipelineId, [append(1)]);
    const [runId = ""] = await runIds(store.filesystem);
    await writeText(`runs/${runId}/notes.txt`, "mine");
    expect((await collect()).kept).toMatchObject([{ why: "foreign", count: 1 }]);
  });

  test("goes from the store's folder once it is older than the grace", async () => {
    await writeText("views.sql.tmp-0123456789", "half");
    await writeText(`catalog.sqlite.tmp-${"0".repeat(26)}-wal`, "of a maker that died");
    await store.filesystem.makeFolder("pins");
    const suffix = "0".repeat(20);
    await writeText(`pins/3-${suffix}.lock.tmp-${suffix}`, "");
    expect((await collect()).leftovers.count).toBe(0);
    store.clock.advance(25 * hourMs);
    expect((await collect()).leftovers.count).toBe(3);
  });
});

describe("a run that may be resumed", () => {
  /** Stages two parts, of which the journal names the first. */
  async function resumable(): Promise<OpenRun> {
    const run = await beginRun(store, pipelineId);
    const { epoch, runId } = run.grant;
    const { tables } = await stageRun(store, run, [{ ...append(1, 2), parts: 2 }]);
    const [file] = tables.flatMap(({ added }) => added);
    if (file === undefined) throw new Error("expected a file");
    const head = { ...header(epoch), runId, pipelineId };
    const journal = await openJournal(store.publisher, head, []);
    await journal.append(begin());
    await journal.append({
      ...batch(0),
      files: [file],
      cursor: {
        resume: "any",
        stored: cursorAt("1"),
        boundaryPath: null,
      },
    });
    await journal.close();
    const at = String(store.clock.nowMicros());
    await store.catalog.apply<"move_run">(moveOf(run.grant, failedOf(run.grant, 1), { at }));
    return run;
  }

  test("keeps its journal and what that names, and loses the rest", async () => {
    const { grant } = await resumable();
    const report = await collect();
    expect(report.leftovers.count).toBe(1);
    expect(report.kept).toMatchObject([{ why: "resumable", count: 2 }]);
    const left = await filesOnDisk();
    expect(left).toContain(journalPath(grant.runId, grant.epoch));
    expect(left).toHaveLength(2);
  });

  test("keeps them after an attempt that came to no journal of its own", async () => {
    const { grant } = await resumable();
    const again = await beginRun(store, pipelineId);
    expect(again.grant).toMatchObject({ runId: grant.runId, adopt: { epoch: grant.epoch } });
    const at = String(store.clock.nowMicros());
    await store.catalog.apply<"move_run">(moveOf(again.grant, failedOf(again.grant, 1), { at }));
    expect((await collect()).kept).toMatchObject([{ why: "resumable", count: 2 }]);
    expect(await filesOnDisk()).toContain(journalPath(grant.runId, grant.epoch));
  });

  test("is discarded after its time, so that nothing resumes it without its files", async () => {
    const { grant } = await resumable();
    store.clock.advance(8 * 24 * hourMs);
    await collect();
    expect(await filesOnDisk()).toEqual([]);
    const record = await store.catalog.run(grant.runId);
    expect(record?.discardedBecause).toContain("too long ago");
  });

  test("keeps everything where its journal can't be read", async () => {
    const { grant } = await resumable();
    const path = journalPath(grant.runId, grant.epoch);
    await store.filesystem.unlink(path);
    await writeText(path, "no journal\nat all\n");
    expect(await collect()).toMatchObject({ leftovers: { count: 0 } });
    expect(await filesOnDisk()).toHaveLength(3);
  });
});

describe("manifests", () => {
  test("of expired snapshots go into the checkpoint, and a rebuild still finds all", async () => {
    for (const id of [1, 2, 3]) await runOnce(store, pipelineId, [append(id)]);
    await compact();
    store.clock.advance(8 * 24 * hourMs);
    await runOnce(store, pipelineId, [append(9)]);
    expect(await collect()).toMatchObject({ expired: [1, 2, 3, 4], records: { count: 8 } });
    store.clock.advance(25 * hourMs);
    await runOnce(store, pipelineId, [append(10)]);
    expect(await collect({ retentionMicros: 0n })).toMatchObject({
      expired: [5],
      files: { count: 3 },
      records: { count: 2 },
    });
    expect(await store.filesystem.list("runs")).toHaveLength(3);
    await expectRebuildEqual(store);
  });

  test("that a crash left without their _manifest.json get it", async () => {
    await runOnce(store, pipelineId, [append(1)], { derive: false });
    await runOnce(store, pipelineId, [append(2)], { derive: false });
    await collect();
    const names = (await filesOnDisk()).filter((path) => path.endsWith("/_manifest.json"));
    expect(names).toHaveLength(2);
    await expectRebuildEqual(store);
  });

  test("stay where one is damaged, since the others are all that a repair has", async () => {
    await runOnce(store, pipelineId, [append(1)]);
    const [runId = ""] = await runIds(store.filesystem);
    await runOnce(store, pipelineId, [append(2)]);
    await store.filesystem.unlink(`runs/${runId}/_manifest.json`);
    await writeText(`runs/${runId}/_manifest.json`, "{}");
    store.clock.advance(8 * 24 * hourMs);
    const before = await filesOnDisk();
    const report = await collect();
    expect(report.kept.map(({ why }) => why)).toContain("history_broken");
    expect(await filesOnDisk()).toEqual(before);
  });
});

async function expectRebuildEqual(on: HistoryStore): Promise<void> {
  const before = await answersOf(on.catalog, [pipelineId]);
  await onRebuilt(on, async ({ catalog }) => {
    expect(await answersOf(catalog, [pipelineId])).toEqual(before);
  });
}

/** It may have more or fewer old snapshots, but none that can't be read. */
async function expectRebuildReachable(on: HistoryStore, rows: unknown): Promise<void> {
  await onRebuilt(on, async (rebuilt) => {
    expect(await rowsAt(rebuilt, "t")).toEqual(rows);
    await expectReachable(rebuilt);
  });
}

async function onRebuilt(
  on: HistoryStore,
  look: (rebuilt: HistoryStore) => Promise<void>,
): Promise<void> {
  await on.catalog.close();
  const openRestoring = (path: string, storeId: string) =>
    openSqliteCatalog(path, { kind: "restore", storeId });
  await rebuildCatalog({ ...on, openRestoring }, { force: false, signal: never });
  const path = on.filesystem.absolute("catalog.sqlite");
  const catalog = openSqliteCatalog(path, { kind: "existing" });
  try {
    await look({ ...on, catalog });
  } finally {
    await catalog.close();
  }
}

test("a full disk at any call is told, and the next collection finishes", async () => {
  await runOnce(store, pipelineId, [append(1)]);
  await runOnce(store, pipelineId, [replace(2)]);
  store.clock.advance(8 * 24 * hourMs);
  await collect();
  await failed([append(3)]);
  store.clock.advance(8 * 24 * hourMs);
  await runOnce(store, pipelineId, [replace(4)], { derive: false });
  for (let at = 0; ; at += 1) {
    const fault = { at, lasts: "once", errno: "ENOSPC" } as const;
    const { filesystem, counted } = failingFilesystem(store.filesystem, fault);
    const publisher = createPublisher(filesystem, seededRandom(at));
    const code = await collect({}, { ...store, filesystem, publisher }).then(
      () => "done",
      (error: unknown) => toHakiriError(error).code,
    );
    await expectReachable(store);
    if (counted() <= at) break;
    expect(code).toBe("disk.full");
  }
  expect(await rowsAt(store, "t")).toEqual([{ id: 4, v: "x", n: null }]);
  expect(await store.catalog.unreferenced(-1)).toHaveLength(1);
  await expectRebuildEqual(store);
});

test("a power cut at any step loses nothing that is reachable, and the next one finishes", () =>
  withSeed(async (seed) => {
    await runOnce(store, pipelineId, [{ ...append(1, 2, 3), parts: 2 }]);
    await runOnce(store, pipelineId, [{ ...append(2), disposition: "merge" }]);
    store.clock.advance(8 * 24 * hourMs);
    await compact();
    await collect();
    await failed([append(7)]);
    store.clock.advance(8 * 24 * hourMs);
    await runOnce(store, pipelineId, [append(4)], { derive: false });
    await runOnce(store, pipelineId, [append(5)]);
    const rows = await rowsAt(store, "t");
    const recording = await recordWork(store, async (recorded) => {
      const report = await collect({}, recorded);
      expect(report).toMatchObject({ expired: [3], files: { count: 4 }, leftovers: { count: 1 } });
    });
    let disks = 0;
    for (const disk of disksOf(recording, seed, 3)) {
      disks += 1;
      await onDisk(disk, duckDb, async (cut) => {
        cut.clock.advance(16 * 24 * hourMs);
        await expectReachable(cut);
        expect(await rowsAt(cut, "t")).toEqual(rows);
        if (disks % 2 === 0) return expectRebuildReachable(cut, rows);
        await collect({}, cut);
        await expectReachable(cut);
        expect(await cut.catalog.unreferenced(-1)).toEqual([]);
        await expectRebuildEqual(cut);
      });
    }
    expect(disks).toBeGreaterThan(15);
  }));

/** Every file of every retained snapshot is there. */
async function expectReachable({ catalog, filesystem }: HistoryStore): Promise<void> {
  for (const { sequence } of await allSnapshots(catalog)) {
    for (const { tableId } of await catalog.tables(sequence)) {
      for (const { path, sizeBytes } of await allFiles(catalog, tableId, sequence)) {
        expect({ path, sizeBytes: (await filesystem.stat(path))?.sizeBytes }).toEqual({
          path,
          sizeBytes,
        });
      }
    }
  }
}
