/** What killed processes left in temp/ goes; what a live one has there stays, however old it is. */
import { join } from "node:path";
import { expect, test } from "vitest";
import { collectGarbage } from "../../../src/context/garbage/collect-garbage.ts";
import { garbageDefaults } from "../../../src/context/garbage/options.ts";
import { pinTemporaryPath, runTemporaryPath } from "../../../src/context/layout.ts";
import { startLockProcess } from "../../catalog/other-process.ts";
import { bytesOf, never } from "../fixtures.ts";
import { withStoreForEach } from "../each-store.ts";
import { beginRun, type HistoryStore } from "../history.ts";

let store: HistoryStore;
let pipelineId: string;

withStoreForEach((made) => {
  ({ store, pipelineId } = made);
});

const collect = (dryRun = false) =>
  collectGarbage(store, { ...garbageDefaults, dryRun, force: true, signal: never });

/** A folder as DuckDB and a connector leave it: one file in it, and one in a folder below. */
async function fill(folder: string): Promise<void> {
  for (const path of [folder, `${folder}/scratch`]) {
    await store.publisher.makeFolder(path);
    const file = await store.filesystem.create(`${path}/duckdb_temp_storage-0.tmp`);
    await file.write(bytesOf("spilled"));
    await file.close();
  }
}

const inUse = [{ why: "in_use", count: 2, bytes: 14 }];
const left = { count: 2, bytes: 14 };
const none = { count: 0, bytes: 0 };

/** Of a folder whose owner another process is, until that is killed. */
async function expectOwned(folder: string, ...role: readonly string[]): Promise<void> {
  const other = await startLockProcess(
    role[0] ?? "",
    join(store.project, ".hakiri"),
    ...role.slice(1),
  );
  await fill(folder);
  store.clock.advance(1000 * 3_600_000);
  expect(await collect()).toMatchObject({ leftovers: none, kept: inUse });
  await other.kill();
  expect(await collect()).toMatchObject({ leftovers: left, kept: [] });
  expect(await store.filesystem.list("temp")).toEqual([]);
  expect((await collect()).leftovers).toEqual(none);
}

test("a query's folder stays while the process that pins for it lives", async () => {
  await expectOwned(pinTemporaryPath(`4-${"09".repeat(10)}`), "pin", "4");
});

test("so does that of a query on a store without snapshots", async () => {
  await expectOwned(pinTemporaryPath(`0-${"09".repeat(10)}`), "pin", "0");
});

test("a run's folder stays while the process that claims its pipeline lives", async () => {
  await expectOwned(runTemporaryPath(pipelineId, 7), "claim", pipelineId);
});

test("a reader keeps its own folder only", async () => {
  const pin = store.pins.pin(3);
  await fill(pinTemporaryPath(pin.name));
  await fill(pinTemporaryPath(`3-${"f".repeat(20)}`));
  expect(await collect()).toMatchObject({ leftovers: left, kept: inUse });
  expect(await store.filesystem.list("temp")).toEqual([pin.name]);
  pin.release();
});

test("a dry run removes nothing, takes no claim, and goes by what is under way", async () => {
  await fill(runTemporaryPath(pipelineId, 7));
  const claim = store.claims.take(pipelineId);
  expect(await collect(true)).toMatchObject({ leftovers: left, kept: [] });
  await beginRun(store, pipelineId);
  expect(await collect(true)).toMatchObject({ leftovers: none, kept: inUse });
  claim?.release();
  expect(await store.filesystem.list("temp")).toEqual([`${pipelineId}-7`]);
});

test("what hakiri wouldn't name so stays", async () => {
  await fill("temp/mine");
  expect(await collect()).toMatchObject({ leftovers: none, kept: [{ why: "foreign", count: 2 }] });
});
