/** Runs in executor processes: one that takes its executor down, and those that were in it. */
import { describe, expect, test, vi } from "vitest";
import { systemClock } from "../../src/platform/system-clock.ts";
import { Executors } from "../../src/supervisor/executors.ts";
import { residentBytes } from "../../src/supervisor/resident-memory.ts";
import { compiledEnv } from "../actors/compiled.ts";
import { pipeOfTest } from "../actors/named-pipe.ts";
import { expectTables } from "./compare-tables.ts";
import type { Direction, SourceEvent } from "./sources/direction.ts";
import { livingTables, type World } from "./sources/world.ts";
import { pipelineOf, requestOf, storeOfTest, type TestStore } from "./test-store.ts";

const names = ["culprit", "first", "second"] as const;

const world: World = {
  seed: 6,
  version: 1,
  streams: names.map((name) => ({ name, kind: "keyset", rows: 40, batchRows: 10 })),
};

const pipelineFor = (stream: string, more = {}) =>
  pipelineOf([{ stream, incremental: "changed" }], { name: stream, ...more });

const more = { limits: { ...requestOf("", pipelineOf([])).limits, batchRowsMax: 10 } };

const nextAt =
  (stream: string, row: number) =>
  (event: SourceEvent): boolean =>
    event.at === "next" && event.stream === stream && event.row === row;

function executors(): Executors {
  return new Executors({
    entry: new URL("./fixtures/executor.ts", import.meta.url),
    env: compiledEnv,
    clock: systemClock,
    executorsMax: 1,
    actorsMax: 8,
    probe: residentBytes,
    rssBytesMax: 4 * 2 ** 30,
    ladder: { cancelMs: 200, terminateMs: 200, killMs: 5000 },
  });
}

/** Runs all three in one executor, and once all are half way, has the first do that. */
async function runAll(store: TestStore, act: Direction, deadlineMs: number) {
  const stops = names.map((name) => store.director.stopAt(nextAt(name, 20)));
  const runs = names.map((name) =>
    store.run(pipelineFor(name, name === "culprit" ? { deadlineMs } : {}), more),
  );
  await Promise.all(stops.map(({ reached }) => reached));
  stops[0]?.go(act);
  // The others wait at the source until their executor is gone, and are let go after.
  const opens = ({ at }: SourceEvent): boolean => at === "open";
  await vi.waitFor(() => expect(store.director.count(opens)).toBeGreaterThanOrEqual(5), 30_000);
  return Promise.all(runs);
}

const summary = (results: readonly { status: string; attempts: number }[]) =>
  results.map(({ status, attempts }) => [status, attempts]);

describe("in executor processes", () => {
  test("a run goes as it does in a thread, whatever form of death it meets", async () => {
    const store = await storeOfTest(world, executors());
    store.director.breakAt(nextAt("first", 20), { kind: "exit" });
    store.director.breakAt(nextAt("second", 10), { kind: "defect" });
    const results = await Promise.all(names.map((name) => store.run(pipelineFor(name), more)));
    expect(summary(results)).toEqual([
      ["succeeded", 1],
      ["succeeded", 2],
      ["succeeded", 2],
    ]);
    await expectTables(store, livingTables(store.director.world, ...names));
  });

  test("one that aborts its process takes an attempt, and its neighbours take none", async () => {
    const store = await storeOfTest(world, executors());
    const results = await runAll(store, { kind: "abort_process" }, 60_000);
    expect(summary(results)).toEqual([
      ["succeeded", 2],
      ["succeeded", 1],
      ["succeeded", 1],
    ]);
    await expectTables(store, livingTables(store.director.world, ...names));
  });

  test("one that is stuck in a native call ends at its deadline, its neighbours go on", async () => {
    const store = await storeOfTest(world, executors());
    const stall = { kind: "stall", pipe: pipeOfTest() } as const;
    const results = await runAll(store, stall, 6000);
    expect(summary(results)).toEqual([
      ["partial_failure", 1],
      ["succeeded", 1],
      ["succeeded", 1],
    ]);
    expect(results[0]).toMatchObject({ isStuck: false, error: { code: "run.deadline" } });
    const resumed = await store.run(pipelineFor("culprit", { deadlineMs: 6000 }), more);
    expect(resumed).toMatchObject({ status: "succeeded", attempts: 2 });
    await expectTables(store, livingTables(store.director.world, ...names));
  });
});
