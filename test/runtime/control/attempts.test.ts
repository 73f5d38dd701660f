/** Attempts by how the ones before ended: whose fault it was, and how often. */
import { expect, test } from "vitest";
import type { ActorExit } from "../../../src/actors/actor-exit.ts";
import { killsMax, movesMax } from "../../../src/runtime/control/attempts.ts";
import { ManualClock } from "../../platform/manual-clock.ts";
import { expectTables } from "../compare-tables.ts";
import { InlineActors } from "../inline-actors.ts";
import { pipelineOf, requestOf } from "../request.ts";
import type { SourceEvent } from "../sources/direction.ts";
import { livingTables, type World } from "../sources/world.ts";
import { storeOfTest, type TestStore } from "../test-store.ts";

const world: World = {
  seed: 12,
  version: 1,
  streams: [{ name: "t", kind: "keyset", rows: 20, batchRows: 10 }],
};

const spec = pipelineOf([{ stream: "t", incremental: "changed" }]);
const { limits } = requestOf("", spec);
const small = { limits: { ...limits, batchRowsMax: 10, batchesInFlightMax: 1 } };

const others: ActorExit = { kind: "executor_killed_for_other", otherId: "another" };
const unknown: ActorExit = {
  kind: "executor_over_memory",
  rssBytes: 2,
  rssBytesMax: 1,
  isAlone: false,
};
const killed: ActorExit = { kind: "executor_killed" };

/** Ends the first actors in these ways, each when its source is asked for its first rows. */
function endEach(store: TestStore, runner: InlineActors, exits: readonly ActorExit[]): void {
  let ended = 0;
  const never = new Promise<never>(() => undefined);
  store.director.rule((event: SourceEvent) => {
    const exit = exits[ended];
    if (event.at !== "next" || exit === undefined) return null;
    ended += 1;
    runner.endLatest(exit);
    return never;
  });
}

test("a run that throws each time has failed after five attempts, with what it threw", async () => {
  const runner = new InlineActors();
  const store = await storeOfTest(world, runner);
  const thrown: ActorExit = {
    kind: "thrown",
    error: { kind: "Permanent", code: "defect.unforeseen", message: "odd", hint: "" },
  };
  endEach(store, runner, [thrown, thrown, thrown, thrown, thrown]);
  expect(await store.run(spec, small)).toMatchObject({
    status: "failed",
    attempts: 5,
    error: { code: "defect.unforeseen", message: "odd" },
  });
});

test("a run that lost its executor through another one uses no attempt for it", async () => {
  const runner = new InlineActors();
  const store = await storeOfTest(world, runner);
  endEach(store, runner, [others, others, others, others, others, others]);
  expect(await store.run(spec, small)).toMatchObject({ status: "succeeded", attempts: 1 });
  expect(runner.started).toHaveLength(7);
  await expectTables(store, livingTables(store.director.world, "t"));
});

test("it is moved on a bounded number of times", async () => {
  const runner = new InlineActors();
  const store = await storeOfTest(world, runner);
  // After its last move every further one is a failure, of which five end it.
  endEach(
    store,
    runner,
    Array.from({ length: movesMax + 5 }, () => others),
  );
  const result = await store.run(spec, small);
  expect(result).toMatchObject({ status: "failed", error: { code: "run.died" } });
  expect(runner.started).toHaveLength(movesMax + 5);
});

test("moved on as often as may be, it still succeeds", async () => {
  const runner = new InlineActors();
  const store = await storeOfTest(world, runner);
  endEach(
    store,
    runner,
    Array.from({ length: movesMax }, () => others),
  );
  expect(await store.run(spec, small)).toMatchObject({ status: "succeeded", attempts: 1 });
});

test("where nobody knows whose fault it was, it goes on alone, where the next is its own", async () => {
  const runner = new InlineActors();
  const store = await storeOfTest(world, runner);
  endEach(store, runner, [unknown, { kind: "out_of_memory" }]);
  expect(await store.run(spec, small)).toMatchObject({ status: "succeeded", attempts: 2 });
  expect(runner.options.map(({ isIsolated }) => isIsolated)).toEqual([false, true, true]);
});

test("a run that takes its executor down three times at one place is parked", async () => {
  const runner = new InlineActors();
  const store = await storeOfTest(world, runner);
  endEach(store, runner, [killed, killed, killed]);
  const result = await store.run(spec, small);
  expect(result).toMatchObject({
    status: "failed",
    attempts: killsMax,
    error: { code: "run.parked", kind: "Permanent" },
  });
  expect(result.error?.message).toContain("its executor was killed, for the 3rd time");
});

test("twice is not parked, and it goes on", async () => {
  const runner = new InlineActors();
  const store = await storeOfTest(world, runner);
  endEach(store, runner, [killed, killed]);
  expect(await store.run(spec, small)).toMatchObject({ status: "succeeded", attempts: 3 });
});

test("a run waits for room, as long as its deadline lets it", async () => {
  const clock = new ManualClock();
  const runner = new InlineActors(clock);
  const store = await storeOfTest(world, runner);
  runner.fullFor = 3;
  const run = store.run(spec, small, { store: { clock } });
  await clock.advanceThrough(1499);
  expect(runner.started).toHaveLength(0);
  await clock.advanceThrough(1);
  expect(await run).toMatchObject({ status: "succeeded", attempts: 1 });

  runner.fullFor = Infinity;
  const late = store.run({ ...spec, deadlineMs: 2000 }, small, { store: { clock } });
  await clock.advanceThrough(2000);
  expect(await late).toMatchObject({ status: "failed", error: { code: "run.deadline" } });
});

test("an order that no control message holds fails the run at once", async () => {
  const store = await storeOfTest(world);
  const settings = { large: "x".repeat(70_000) };
  expect(await store.run(spec, { ...small, settings })).toMatchObject({
    status: "failed",
    attempts: 1,
    error: { code: "actor.message_too_big" },
  });
});
