/** How a run reads: side by side, within its bounds, and again by the one retry policy. */
import { describe, expect, test } from "vitest";
import { readsMax } from "../../src/runtime/actor/read-streams.ts";
import { recoveriesMax } from "../../src/runtime/actor/stage-scan-item.ts";
import { expectTables } from "./compare-tables.ts";
import { InlineActors } from "./inline-actors.ts";
import { pipelineOf, requestOf } from "./request.ts";
import { failure, type Director } from "./sources/director.ts";
import type { SourceEvent } from "./sources/direction.ts";
import { livingTables, type StreamWorld, type World } from "./sources/world.ts";
import { storeOfTest } from "./test-store.ts";

const worldOf = (...streams: readonly StreamWorld[]): World => ({ seed: 3, version: 1, streams });

const orders: StreamWorld = { name: "orders", kind: "keyset", rows: 100, batchRows: 10 };

const { limits } = requestOf("", pipelineOf([]));

/** Whether it is the place after so many rows of a read. */
const nextAt =
  (row: number, stream = "orders") =>
  (event: SourceEvent): boolean =>
    event.at === "next" && event.stream === stream && event.row === row;

/** Where each read of a stream began. */
function startsOf(director: Director, stream = "orders"): readonly (string | null)[] {
  return director.events.flatMap((event) =>
    event.at === "open" && event.stream === stream ? [event.from] : [],
  );
}

function waitsOf(director: Director): readonly number[] {
  return director.events.flatMap((event) => (event.at === "wait" ? [event.delayMs] : []));
}

describe("partitions and streams", () => {
  test("are read side by side, as many as the pipeline lets", async () => {
    const store = await storeOfTest(
      worldOf(
        { name: "a", kind: "partitioned", rows: 20, batchRows: 20, partitions: 3 },
        { name: "b", kind: "plain", rows: 20, batchRows: 20 },
      ),
    );
    let open = 0;
    let openMax = 0;
    const three = Promise.withResolvers<void>();
    store.director.rule((event) => {
      if (event.at === "open") open += 1;
      if (event.at === "close") open -= 1;
      openMax = Math.max(openMax, open);
      if (openMax === 3) three.resolve();
      // Nobody gives a row before as many as may are open.
      return event.at === "next" ? three.promise.then(() => ({ kind: "go" })) : null;
    });
    await store.run(pipelineOf([{ stream: "a" }, { stream: "b" }], { parallel: 3 }));
    expect(openMax).toBe(3);
    await expectTables(store, livingTables(store.director.world, "a", "b"));
  });
});

describe("partitions", () => {
  test("are read at most so many at once, whatever the pipeline lets", async () => {
    const partitions = readsMax + 8;
    const store = await storeOfTest(
      worldOf({ name: "a", kind: "partitioned", rows: 3 * partitions, batchRows: 9, partitions }),
    );
    let [open, openMax] = [0, 0];
    store.director.rule((event) => {
      if (event.at === "open") open += 1;
      if (event.at === "close") open -= 1;
      openMax = Math.max(openMax, open);
      return null;
    });
    await store.run(pipelineOf([{ stream: "a" }], { parallel: 1000 }));
    expect(openMax).toBe(readsMax);
    await expectTables(store, livingTables(store.director.world, "a"));
  });
});

describe("a scan that fails", () => {
  test.each([
    [recoveriesMax, "succeeded"],
    [recoveriesMax + 1, "failed"],
  ] as const)("%s times is put right by its reader: %s", async (brokenScans, status) => {
    const store = await storeOfTest(
      worldOf({ name: "files", kind: "files", rows: 4, batchRows: 1, brokenScans }),
    );
    expect(await store.run(pipelineOf([{ stream: "files" }]))).toMatchObject({ status });
  });
});

describe("batches of a partition", () => {
  test("are staged at most as many at once as may be, however slow the writer is", async () => {
    const store = await storeOfTest(worldOf(orders));
    let [asked, encoding, encodingMax, aheadMax] = [0, 0, 0, 0];
    store.director.rule((event) => {
      if (event.at === "next") {
        asked += 1;
        aheadMax = Math.max(aheadMax, asked - finished);
      }
      if (event.at !== "encode") return null;
      encoding += 1;
      encodingMax = Math.max(encodingMax, encoding);
      const { promise, resolve } = Promise.withResolvers<{ kind: "go" }>();
      // Slow: everything else that can happen happens first.
      setImmediate(() => setImmediate(() => setImmediate(() => resolve({ kind: "go" }))));
      return promise.then((go) => {
        encoding -= 1;
        finished += 1;
        return go;
      });
    });
    let finished = 0;
    await store.run(pipelineOf([{ stream: "orders", incremental: "changed" }]), {
      limits: { ...limits, batchRowsMax: 10, batchesInFlightMax: 2 },
    });
    expect(encodingMax).toBe(2);
    // Beside those, one that waits for its place.
    expect(aheadMax).toBeLessThanOrEqual(2 + 1);
    await expectTables(store, livingTables(store.director.world, "orders"));
  });

  test("are gathered to the size of a part, and never beyond it", async () => {
    const store = await storeOfTest(worldOf({ ...orders, batchRows: 7 }));
    const { report } = await store.run(pipelineOf([{ stream: "orders", incremental: "changed" }]), {
      limits: { ...limits, batchRowsMax: 50 },
    });
    expect(report.tables[0]).toMatchObject({ rows: 100, files: 3 });
    const encoded = store.director.events.flatMap((event) =>
      event.at === "encode" ? [event.rows] : [],
    );
    expect(encoded).toEqual([49, 49, 2]);
  });

  test("that can't be written end the run with the disk's error, and no thread waits", async () => {
    const store = await storeOfTest(worldOf(orders));
    let encodes = 0;
    const fourth = Promise.withResolvers<void>();
    store.director.rule((event) => {
      if (event.at !== "encode") return null;
      encodes += 1;
      if (encodes === 4) fourth.resolve();
      // The one after it is staged by then, and waits for its turn in the journal.
      return encodes === 3 ? fourth.promise.then(() => failure("Permanent", "disk.full")) : null;
    });
    const result = await store.run(pipelineOf([{ stream: "orders", incremental: "changed" }]), {
      limits: { ...limits, batchRowsMax: 10, batchesInFlightMax: 4 },
    });
    expect(result).toMatchObject({
      status: "partial_failure",
      attempts: 1,
      error: { code: "disk.full", where: { stream: "orders", run: result.runId } },
    });
  });
});

