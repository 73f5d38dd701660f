/** Runs that end early, and those that go on from what they left. */
import { describe, expect, test } from "vitest";
import { ManualClock } from "../platform/manual-clock.ts";
import type { ActorRunner } from "../../src/supervisor/running-actor.ts";
import { expectTables } from "./compare-tables.ts";
import { noParameters, pipelineOf, requestOf } from "./request.ts";
import { InlineActors } from "./inline-actors.ts";
import { failure } from "./sources/director.ts";
import type { SourceEvent } from "./sources/direction.ts";
import { livingTables, type ColumnWorld, type World } from "./sources/world.ts";
import { storeOfTest, withViews, type TestStore } from "./test-store.ts";

const world: World = {
  seed: 9,
  version: 1,
  streams: [
    { name: "orders", kind: "keyset", rows: 60, batchRows: 10, inserts: 5 },
    { name: "stock", kind: "partitioned", rows: 60, batchRows: 10, partitions: 2 },
    { name: "plain", kind: "plain", rows: 30, batchRows: 10 },
    { name: "files", kind: "files", rows: 5, batchRows: 1 },
  ],
};

const spec = pipelineOf(
  [
    { stream: "orders", incremental: "changed" },
    { stream: "stock" },
    { stream: "plain" },
    { stream: "files" },
  ],
  { parallel: 1 },
);

const more = { limits: { ...requestOf("", spec).limits, batchRowsMax: 10 } };

const nextAt =
  (stream: string, row: number) =>
  (event: SourceEvent): boolean =>
    event.at === "next" && event.stream === stream && event.row === row;

/** The reads of streams so far: stream, partition, where it began, and how often it was asked. */
function readsOf({ director }: TestStore, from = 0): readonly string[] {
  const reads: { name: string; asked: number }[] = [];
  for (const event of director.events.slice(from)) {
    if (event.at === "open") {
      reads.push({ name: `${event.stream} ${event.partition} ${event.from}`, asked: 0 });
    }
    const last = reads.at(-1);
    if (event.at === "next" && last !== undefined) last.asked += 1;
  }
  return reads.map(({ name, asked }) => `${name}: ${asked}`);
}

/** Cancels a run when a source comes to that point. */
async function cancelledAt(
  store: TestStore,
  matches: (event: SourceEvent) => boolean,
): ReturnType<TestStore["run"]> {
  const cancelling = new AbortController();
  const stop = store.director.stopAt(matches);
  const run = store.run(spec, { ...more, signal: cancelling.signal });
  await stop.reached;
  cancelling.abort();
  return run;
}

describe("a cancelled run", () => {
  test("is cancelled, and the next one goes on from its journal", async () => {
    const store = await storeOfTest(world);
    const cancelled = await cancelledAt(store, nextAt("plain", 20));
    expect(cancelled).toMatchObject({ status: "cancelled", sequence: null, error: null });
    expect((await store.store.catalog.run(cancelled.runId))?.state).toMatchObject({
      kind: "cancelled",
      journal: { kind: "kept" },
      // Six of orders, six of stock, two of plain.
      writtenBatches: 14,
    });
    expect((await store.store.catalog.head()).sequence).toBe(0);

    const seen = store.director.events.length;
    const resumed = await store.run(spec, more);
    expect(resumed).toMatchObject({
      runId: cancelled.runId,
      status: "succeeded",
      attempts: 2,
    });
    // What is finished isn't read again; what can't be gone on from begins anew.
    expect(readsOf(store, seen)).toEqual(["plain  null: 4", "files  null: 2"]);
    const { orders, stock, plain } = livingTables(store.director.world, "orders", "stock", "plain");
    await expectTables(store, { orders: orders ?? [], stock: stock ?? [], plain: plain ?? [] });
    const loaded = await withViews(store.project, (query) =>
      query("SELECT count(DISTINCT _hakiri_loaded_at)::VARCHAR AS n FROM orders"),
    );
    expect(loaded).toEqual([{ n: "1" }]);
  });

  test("is gone on from after attempts that came to no journal of their own", async () => {
    const store = await storeOfTest(world);
    const cancelled = await cancelledAt(store, nextAt("plain", 20));
    const seen = store.director.events.length;
    const runner: ActorRunner = {
      start: async () => {
        throw new Error("expected room for a thread");
      },
      close: async () => undefined,
    };
    const failed = await store.run(spec, more, { place: { runner } });
    expect(failed).toMatchObject({ runId: cancelled.runId, status: "partial_failure" });
    expect((await store.store.catalog.run(failed.runId))?.state).toMatchObject({
      writtenBatches: 14,
    });
    const resumed = await store.run(spec, more);
    expect(resumed).toMatchObject({ runId: cancelled.runId, status: "succeeded" });
    expect(readsOf(store, seen)).toEqual(["plain  null: 4", "files  null: 2"]);
    await expectTables(store, livingTables(store.director.world, "orders", "stock", "plain"));
  });

  test("goes on within a stream, and within a partition of it", async () => {
    const store = await storeOfTest(world);
    await cancelledAt(store, nextAt("orders", 40));
    let seen = store.director.events.length;
    await cancelledAt(store, (event) => nextAt("stock", 20)(event) && isP1(event));
    expect(readsOf(store, seen)).toEqual(["orders  11: 3", "stock p0 null: 4", "stock p1 null: 3"]);
    seen = store.director.events.length;
    expect(await store.run(spec, more)).toMatchObject({ status: "succeeded", attempts: 3 });
    expect(readsOf(store, seen)[0]).toBe("stock p1 39: 2");
    await expectTables(store, livingTables(store.director.world, "orders", "stock", "plain"));
  });

  test("that was to be cancelled before it began doesn't begin", async () => {
    const store = await storeOfTest(world);
    const signal = AbortSignal.abort();
    await expect(store.run(spec, { signal })).rejects.toMatchObject({ code: "run.cancelled" });
    expect(store.director.events).toEqual([]);
  });
});

