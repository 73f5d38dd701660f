/** What runs make of a source's tables, version by version, compared with what it really has. */
import { describe, expect, test } from "vitest";
import { systemClock } from "../../src/platform/system-clock.ts";
import { ThreadActors } from "../../src/supervisor/thread-actors.ts";
import { expectTables } from "./compare-tables.ts";
import { pipelineOf, requestOf } from "./request.ts";
import { filesAt } from "./sources/world-files.ts";
import {
  livingTables,
  livingTexts,
  streamOf,
  type ColumnWorld,
  type RowTexts,
  type World,
} from "./sources/world.ts";
import { storeOfTest } from "./test-store.ts";

const changing = { inserts: 12, updates: 9, deletes: 4 };

const world: World = {
  seed: 11,
  version: 1,
  hasSession: false,
  streams: [
    { name: "orders", kind: "keyset", rows: 120, batchRows: 35, ...changing },
    { name: "clicks", kind: "keyset", rows: 60, batchRows: 25, inserts: 14 },
    { name: "users", kind: "unordered", rows: 80, batchRows: 30, ...changing },
    { name: "prices", kind: "plain", rows: 50, batchRows: 20, ...changing },
    { name: "stock", kind: "partitioned", rows: 70, batchRows: 10, partitions: 3, ...changing },
    { name: "files", kind: "files", rows: 15, batchRows: 1 },
  ],
};

const pipeline = pipelineOf([
  { stream: "orders", incremental: "changed" },
  { stream: "clicks", incremental: "changed", disposition: "append" },
  { stream: "users", incremental: "changed" },
  { stream: "prices" },
  { stream: "stock" },
  { stream: "files" },
]);

