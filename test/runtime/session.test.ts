/** Sessions: reads of one run that share a state of the source, which can be lost. */
import { describe, expect, test } from "vitest";
import type { RunRequest } from "../../src/runtime/control/run-request.ts";
import { sessionTokenBytesMax } from "../../src/runtime/control/run-session.ts";
import { ManualClock } from "../platform/manual-clock.ts";
import { expectTables } from "./compare-tables.ts";
import { InlineActors } from "./inline-actors.ts";
import { pipelineOf, requestOf } from "./request.ts";
import { Directed } from "./sources/directed.ts";
import { failure } from "./sources/director.ts";
import type { SourceEvent } from "./sources/direction.ts";
import { generatedSource } from "./sources/generated-source.ts";
import { livingTables, type World } from "./sources/world.ts";
import { storeOfTest, type TestStore } from "./test-store.ts";

const world: World = {
  seed: 8,
  version: 1,
  streams: [
    { name: "first", kind: "snapshot", rows: 20, batchRows: 10, updates: 6 },
    { name: "parts", kind: "snapshot", rows: 40, batchRows: 10, partitions: 2, updates: 6 },
    { name: "log", kind: "keyset", rows: 30, batchRows: 10, inserts: 3 },
  ],
};

const spec = pipelineOf(
  [{ stream: "log", incremental: "changed" }, { stream: "first" }, { stream: "parts" }],
  { parallel: 1 },
);

const withSessions = ({ director }: TestStore) => ({
  limits: { ...requestOf("", spec).limits, batchRowsMax: 10 },
  openSource: async () => generatedSource(new Directed(director.socketPath)),
});

const nextAt =
  (stream: string, row: number) =>
  (event: SourceEvent): boolean =>
    event.at === "next" && event.stream === stream && event.row === row;

const tokensOf = ({ director }: TestStore): ReadonlySet<string | null> =>
  new Set(
    director.events.flatMap((event) =>
      "token" in event && event.at === "open" ? [event.token] : [],
    ),
  );

describe("a session of the source", () => {
  test("is open as long as the run, and every read has its token", async () => {
    const store = await storeOfTest(world);
    expect(await store.run(spec, withSessions(store))).toMatchObject({ status: "succeeded" });
    expect([...tokensOf(store)]).toEqual(["session-1"]);
    expect(store.director.sessions).toEqual([]);
    await expectTables(store, livingTables(store.director.world, "first", "parts", "log"));
  });

  test("that is lost ends the reads, and what was read under it is read anew", async () => {
    const store = await storeOfTest(world);
    const stop = store.director.stopAt(nextAt("parts", 10));
    const notices: string[] = [];
    const progress: RunRequest["progress"] = (tell) => {
      if (tell.type === "notice") notices.push(tell.text);
    };
    const run = store.run(spec, { ...withSessions(store), progress });
    await stop.reached;
    // The tables move on: rows of two states of the source would be noticed.
    store.moveTo(2);
    store.director.loseSessions();
    expect(await run).toMatchObject({ status: "succeeded", attempts: 2 });
    expect(notices).toMatchObject([expect.stringContaining("they begin anew")]);
    expect([...tokensOf(store)]).toEqual(["session-1", "session-2"]);
    const reads = store.director.events.flatMap((event) =>
      event.at === "open" ? [`${event.stream} ${event.token}`] : [],
    );
    // `log` isn't read under the snapshot: each of its cursors may be gone on from.
    expect(reads).toEqual([
      "log session-1",
      "first session-1",
      "parts session-1",
      "first session-2",
      "parts session-2",
      "parts session-2",
    ]);
    const now = store.director.world;
    await expectTables(store, {
      ...livingTables(now, "first", "parts"),
      ...livingTables({ ...now, version: 1 }, "log"),
    });
  });

  test("whose state a read finds lost takes no retry under it", async () => {
    const store = await storeOfTest(world);
    const lost = failure("Transient", "generated.snapshot_lost");
    store.director.breakAt(({ at, ...event }) => at === "open" && "stream" in event, lost, 1);
    expect(await store.run(spec, withSessions(store))).toMatchObject({
      status: "succeeded",
      attempts: 2,
    });
    expect([...tokensOf(store)]).toEqual(["session-1", "session-2"]);
  });

  test("that can't be opened for a moment is opened by the retry policy", async () => {
    const clock = new ManualClock();
    const store = await storeOfTest(world, new InlineActors(clock));
    store.director.breakAt(({ at }) => at === "session", failure("Transient"), 4);
    const patient = { ...spec, deadlineMs: 600_000 };
    const run = store.run(patient, withSessions(store), { store: { clock } });
    for (let failures = 1; failures <= 4; failures += 1) {
      await store.director.eventually(({ at }) => at === "session", failures);
      await clock.advanceThrough(15_000);
    }
    expect(await run).toMatchObject({ status: "succeeded", attempts: 1 });
  });

  test("that can't be opened at all fails the run, which has its record", async () => {
    const store = await storeOfTest(world);
    store.director.breakAt(({ at }) => at === "session", failure("AuthExpired"), 1);
    const failed = await store.run(spec, withSessions(store));
    expect(failed).toMatchObject({ status: "failed", error: { kind: "AuthExpired" } });
    expect((await store.store.catalog.run(failed.runId))?.state.kind).toBe("failed");
  });

  test("that can't be opened gives up nothing of a run that may be resumed", async () => {
    const store = await storeOfTest(world);
    store.director.breakAt(nextAt("first", 0), failure("Permanent"));
    const half = await store.run(spec, withSessions(store));
    expect(half).toMatchObject({ status: "partial_failure" });
    store.director.breakAt(({ at }) => at === "session", failure("AuthExpired"), 1);
    await expect(store.run(spec, withSessions(store))).rejects.toMatchObject({
      kind: "AuthExpired",
    });
    const resumed = await store.run(spec, withSessions(store));
    expect(resumed).toMatchObject({ runId: half.runId, status: "succeeded", attempts: 2 });
    await expectTables(store, livingTables(store.director.world, "first", "parts", "log"));
  });

  test.each([
    [sessionTokenBytesMax, "succeeded"],
    [sessionTokenBytesMax + 1, "a token"],
  ])("may have a token of %s bytes: %s", async (sizeBytes, outcome) => {
    const store = await storeOfTest(world);
    const token = "x".repeat(sizeBytes);
    store.director.rule(({ at }) => (at === "session" ? { kind: "session", token } : null));
    store.director.rule(({ at }) => (at === "next" ? { kind: "go" } : null));
    const ended = store.run(spec, withSessions(store)).then(
      ({ status }) => status,
      (error: unknown) => String(error),
    );
    expect(await ended).toContain(outcome);
  });

  test("is closed where the run is cancelled while it is opened", async () => {
    const store = await storeOfTest(world);
    const cancelling = new AbortController();
    const stop = store.director.stopAt(({ at }) => at === "session");
    const more = { ...withSessions(store), signal: cancelling.signal };
    const run = store.run(spec, more);
    await stop.reached;
    cancelling.abort();
    await expect(run).rejects.toMatchObject({ code: "run.cancelled" });
    expect(
      await store.store.catalog.runs({ pipelineId: null, beforeRunId: null, limit: 9 }),
    ).toEqual([]);
  });
});
