/** Any sequence of runs, failures, cancels and resumes leaves the tables of a naive model. */
import { expect, test } from "vitest";
import type { PipelineSpec } from "../../src/core/pipeline.ts";
import { seededRandom, withSeed, type SeededRandom } from "../platform/seeded-random.ts";
import { expectTables } from "./compare-tables.ts";
import { InlineActors } from "./inline-actors.ts";
import { noParameters, pipelineOf, requestOf } from "./request.ts";
import { failure } from "./sources/director.ts";
import type { Direction, SourceEvent } from "./sources/direction.ts";
import { filesAt } from "./sources/world-files.ts";
import { livingTables, streamOf, type World } from "./sources/world.ts";
import { storeOfTest, type TestStore } from "./test-store.ts";

const changing = { inserts: 5, updates: 4, deletes: 2 };

const world: World = {
  seed: 0,
  version: 1,
  streams: [
    { name: "merged", kind: "keyset", rows: 40, batchRows: 10, ...changing },
    { name: "mixed", kind: "unordered", rows: 25, batchRows: 10, ...changing },
    { name: "added", kind: "keyset", rows: 20, batchRows: 6, inserts: 5 },
    { name: "whole", kind: "plain", rows: 25, batchRows: 10, ...changing },
    { name: "parts", kind: "partitioned", rows: 30, batchRows: 10, partitions: 3, ...changing },
    { name: "files", kind: "files", rows: 4, batchRows: 1 },
  ],
};

const spec: PipelineSpec = pipelineOf([
  { stream: "merged", incremental: "changed" },
  { stream: "mixed", incremental: "changed" },
  { stream: "added", incremental: "changed", disposition: "append" },
  { stream: "whole" },
  { stream: "parts" },
  { stream: "files" },
]);

interface Disturbed {
  readonly store: TestStore;
  readonly runner: InlineActors;
}

/** How a run is disturbed: at which of its events, and by what. */
interface Disturbance {
  readonly after: number;
  readonly by: Direction | "cancel" | "die";
}

const disturbers: readonly Disturbance["by"][] = [
  failure("Transient"),
  failure("RateLimited", "test.limited", { retryAfterMs: 1000 }),
  failure("Permanent"),
  failure("AuthExpired"),
  "die",
  "cancel",
];

function disturbance(random: SeededRandom): Disturbance {
  const by = disturbers[random.below(disturbers.length)];
  return { after: 1 + random.below(40), by: by ?? "cancel" };
}

const isDisturbed = ({ at }: SourceEvent): boolean =>
  ["discover", "open", "next", "encode", "verify"].includes(at);

/** What was disturbed waits for ever, or goes on and is no longer heard. */
const zombies = [new Promise<never>(() => undefined), { kind: "go" }] as const;

async function runDisturbed(
  { store, runner }: Disturbed,
  disturbed: Disturbance,
  fullRefresh: boolean,
) {
  const cancelling = new AbortController();
  let left = disturbed.after;
  const undo = store.director.rule((event) => {
    if (!isDisturbed(event)) return null;
    left -= 1;
    if (left !== 0) return null;
    if (disturbed.by === "die") {
      runner.endLatest({ kind: "out_of_memory" });
      return zombies[disturbed.after % 2] ?? null;
    }
    if (disturbed.by !== "cancel") return disturbed.by;
    cancelling.abort();
    return { kind: "go" };
  });
  try {
    return await store.run(spec, {
      limits: { ...requestOf("", spec).limits, batchRowsMax: 10, batchesInFlightMax: 3 },
      parameters: { ...noParameters, fullRefresh },
      signal: cancelling.signal,
    });
  } finally {
    undo();
  }
}

async function expectModel(store: TestStore): Promise<void> {
  const now = store.director.world;
  const files = filesAt(now, streamOf(now, "files")).flatMap(({ rows }) => rows);
  const names = ["merged", "mixed", "added", "whole", "parts"];
  await expectTables(store, { ...livingTables(now, ...names), files });
}

const undisturbed: Disturbance = { after: Infinity, by: "cancel" };

test("any sequence of runs and failures gives the tables that the source has", async () => {
  await withSeed(async (seed) => {
    const random = seededRandom(seed);
    const runner = new InlineActors();
    const store = await storeOfTest({ ...world, seed }, runner);
    const disturbed = { store, runner };
    const moveOn = (): void => store.moveTo(store.director.world.version + 1);
    let hasMoved = false;
    for (let step = 0; step < 8; step += 1) {
      const result = await runDisturbed(disturbed, disturbance(random), random.chance(0.1));
      const isOver = result.status === "succeeded";
      // What was read before the source moved on is caught up with by a later run.
      if (isOver && !hasMoved) await expectModel(store);
      hasMoved = !isOver && (hasMoved || random.chance(0.3));
      if (isOver || hasMoved) moveOn();
    }
    const last = await runDisturbed(disturbed, undisturbed, false);
    expect(last).toMatchObject({ status: "succeeded", error: null });
    await runDisturbed(disturbed, undisturbed, false);
    await expectModel(store);
  });
});