describe("runs over the versions of a source", () => {
  test("leave tables that are what the source has", async () => {
    const runner = new ThreadActors({ clock: systemClock, actorsMax: 1 });
    const store = await storeOfTest(world, runner);
    for (const version of [1, 2, 4]) {
      store.moveTo(version);
      const result = await store.run(pipeline);
      expect(result).toMatchObject({ status: "succeeded", attempts: 1, error: null });
      const now = store.director.world;
      const files = filesAt(now, streamOf(now, "files"));
      await expectTables(store, {
        ...livingTables(now, "orders", "users", "prices", "stock", "clicks"),
        files: files.flatMap(({ rows }) => rows),
      });
    }
  });

  test("count what they did", async () => {
    const store = await storeOfTest(world);
    await store.run(pipeline);
    store.moveTo(2);
    const { report } = await store.run(pipeline);
    const counts = report.tables.map(({ table, rows, inserted, updated, deleted }) => [
      table,
      rows,
      { inserted, updated, deleted },
    ]);
    expect(counts).toEqual([
      ["orders", 25, { inserted: 12, updated: 9, deleted: 4 }],
      ["clicks", 14, { inserted: 14, updated: 0, deleted: 0 }],
      ["users", 25, { inserted: 12, updated: 9, deleted: 4 }],
      ["prices", 58, { inserted: 58, updated: 0, deleted: 50 }],
      ["stock", 78, { inserted: 78, updated: 0, deleted: 70 }],
      // One file is new, and one has a row more than before.
      ["files", 31, { inserted: 31, updated: 0, deleted: 15 }],
    ]);
    expect(report.omitted).toBe(0);
  });

  test("make no snapshot where nothing is new, and never double a row", async () => {
    const store = await storeOfTest(world);
    const incremental = pipelineOf(
      pipeline.streams.filter(({ stream }) => ["orders", "clicks", "files"].includes(stream)),
    );
    expect(await store.run(incremental)).toMatchObject({ sequence: 1 });
    const cursors = () => store.store.catalog.cursors(pipelineId);
    const pipelineId = await store.register(incremental);
    const before = await cursors();
    for (let again = 0; again < 2; again += 1) {
      expect(await store.run(incremental)).toMatchObject({ status: "succeeded", sequence: null });
    }
    expect((await store.store.catalog.head()).sequence).toBe(1);
    // Not even the files of their boundaries are written anew.
    expect(await cursors()).toEqual(before);
    const expectModel = () => {
      const now = store.director.world;
      const files = filesAt(now, streamOf(now, "files")).flatMap(({ rows }) => rows);
      return expectTables(store, { ...livingTables(now, "orders", "clicks"), files });
    };
    await expectModel();
    store.moveTo(2);
    expect(await store.run(incremental)).toMatchObject({ sequence: 2 });
    await expectModel();
  });

  test("publish an empty table of a replaced stream without rows", async () => {
    const store = await storeOfTest({
      seed: 1,
      version: 1,
      streams: [
        { name: "none", kind: "plain", rows: 0, batchRows: 5 },
        { name: "gone", kind: "plain", rows: 7, batchRows: 5, deletes: 7 },
      ],
    });
    const spec = pipelineOf([{ stream: "none" }, { stream: "gone" }]);
    await store.run(spec);
    await expectTables(store, livingTables(store.director.world, "none", "gone"));
    store.moveTo(2);
    expect(await store.run(spec)).toMatchObject({ status: "succeeded", sequence: 2 });
    await expectTables(store, { gone: [] });
  });

  test("take no tombstone for a row where rows are only added", async () => {
    const store = await storeOfTest({
      seed: 1,
      version: 1,
      streams: [{ name: "log", kind: "keyset", rows: 20, batchRows: 8, deletes: 4 }],
    });
    const spec = pipelineOf([{ stream: "log", incremental: "changed", disposition: "append" }]);
    await store.run(spec);
    const before = livingTables(store.director.world, "log");
    store.moveTo(2);
    expect(await store.run(spec)).toMatchObject({ status: "succeeded", sequence: null });
    await expectTables(store, before);
  });

  test("read every stream of a pipeline that names none, or those that were asked for", async () => {
    const store = await storeOfTest(world);
    const { report } = await store.run(pipelineOf([]));
    expect(report.tables).toHaveLength(6);
    const some = { streams: ["prices", "stock"] };
    const parameters = { ...requestOf("", pipeline).parameters, ...some };
    const second = await store.run(pipelineOf([]), { parameters });
    expect(second.report.tables.map(({ table }) => table)).toEqual(["prices", "stock"]);
  });

  test("replace everything on a full refresh, cursors too", async () => {
    const store = await storeOfTest(world);
    await store.run(pipeline);
    store.moveTo(3);
    const parameters = { ...requestOf("", pipeline).parameters, fullRefresh: true };
    await store.run(pipeline, { parameters });
    const now = store.director.world;
    await expectTables(store, livingTables(now, "orders", "users", "clicks"));
    expect(await store.run(pipelineOf(pipeline.streams.slice(0, 3)))).toMatchObject({
      status: "succeeded",
      sequence: null,
    });
  });
});

const int32 = { kind: "int", bits: 32, signed: true } as const;
const int64 = { kind: "int", bits: 64, signed: true } as const;
const evolving: readonly ColumnWorld[] = [
  { name: "name", types: [{ from: 1, type: { kind: "text" } }] },
  {
    name: "size",
    types: [
      { from: 1, type: int32 },
      { from: 2, type: int64 },
    ],
  },
  { name: "rate", types: [{ from: 2, type: { kind: "float", bits: 64 } }] },
  { name: "old", types: [{ from: 1, type: { kind: "text" } }], until: 2 },
  { name: "flag", types: [{ from: 3, type: { kind: "bool" } }] },
];

