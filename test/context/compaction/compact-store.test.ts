/** Compaction on real stores: the same rows in fewer files. */
import { readFile, rm, writeFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import type { CompactStoreContext } from "../../../src/context/compaction/compact-store.ts";
import { compactStore } from "../../../src/context/compaction/compact-store.ts";
import { compactionTriesMax } from "../../../src/context/compaction/base.ts";
import type { CompactionRules } from "../../../src/context/compaction/rules.ts";
import { viewStatements } from "../../../src/context/views/views-sql.ts";
import type { DuckDb } from "../../../src/context/duckdb/open-duckdb.ts";
import { viewsPath } from "../../../src/context/layout.ts";
import type { SqliteCatalog } from "../../../src/catalog/sqlite/sqlite-catalog.ts";
import { createPublisher } from "../../../src/context/publish.ts";
import { HakiriError, toHakiriError } from "../../../src/core/error.ts";
import { failingFilesystem } from "../../platform/failing-filesystem.ts";
import { seededRandom, withSeed } from "../../platform/seeded-random.ts";
import { never } from "../fixtures.ts";
import { HistoryModel, sorted } from "../history-model.ts";
import { withStoreForEach } from "../each-store.ts";
import {
  addPipeline,
  rowsAt,
  runOnce,
  tableAt,
  type HistoryStore,
  type TableWork,
} from "../history.ts";
import { disksOf, onDisk, recordWork } from "../power-cut.ts";
import { rejectionOf } from "../thrown.ts";

let duckDb: DuckDb;
let store: HistoryStore;
let pipelineId: string;
let model: HistoryModel;

withStoreForEach((made) => {
  ({ store, pipelineId, duckDb } = made);
  model = new HistoryModel();
});

function contextOf(over: Partial<CompactStoreContext> = {}): CompactStoreContext {
  const { catalog, pins, publisher, clock, claims } = store;
  return {
    catalog,
    pins,
    publisher,
    clock,
    duckDb: async () => duckDb,
    takeViewsLock: () => claims.take("views"),
    ...over,
  };
}

const full: CompactionRules = { kind: "full" };

const compact = (over: Partial<CompactStoreContext> = {}, rules: CompactionRules = full) =>
  compactStore(contextOf(over), {
    tables: null,
    rules,
    claim: { kind: "take", claims: store.claims },
    signal: never,
  });

async function run(...work: readonly TableWork[]): Promise<number> {
  const { sequence } = await runOnce(store, pipelineId, work);
  if (sequence === null) throw new Error("expected a snapshot");
  model.commit(sequence, work);
  return sequence;
}

async function expectModel(): Promise<void> {
  for (const sequence of model.snapshots.keys()) {
    for (const name of model.names) {
      const rows = await rowsAt(store, name, sequence);
      expect(rows && sorted(rows)).toEqual(model.rows(sequence, name));
    }
  }
}

const ids = (from: number, count: number) =>
  Array.from({ length: count }, (_, index) => ({ id: from + index, v: `v${from + index}` }));

describe("a full compaction", () => {
  test("leaves one file with the same rows, and older snapshots readable", async () => {
    await run({ table: "t", disposition: "append", rows: ids(0, 5), parts: 2 });
    await run({ table: "t", disposition: "merge", rows: ids(3, 4), deleted: [0] });
    await run({ table: "t", disposition: "append", rows: ids(20, 2), schemaVersion: 4 });
    const [report] = await compact();
    expect(report).toMatchObject({
      table: { namespace: "main", name: "t" },
      outcome: { kind: "compacted", sequence: 4, before: { files: 5 }, after: { files: 1 } },
    });
    model.same(4);
    const table = await tableAt(store, "t");
    expect(table?.files).toMatchObject([{ kind: "data", rows: 8, schemaVersion: 4, masks: [] }]);
    await expectModel();
  });

  test("keeps the order of rows, and hakiri's own columns as they were", async () => {
    const shuffled = [7, 3, 9, 1].map((id) => ({ id, v: "x" }));
    await run({ table: "t", disposition: "append", rows: shuffled });
    await run({ table: "t", disposition: "append", rows: [{ id: 2, v: "y" }], schemaVersion: 2 });
    await run({ table: "t", disposition: "merge", rows: [{ id: 9, v: "z", n: 5 }] });
    const own = `SELECT id, _hakiri_run_id AS r, _hakiri_loaded_at::VARCHAR AS l`;
    const before = await query(`${own} FROM t ORDER BY id`);
    await compact();
    expect(await query(`${own} FROM t ORDER BY id`)).toEqual(before);
    const order = await query("SELECT id FROM t");
    expect(order.map(({ id }) => Number(id))).toEqual([7, 3, 1, 2, 9]);
  });

  test("has nothing to do twice", async () => {
    await run({ table: "t", disposition: "append", rows: ids(0, 5), parts: 3 });
    await compact();
    const [report] = await compact();
    expect(report?.outcome.kind).toBe("unchanged");
    expect((await store.catalog.head()).sequence).toBe(2);
  });

  test("empties a table of which every row is masked", async () => {
    await run({ table: "t", disposition: "append", rows: ids(0, 2) });
    await run({ table: "t", disposition: "merge", rows: [], deleted: [0, 1] });
    const [report] = await compact();
    expect(report?.outcome).toMatchObject({ kind: "compacted", after: { files: 0, bytes: 0 } });
    expect(await rowsAt(store, "t")).toEqual([]);
    model.same(3);
    await expectModel();
  });

  test("brings views.sql up to its snapshot", async () => {
    await run({ table: "t", disposition: "append", rows: ids(0, 4), parts: 2 });
    await compact();
    const text = new TextDecoder().decode(await store.filesystem.read(viewsPath, 100_000));
    expect(text).toContain("sequence 2\n");
  });

  test("takes only the tables that are named, and names the one that was meant", async () => {
    await run({ table: "orders", disposition: "append", rows: ids(0, 2), parts: 2 });
    await run({ table: "items", disposition: "append", rows: ids(0, 2), parts: 2 });
    const claim = { kind: "take", claims: store.claims } as const;
    const named = (name: string) =>
      compactStore(contextOf(), {
        tables: [{ namespace: "main", name }],
        rules: full,
        claim,
        signal: never,
      });
    const reports = await named("Orders");
    expect(reports.map(({ table }) => table.name)).toEqual(["orders"]);
    const error = await rejectionOf(named("order"));
    expect(error).toMatchObject({ code: "usage.unknown_table", hint: "did you mean 'orders'?" });
  });
});

async function query(sql: string) {
  const table = await tableAt(store, "t");
  if (table === null) throw new Error("expected the table");
  const schemas = await store.catalog.schemas(table.tableId);
  const statements = viewStatements({ table, schemas }, `${store.filesystem.absolute("")}/`);
  for (const statement of statements.split(";\n").filter((text) => text !== "")) {
    await duckDb.run(statement);
  }
  return duckDb.rows(sql);
}

describe("an automatic compaction", () => {
  const smallFiles = 8;
  const bounds = { smallFiles, smallFileBytes: 64 * 1024 * 1024 };
  const automatic: CompactionRules = { kind: "automatic", bounds, slack: 1 };

  test("waits until small files are too many, and makes few of them", async () => {
    const parts = smallFiles - 1;
    await run({ table: "t", disposition: "append", rows: ids(0, parts), parts });
    await run({ table: "t", disposition: "append", rows: ids(500, 1) });
    expect((await compact({}, automatic))[0]?.outcome.kind).toBe("unchanged");
    await run({ table: "t", disposition: "append", rows: ids(600, 1) });
    expect((await compact({}, automatic))[0]?.outcome).toMatchObject({
      kind: "compacted",
      before: { files: smallFiles + 1 },
      after: { files: 1 },
    });
    model.same(4);
    await expectModel();
  });

  test("under a claim that is held leaves the tables of other pipelines alone", async () => {
    const other = await addPipeline(store, "other");
    await run({ table: "mine", disposition: "append", rows: ids(0, 2), parts: 2 });
    await runOnce(store, other, [
      { table: "theirs", disposition: "append", rows: ids(0, 2), parts: 2 },
    ]);
    const reports = await compactStore(contextOf(), {
      tables: null,
      rules: full,
      claim: { kind: "held", pipelineId },
      signal: never,
    });
    expect(reports.map(({ table }) => table.name)).toEqual(["mine"]);
  });

  test("loads no DuckDB where nothing is due", async () => {
    await run({ table: "t", disposition: "append", rows: ids(0, 2) });
    const duckDbOf = () => Promise.reject(new Error("expected no call"));
    const [report] = await compact({ duckDb: duckDbOf }, automatic);
    expect(report?.outcome.kind).toBe("unchanged");
  });
});

test("a table whose owner is claimed elsewhere is told and left", async () => {
  await run({ table: "t", disposition: "append", rows: ids(0, 2), parts: 2 });
  const held = store.claims.take(pipelineId);
  const [report] = await compact();
  held?.release();
  expect(report?.outcome).toEqual({ kind: "claimed_elsewhere", pipelineId });
});

describe("a damaged input", () => {
  const damage: readonly (readonly [string, (path: string) => Promise<void>])[] = [
    ["bit-flipped", (path) => changeFile(path, (bytes) => bytes.with(40, (bytes[40] ?? 0) ^ 1))],
    ["truncated", (path) => changeFile(path, (bytes) => bytes.subarray(0, bytes.length - 9))],
    ["missing", (path) => rm(path)],
  ];

  test.each(damage)("that is %s is named, and nothing changes", async (_, harm) => {
    await run({ table: "t", disposition: "append", rows: ids(0, 4), parts: 2 });
    const [, file] = (await tableAt(store, "t"))?.files ?? [];
    const path = file?.path ?? "";
    await harm(store.filesystem.absolute(path));
    const error = await rejectionOf(compact());
    expect(error).toMatchObject({ code: "store.damaged_file", where: { file: path } });
    expect((await store.catalog.head()).sequence).toBe(1);
    expect(
      (await store.catalog.runs({ pipelineId, beforeRunId: null, limit: 1 }))[0]?.state.kind,
    ).toBe("failed");
  });

  test("of position deletes is named too", async () => {
    await run({ table: "t", disposition: "append", rows: ids(0, 4) });
    await run({ table: "t", disposition: "merge", rows: ids(2, 1) });
    const file = (await tableAt(store, "t"))?.files.find(({ kind }) => kind === "deletes");
    const path = file?.path ?? "";
    await changeFile(store.filesystem.absolute(path), (bytes) => bytes.with(9, 7));
    expect((await rejectionOf(compact())).where).toEqual({ file: path });
  });

  async function changeFile(path: string, change: (bytes: Uint8Array) => Uint8Array) {
    await writeFile(path, change(await readFile(path)));
  }
});

test("a full disk at any call is told, and leaves the rows as they were", async () => {
  await run({ table: "t", disposition: "append", rows: ids(0, 4), parts: 2 });
  await run({ table: "t", disposition: "merge", rows: ids(2, 2) });
  for (let at = 0; ; at += 1) {
    const fault = { at, lasts: "onwards", errno: "ENOSPC" } as const;
    const { filesystem, counted } = failingFilesystem(store.filesystem, fault);
    const publisher = createPublisher(filesystem, seededRandom(at));
    const outcome = await compact({ publisher }).then(
      () => "compacted",
      (error: unknown) => toHakiriError(error).code,
    );
    const { sequence } = await store.catalog.head();
    if (sequence === 3 && !model.snapshots.has(3)) model.same(3);
    await expectModel();
    if (counted() <= at) break;
    expect(outcome).toBe("disk.full");
    if (sequence === 3) break;
  }
  expect(model.snapshots.size).toBe(3);
});

test("a power cut at any step leaves the old snapshot or the new one, with the same rows", () =>
  withSeed(async (seed) => {
    await run({ table: "t", disposition: "append", rows: ids(0, 4), parts: 2 });
    await run({ table: "t", disposition: "merge", rows: ids(2, 4), deleted: [0] });
    const recording = await recordWork(store, async (recorded) => {
      const takeViewsLock = () => store.claims.take("views");
      await compactStore(
        { ...recorded, duckDb: async () => duckDb, takeViewsLock },
        { tables: null, rules: full, claim: { kind: "take", claims: store.claims }, signal: never },
      );
    });
    model.same(3);
    const seen = new Set<number>();
    for (const disk of disksOf(recording, seed, 3)) {
      await onDisk(disk, duckDb, async (cut) => {
        const { sequence } = await cut.catalog.head();
        seen.add(sequence);
        for (const each of [2, sequence]) {
          const rows = await rowsAt(cut, "t", each);
          expect(rows && sorted(rows)).toEqual(model.rows(each, "t"));
        }
      });
    }
    expect([...seen].toSorted((a, b) => a - b)).toEqual([2, 3]);
  }));

describe("while others commit", () => {
  /** A catalog that runs something before each commit of a compaction. */
  const racing = (before: () => Promise<unknown>): SqliteCatalog => ({
    ...store.catalog,
    apply: async (command, attachments) => {
      if (command.kind === "commit_compaction") await before();
      return store.catalog.apply(command, attachments);
    },
  });

  test("rows that are appended meanwhile stay, and nothing is written twice", async () => {
    const other = await addPipeline(store, "other", true);
    await run({ table: "t", disposition: "append", rows: ids(0, 4), parts: 2 });
    const more = { table: "t", disposition: "append", rows: ids(9, 2) } as const;
    const catalog = racing(() => runOnce(store, other, [more]));
    const [report] = await compact({ catalog });
    expect(report?.outcome).toMatchObject({ kind: "compacted", sequence: 3 });
    model.commit(2, [more]);
    model.same(3);
    await expectModel();
  });

  test("it tries again a bounded number of times where its inputs changed, then gives up", async () => {
    const moved = new HakiriError({
      kind: "Permanent",
      code: "conflict.base_moved",
      message: "expected the base",
      hint: "",
    });
    let tries = 0;
    const refusing = (times: number) =>
      racing(async () => {
        tries += 1;
        if (tries <= times) throw moved;
      });
    await run({ table: "t", disposition: "append", rows: ids(0, 4), parts: 2 });
    const gaveUp = await compact({ catalog: refusing(compactionTriesMax) });
    expect([gaveUp[0]?.outcome.kind, tries]).toEqual(["gave_up", compactionTriesMax]);
    tries = 0;
    const done = await compact({ catalog: refusing(compactionTriesMax - 1) });
    expect([done[0]?.outcome.kind, tries]).toEqual(["compacted", compactionTriesMax]);
    model.same(2);
    await expectModel();
  });

  test("a merge that got the pipeline first is kept, and the compaction fails", async () => {
    await run({ table: "t", disposition: "append", rows: ids(0, 4), parts: 2 });
    const more = { table: "t", disposition: "merge", rows: [{ id: 1, v: "new" }] } as const;
    const catalog = racing(() => runOnce(store, pipelineId, [more]));
    const error = await rejectionOf(compact({ catalog }));
    expect(error.code).toBe("refused.stale_epoch");
    model.commit(2, [more]);
    await expectModel();
    expect((await store.catalog.head()).sequence).toBe(2);
  });
});
