/** Runs in executor processes: one that takes its executor down, and those that were in it. */
import { describe, expect, test } from "vitest";
import { systemClock } from "../../src/platform/system-clock.ts";
import { Executors } from "../../src/supervisor/executors.ts";
import { residentBytes } from "../../src/supervisor/resident-memory.ts";
import { compiledEnv } from "../actors/compiled.ts";
import { pipeOfTest } from "../actors/named-pipe.ts";
import { ManualClock } from "../platform/manual-clock.ts";
import { expectTables } from "./compare-tables.ts";
import { pipelineOf, requestOf } from "./request.ts";
import type { Direction, SourceEvent } from "./sources/direction.ts";
import { livingTables, type World } from "./sources/world.ts";
import { storeOfTest, type Around, type TestStore } from "./test-store.ts";

const names = ["culprit", "first", "second"] as const;

const world: World = {
  seed: 6,
  version: 1,
  streams: names.map((name) => ({ name, kind: "keyset", rows: 40, batchRows: 10 })),
};

const pipelineFor = (stream: string) =>
  pipelineOf([{ stream, incremental: "changed" }], { name: stream });

const { limits } = requestOf("", pipelineOf([]));
/** One batch at a time: the one before is durable once there is room for the next. */
const more = { limits: { ...limits, batchRowsMax: 10, batchesInFlightMax: 1 } };

const nextAt =
  (stream: string, row: number) =>
  (event: SourceEvent): boolean =>
    event.at === "next" && event.stream === stream && event.row === row;

/** Far above what an executor with three actors needs, and below what the culprit takes. */
const rssBytesMax = 768 * 2 ** 20;

function executors(): Executors {
  return new Executors({
    entry: new URL("./fixtures/executor.ts", import.meta.url),
    env: compiledEnv,
    clock: systemClock,
    executorsMax: 1,
    actorsMax: 8,
    probe: residentBytes,
    rssBytesMax,
    sampleMs: 20,
    ladder: { cancelMs: 200, terminateMs: 200, killMs: 5000 },
  });
}

/** Starts all three, and resolves once each is half way, in one executor. */
async function startAll(store: TestStore, around: Around = {}) {
  const stops = names.map((name) => store.director.stopAt(nextAt(name, 20)));
  const runs = names.map((name) =>
    store.run(pipelineFor(name), more, name === "culprit" ? around : {}),
  );
  await Promise.all(stops.map(({ reached }) => reached));
  const act = (direction: Direction): void => stops[0]?.go(direction);
  return { act, runs: Promise.all(runs) };
}

const summary = (results: readonly { status: string; attempts: number }[]) =>
  results.map(({ status, attempts }) => [status, attempts]);

describe("in executor processes", () => {
  test("a run that aborts its process takes an attempt, and its neighbours take none", async () => {
    const store = await storeOfTest(world, executors());
    const { act, runs } = await startAll(store);
    // The others wait at the source until their executor is gone.
    act({ kind: "abort_process" });
    const results = await runs;
    expect(summary(results)).toEqual([
      ["succeeded", 2],
      ["succeeded", 1],
      ["succeeded", 1],
    ]);
    await expectTables(store, livingTables(store.director.world, ...names));
  });

  test("one that is stuck in a native call ends at its deadline, its neighbours go on", async () => {
    const clock = new ManualClock();
    const store = await storeOfTest(world, executors());
    // These two die by themselves before, which costs nobody else anything.
    store.director.breakAt(nextAt("first", 10), { kind: "exit" });
    store.director.breakAt(nextAt("second", 10), { kind: "defect" });
    const { act, runs } = await startAll(store, { store: { clock } });
    const pipe = pipeOfTest();
    act({ kind: "stall", pipe: pipe.path });
    await pipe.hasReader();
    await clock.advanceThrough(60_000);
    // It doesn't stop; the ladder of its actor does the rest.
    await clock.advanceThrough(1000);
    const results = await runs;
    expect(summary(results)).toEqual([
      ["partial_failure", 1],
      ["succeeded", 2],
      ["succeeded", 2],
    ]);
    expect(results[0]).toMatchObject({ isStuck: false, error: { code: "run.deadline" } });
    const resumed = await store.run(pipelineFor("culprit"), more, { store: { clock } });
    expect(resumed).toMatchObject({ status: "succeeded", attempts: 2 });
    await expectTables(store, livingTables(store.director.world, ...names));
  });

  test("one that takes too much memory is parked in the end, and its neighbours take none", async () => {
    const store = await storeOfTest(world, executors());
    const { act, runs } = await startAll(store);
    const death: Direction = { kind: "allocate", bytes: rssBytesMax };
    const isResumed = (event: SourceEvent): boolean =>
      event.at === "next" && event.stream === "culprit" && event.from !== null;
    store.director.breakAt(isResumed, death, Infinity);
    act(death);
    const results = await runs;
    // Whose memory it was nobody knew at first: of the culprit's four deaths three are its own.
    expect(summary(results)).toEqual([
      ["failed", 3],
      ["succeeded", 1],
      ["succeeded", 1],
    ]);
    expect(results[0]).toMatchObject({ sequence: null, error: { code: "run.parked" } });
    expect(results[0]?.error?.message).toContain(`of at most ${rssBytesMax} bytes`);
    const others = ["first", "second"] as const;
    await expectTables(store, livingTables(store.director.world, ...others));
  });
});