describe("a source that fails for a moment", () => {
  const spec = pipelineOf([{ stream: "orders", incremental: "changed" }]);
  const small = { limits: { ...limits, batchRowsMax: 10 } };

  test("is asked again from the last row that is durable, after a backoff", async () => {
    const store = await storeOfTest(worldOf(orders));
    store.director.breakAt(nextAt(50), failure("Transient"), 1);
    store.director.breakAt(({ at }) => at === "discover", failure("Transient"), 1);
    expect(await store.run(spec, small)).toMatchObject({ status: "succeeded", attempts: 1 });
    // 34 rows have the value 10, so 50 rows end at 11.
    expect(startsOf(store.director)).toEqual([null, "11"]);
    const waits = waitsOf(store.director);
    expect(waits).toHaveLength(2);
    for (const wait of waits) expect(wait).toBeLessThan(2000);
    await expectTables(store, livingTables(store.director.world, "orders"));
  });

  test("and says how long to wait is waited for so long", async () => {
    const store = await storeOfTest(worldOf(orders));
    const limited = failure("RateLimited", "test.limited", { retryAfterMs: 7000 });
    store.director.breakAt(nextAt(0), limited, 1);
    expect(await store.run(spec, small)).toMatchObject({ status: "succeeded" });
    const [wait] = waitsOf(store.director);
    expect(wait).toBeGreaterThanOrEqual(7000);
    expect(wait).toBeLessThan(9000);
  });

  test("for ever is asked five times, over deaths of the run's thread", async () => {
    const runner = new InlineActors();
    const store = await storeOfTest(worldOf(orders), runner);
    let asked = 0;
    store.director.rule((event) => {
      if (!nextAt(30)(event) && !(event.at === "next" && event.from !== null)) return null;
      asked += 1;
      if (asked !== 2) return failure("Transient");
      runner.endLatest({ kind: "exited", exitCode: 3 });
      return new Promise<never>(() => undefined);
    });
    const result = await store.run(spec, small);
    expect(result).toMatchObject({ status: "partial_failure", attempts: 2 });
    expect(result.error).toMatchObject({ kind: "Transient", code: "test.transient" });
    // From the beginning once, and five times from the row where it fails.
    expect(startsOf(store.director)).toEqual([null, "10", "10", "10", "10", "10"]);
  });

  test("makes a stream begin anew where its cursor can't be gone on from", async () => {
    const store = await storeOfTest(
      worldOf(
        { name: "plain", kind: "plain", rows: 40, batchRows: 10 },
        { name: "done", kind: "plain", rows: 10, batchRows: 10 },
        { name: "users", kind: "unordered", rows: 40, batchRows: 10 },
      ),
    );
    store.director.breakAt(nextAt(30, "plain"), failure("Transient"));
    store.director.breakAt(nextAt(30, "users"), failure("Transient"));
    const streams = [
      { stream: "done" },
      { stream: "plain" },
      { stream: "users", incremental: "changed" },
    ];
    const result = await store.run(pipelineOf(streams, { parallel: 1 }), small);
    expect(result).toMatchObject({ status: "succeeded", attempts: 3 });
    expect(startsOf(store.director, "plain")).toEqual([null, null]);
    expect(startsOf(store.director, "users")).toEqual([null, null]);
    expect(startsOf(store.director, "done")).toEqual([null]);
    await expectTables(store, livingTables(store.director.world, "plain", "done", "users"));
  });

  test.each(["Permanent", "AuthExpired"] as const)("is given up at once if %s", async (kind) => {
    const store = await storeOfTest(worldOf(orders));
    store.director.breakAt(nextAt(0), failure(kind));
    expect(await store.run(spec, small)).toMatchObject({
      status: "failed",
      attempts: 1,
      error: { kind },
    });
    expect(startsOf(store.director)).toEqual([null]);
  });
});
