/**
 * A source that moves on while a run waits to be resumed: what an attempt left is gone on from only
 * where that gives what one read would have given.
 */
import { expect, test } from "vitest";
import { HakiriError } from "../../../src/core/error.ts";
import { openStore } from "../../../src/profiles/engine/open-store.ts";
import { seededRandom, withSeed } from "../../platform/seeded-random.ts";
import { withFoundStore } from "./audit.ts";
import { inLanes } from "./lanes.ts";
import { makeMemoryFolder } from "./memory-folder.ts";
import { readByCatalog, tablesOf, type SeenTables } from "./reader.ts";
import { placeHere, storeHere } from "./run-here.ts";
import { runTo } from "./world-run.ts";

/** Runs that break off at different steps; each has about 50. */
const rounds = 12;
const stepsMax = 50;

test("a resumed run never mixes two states of a stream", async () => {
  await withSeed(async (seed) => {
    const random = seededRandom(seed);
    const steps = Array.from({ length: rounds }, (_, index) => {
      return Math.floor((index * stepsMax) / rounds) + 1 + random.below(stepsMax / rounds);
    });
    let resumed = 0;
    await inLanes(2, steps, async (step) => {
      try {
        if (await breakAndMoveOn(step)) resumed += 1;
      } catch (error) {
        throw new Error(`broken at step ${step}: ${String(error)}`, { cause: error });
      }
    });
    expect(resumed).toBeGreaterThan(rounds / 2);
  });
});

/** Breaks the run to version 2 at a step, and resumes it at version 3. */
async function breakAndMoveOn(step: number): Promise<boolean> {
  await using folder = await makeMemoryFolder("moving");
  const project = folder.path;
  await storeHere(project, 1);
  const isBroken = await breakRun(project, step);
  await storeHere(project, 3);
  await withFoundStore(project, async (store) => {
    const { sequence } = await store.catalog.head();
    if (isBroken) expectWhole(await readByCatalog(store, sequence));
  });
  await storeHere(project, 4);
  await withFoundStore(project, async (store) => {
    const { sequence } = await store.catalog.head();
    expect(await readByCatalog(store, sequence)).toEqual(tablesOf(4));
  });
  return isBroken;
}

async function breakRun(project: string, step: number): Promise<boolean> {
  const store = await openStore(project, "existing");
  let left = step;
  const atStep = (): void => {
    left -= 1;
    if (left <= 0) throw broken;
  };
  try {
    const { status } = await runTo(store, placeHere({ atStep }), { version: 2 });
    return status === "partial_failure";
  } finally {
    await store.close();
  }
}

const broken = new HakiriError({
  kind: "Permanent",
  code: "test.broken",
  message: "expected a source that works, got a test of what happens otherwise",
  hint: "",
});

/** A stream that ended before stays as it was, and each other one is as the source is now. */
function expectWhole(seen: SeenTables): void {
  const [before, now] = [tablesOf(2), tablesOf(3)];
  // It was read under a snapshot of the source that nobody holds any more.
  expect(seen.notes).toEqual(now.notes);
  for (const stream of ["events", "files", "orders", "rates"] as const) {
    expect([before[stream], now[stream]], stream).toContainEqual(seen[stream]);
  }
  // Partitions are read one by one, and each is of one version.
  const versions = (seen.prices ?? []).map(([id, , version]) => [Number(id) % 3, version] as const);
  expect(versions).toHaveLength(now.prices?.length ?? 0);
  const byPartition = Map.groupBy(versions, ([partition]) => partition);
  for (const [partition, rows] of byPartition) {
    expect(new Set(rows.map(([, version]) => version)).size, `partition ${partition}`).toBe(1);
  }
}
