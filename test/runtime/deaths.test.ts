/**
 * Run actors that die in every form that a thread has: what becomes of their runs, and of others,
 * in threads of this process and in an executor's.
 */
import { describe, expect, test } from "vitest";
import type { Clock } from "../../src/core/ports/clock.ts";
import { systemClock } from "../../src/platform/system-clock.ts";
import { Executors } from "../../src/supervisor/executors.ts";
import { residentBytes } from "../../src/supervisor/resident-memory.ts";
import type { ActorRunner } from "../../src/supervisor/running-actor.ts";
import { ThreadActors } from "../../src/supervisor/thread-actors.ts";
import { compiledEnv } from "../actors/compiled.ts";
import { ManualClock } from "../platform/manual-clock.ts";
import { expectTables } from "./compare-tables.ts";
import { pipelineOf, requestOf } from "./request.ts";
import type { Direction, SourceEvent } from "./sources/direction.ts";
import { livingTables, type World } from "./sources/world.ts";
import { storeOfTest } from "./test-store.ts";

const names = ["throws", "exits", "exhausts", "lives"] as const;

const world: World = {
  seed: 4,
  version: 1,
  streams: names.map((name) => ({ name, kind: "keyset", rows: 40, batchRows: 10 })),
};

const pipelineFor = (stream: string, more = {}) =>
  pipelineOf([{ stream, incremental: "changed" }], { name: stream, ...more });

const { limits } = requestOf("", pipelineOf([]));
/** One batch at a time: the one before is durable once there is room for the next. */
const more = { limits: { ...limits, batchRowsMax: 10, batchesInFlightMax: 1 } };

const nextAt =
  (stream: string, row: number) =>
  (event: SourceEvent): boolean =>
    event.at === "next" && event.stream === stream && event.row === row;

/** Either place has room for every run at once, the process in one executor. */
const places: Readonly<Record<string, (clock: Clock) => ActorRunner>> = {
  thread: (clock) => new ThreadActors({ clock, actorsMax: names.length }),
  process: (clock) =>
    new Executors({
      entry: new URL("./fixtures/executor.ts", import.meta.url),
      env: compiledEnv,
      clock,
      executorsMax: 1,
      actorsMax: names.length,
      probe: residentBytes,
      rssBytesMax: 4 * 2 ** 30,
    }),
};

const deaths: Readonly<Record<string, Direction>> = {
  throws: { kind: "defect" },
  exits: { kind: "exit" },
  exhausts: { kind: "exhaust_heap" },
};

describe.each(Object.entries(places))("a run that dies in a %s", (_, runnerBy) => {
  test("goes on in a new one from its journal, and other runs don't notice", async () => {
    const store = await storeOfTest(world, runnerBy(systemClock));
    for (const [stream, death] of Object.entries(deaths)) {
      store.director.breakAt(nextAt(stream, 20), death);
    }
    const around = { place: { limits: { oldGenerationMb: 64 } } };
    const results = await Promise.all(
      names.map((name) => store.run(pipelineFor(name), more, around)),
    );
    expect(results.map(({ status, attempts }) => [status, attempts])).toEqual([
      ["succeeded", 2],
      ["succeeded", 2],
      ["succeeded", 2],
      ["succeeded", 1],
    ]);
    const starts = store.director.events.flatMap((event) =>
      event.at === "open" ? [`${event.stream} ${event.from}`] : [],
    );
    expect(starts.filter((start) => start.endsWith("null")).toSorted()).toEqual(
      names.map((name) => `${name} null`).toSorted(),
    );
    expect(starts).toHaveLength(7);
    await expectTables(store, livingTables(store.director.world, ...names));
  });

  test("at each attempt has failed after five of them, with the reason of the last", async () => {
    const store = await storeOfTest(world, runnerBy(systemClock));
    store.director.breakAt(nextAt("exits", 0), { kind: "exit" }, Infinity);
    const exited = await store.run(pipelineFor("exits"), more);
    expect(exited).toMatchObject({
      status: "failed",
      attempts: 5,
      error: { code: "run.died", kind: "Permanent" },
    });
    expect(exited.error?.message).toContain("called process.exit(3)");
  });

  test("only by its ladder, since it loops for ever, ends at its deadline; others go on", async () => {
    const clock = new ManualClock();
    const store = await storeOfTest(world, runnerBy(clock));
    const stop = store.director.stopAt(nextAt("exits", 20));
    const spec = pipelineFor("exits", { deadlineMs: 9000 });
    const run = store.run(spec, more, { store: { clock } });
    await stop.reached;
    stop.go({ kind: "loop" });
    const other = await store.run(pipelineFor("lives"), more);
    expect(other).toMatchObject({ status: "succeeded", attempts: 1 });
    await clock.advanceThrough(9000);
    // It doesn't stop, and so is terminated.
    await clock.advanceThrough(1000);
    expect(await run).toMatchObject({
      status: "partial_failure",
      isStuck: false,
      error: { code: "run.deadline" },
    });
    const resumed = await store.run(spec, more, { store: { clock } });
    expect(resumed).toMatchObject({ status: "succeeded", attempts: 2 });
    await expectTables(store, livingTables(store.director.world, "exits", "lives"));
  });
});