describe("a schema that changes over runs", () => {
  test("is followed by merged, appended and replaced tables", async () => {
    const store = await storeOfTest({
      seed: 5,
      version: 1,
      streams: [
        { name: "merged", kind: "keyset", rows: 30, batchRows: 9, columns: evolving, ...changing },
        { name: "added", kind: "keyset", rows: 30, batchRows: 9, columns: evolving, inserts: 8 },
        { name: "whole", kind: "plain", rows: 30, batchRows: 9, columns: evolving, inserts: 8 },
      ],
    });
    const spec = pipelineOf([
      { stream: "merged", incremental: "changed" },
      { stream: "added", incremental: "changed", disposition: "append" },
      { stream: "whole" },
    ]);
    for (const version of [1, 2, 3, 4]) {
      store.moveTo(version);
      expect(await store.run(spec)).toMatchObject({ status: "succeeded" });
      const now = store.director.world;
      const read = livingTexts(now, "whole");
      // What is read anew has nothing for a column that is gone.
      const whole = version > 2 ? read.map((row) => ({ ...row, old: null })) : read;
      await expectTables(store, { ...livingTables(now, "merged", "added"), whole });
    }
  });

  test("that no type follows fails with column, types, an example and its key", async () => {
    const columns: readonly ColumnWorld[] = [
      {
        name: "size",
        types: [
          { from: 1, type: int32 },
          { from: 2, type: { kind: "text" } },
        ],
      },
    ];
    const store = await storeOfTest({
      seed: 5,
      version: 1,
      streams: [{ name: "t", kind: "keyset", rows: 5, batchRows: 9, columns, inserts: 3 }],
    });
    const spec = pipelineOf([{ stream: "t", incremental: "changed" }]);
    await store.run(spec);
    store.moveTo(2);
    const { status, error } = await store.run(spec);
    expect(status).toBe("failed");
    expect(error).toMatchObject({
      kind: "SchemaIncompatible",
      code: "schema.incompatible_type",
      where: { stream: "t" },
    });
    expect(error?.message).toMatch(
      /int32 in 'size' of t, got text.* for example .*size .* in the row \d+/su,
    );
    await expectTables(store, livingTables({ ...store.director.world, version: 1 }, "t"));
  });

  test("that a contract refuses puts rows aside, or drops their values, and counts both", async () => {
    const columns: readonly ColumnWorld[] = [
      { name: "name", types: [{ from: 1, type: { kind: "text" } }] },
      { name: "extra", types: [{ from: 2, type: int64 }] },
    ];
    const streams = ["rows", "values"].map((name) => {
      return { name, kind: "keyset", rows: 20, batchRows: 9, inserts: 6, columns } as const;
    });
    const store = await storeOfTest({ seed: 5, version: 1, streams });
    const specs = (["discard_row", "discard_value"] as const).map((mode, index) =>
      pipelineOf([{ stream: index === 0 ? "rows" : "values", incremental: "changed" }], {
        name: mode,
        contract: { tables: "evolve", columns: mode, dataType: "evolve" },
      }),
    );
    for (const spec of specs) await store.run(spec);
    store.moveTo(2);
    const reports = [];
    for (const spec of specs) reports.push(...(await store.run(spec)).report.tables);
    const now = store.director.world;
    const [rows = [], values = []] = ["rows", "values"].map((name) => livingTexts(now, name));
    const hasExtra = (row: RowTexts): boolean => row["extra"] !== null;
    const refused = rows.filter(hasExtra).length;
    expect(reports).toMatchObject([
      { table: "rows", rows: 6, inserted: 6 - refused, quarantined: refused, discarded: 0 },
      { table: "values", rows: 6, inserted: 6, quarantined: 0, discarded: refused },
    ]);
    const without = (all: readonly RowTexts[]): readonly RowTexts[] =>
      all.map((row) =>
        Object.fromEntries(Object.entries(row).filter(([name]) => name !== "extra")),
      );
    await expectTables(store, {
      rows: without(rows.filter((row) => !hasExtra(row))),
      values: without(values),
    });
    const { rows__quarantine: aside = [] } = await store.tables(["rows__quarantine"]);
    expect(aside).toHaveLength(refused);
    for (const row of aside) {
      expect([row["reason"], row["column"]]).toEqual(["schema.new_column", "extra"]);
    }
  });

  test("is left alone by a contract: no new table, and no rows of it", async () => {
    const store = await storeOfTest(world);
    const contract = { tables: "discard_row", columns: "evolve", dataType: "evolve" } as const;
    const notices: string[] = [];
    const result = await store.run(pipelineOf([{ stream: "prices" }], { contract }), {
      progress: (tell) => void (tell.type === "notice" && notices.push(tell.text)),
    });
    expect(result).toMatchObject({ status: "succeeded", sequence: null });
    expect(notices).toEqual(["prices: left out, since the contract lets no table be made"]);
  });
});