const isP1 = (event: SourceEvent): boolean => "partition" in event && event.partition === "p1";

describe("a run that failed half way", () => {
  test("is resumed once the source works again", async () => {
    const store = await storeOfTest(world);
    store.director.breakAt(nextAt("plain", 0), failure("AuthExpired"));
    const failed = await store.run(spec, more);
    expect(failed).toMatchObject({ status: "partial_failure", error: { kind: "AuthExpired" } });
    const seen = store.director.events.length;
    const resumed = await store.run(spec, more);
    expect(resumed).toMatchObject({ runId: failed.runId, status: "succeeded", attempts: 2 });
    expect(readsOf(store, seen)).toEqual(["plain  null: 4", "files  null: 2"]);
    await expectTables(store, livingTables(store.director.world, "orders", "stock", "plain"));
  });

  test("is given up where its pipeline changed, and the history says what did", async () => {
    const store = await storeOfTest(world);
    const failed = await cancelledAt(store, nextAt("plain", 20));
    const changed = { ...spec, parallel: 2 };
    const result = await store.run(changed, more);
    expect(result).toMatchObject({ status: "succeeded", attempts: 1 });
    expect(result.runId).not.toBe(failed.runId);
    const old = await store.store.catalog.run(failed.runId);
    expect(old?.discardedBecause).toBe("changed since: pipeline");
  });

  test("is given up where another pipeline changed the schema of a table that they share", async () => {
    const columns: readonly ColumnWorld[] = [
      { name: "name", types: [{ from: 1, type: { kind: "text" } }] },
      { name: "note", types: [{ from: 2, type: { kind: "text" } }] },
    ];
    const stream = { kind: "keyset", rows: 30, batchRows: 10, columns } as const;
    const store = await storeOfTest({
      ...world,
      streams: ["a", "b"].map((name) => ({ ...stream, name })),
    });
    const [owner, guest] = ["a", "b"].map((name) =>
      pipelineOf([{ stream: name, table: "t", incremental: "changed", disposition: "append" }], {
        name,
        shared: true,
      }),
    );
    if (owner === undefined || guest === undefined) throw new Error("two pipelines");
    await store.run(owner, more);
    store.director.breakAt(nextAt("b", 20), failure("Permanent"));
    const failed = await store.run(guest, more);
    expect(failed.status).toBe("partial_failure");
    store.moveTo(2);
    const again = { ...more, parameters: { ...noParameters, fullRefresh: true } };
    expect(await store.run(owner, again)).toMatchObject({ status: "succeeded" });
    const result = await store.run(guest, more);
    expect(result).toMatchObject({ status: "succeeded", attempts: 1 });
    const old = await store.store.catalog.run(failed.runId);
    expect(old?.discardedBecause).toBe("changed since: schemas");
    const count = await withViews(store.project, (query) =>
      query("SELECT count(*)::VARCHAR AS n FROM t"),
    );
    expect(count).toEqual([{ n: "60" }]);
  });

  test("begins anew where it ended too long ago", async () => {
    const store = await storeOfTest(world);
    const failed = await cancelledAt(store, nextAt("plain", 20));
    const result = await store.run(spec, { ...more, resumeTtlMs: 0 });
    expect(result.runId).not.toBe(failed.runId);
    await expectTables(store, livingTables(store.director.world, "orders", "stock", "plain"));
  });

  test("begins anew where the source has other partitions than it began", async () => {
    const store = await storeOfTest(world);
    await cancelledAt(store, (event) => nextAt("stock", 20)(event) && isP1(event));
    const before = store.director.world;
    const split = before.streams.map((stream) =>
      stream.name === "stock" ? { ...stream, partitions: 1 } : stream,
    );
    store.director.world = { ...before, streams: split };
    expect(await store.run(spec, more)).toMatchObject({
      status: "failed",
      error: { code: "source.partitions_changed", kind: "Transient" },
    });
    expect(await store.run(spec, more)).toMatchObject({ status: "succeeded", attempts: 1 });
    await expectTables(store, livingTables(store.director.world, "orders", "stock", "plain"));
  });

  test("reads a changed file again, and its earlier rows are gone", async () => {
    const store = await storeOfTest(world);
    await cancelledAt(
      store,
      (event) => event.at === "next" && event.stream === "files" && event.row === 0,
    );
    store.moveTo(2);
    await store.run(spec, more);
    const count = await withViews(store.project, (query) =>
      query("SELECT count(*)::VARCHAR AS n, count(DISTINCT id)::VARCHAR AS ids FROM files"),
    );
    // Five rows and one more in the file that changed, five in the new one.
    expect(count).toEqual([{ n: "11", ids: "11" }]);
  });
});

describe("the deadline of a run", () => {
  test("ends it, whatever it waits for, and it may be resumed", async () => {
    const clock = new ManualClock();
    const store = await storeOfTest(world, new InlineActors(clock));
    const stop = store.director.stopAt(nextAt("plain", 20));
    const run = store.run({ ...spec, deadlineMs: 5000 }, more, { store: { clock } });
    await stop.reached;
    clock.advance(4999);
    expect(store.director.count(({ at }) => at === "open")).toBe(4);
    clock.advance(1);
    expect(await run).toMatchObject({
      status: "partial_failure",
      error: { code: "run.deadline", kind: "Permanent" },
    });
    const resumed = await store.run({ ...spec, deadlineMs: 5000 }, more, { store: { clock } });
    expect(resumed).toMatchObject({ status: "succeeded", attempts: 2 });
  });
});
