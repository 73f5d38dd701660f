/** Any sequence of commands says what a naive catalog says, on every database alike. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { apply } from "../../src/catalog/apply/apply.ts";
import type { SqlDatabase } from "../../src/catalog/apply/sql-database.ts";
import type { CatalogCommand } from "../../src/core/catalog-command.ts";
import { HakiriError } from "../../src/core/error.ts";
import { referenceOf } from "./commands.ts";
import { cursorsOf, History, type Step } from "./history.ts";
import { digestOf, logicalRows } from "./logical-rows.ts";
import { applyNext, memoryDatabase } from "./memory-database.ts";
import type { ModelCommit } from "./model.ts";

const small = fc.nat({ max: 5 });
const pipeline = fc.nat({ max: 1 });
const time = fc.nat({ max: 6000 });
const bound = fc.constantFrom(0, 2500, 9999);

const commitStep: fc.Arbitrary<Extract<Step, { type: "commit" }>> = fc.record({
  type: fc.constant("commit" as const),
  pipeline,
  isNew: fc.oneof({ weight: 2, arbitrary: fc.constant(true) }, fc.constant(false)),
  grantAge: fc.oneof({ weight: 6, arbitrary: fc.constant(0) }, fc.constant(1)),
  lag: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.nat({ max: 3 })),
  changes: fc.array(
    fc.record({
      table: small,
      how: fc.constantFrom("append", "replace", "replace", "merge", "mask", "remove"),
      pick: small,
    }),
    { maxLength: 3 },
  ),
  cursors: fc.array(fc.record({ stream: small, value: fc.nat({ max: 9 }) }), { maxLength: 2 }),
  staleCursors: fc.oneof({ weight: 9, arbitrary: fc.constant(false) }, fc.constant(true)),
  at: time,
});

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    type: fc.constant("claim" as const),
    pipeline,
    what: fc.constantFrom("run" as const, "compaction" as const),
  }),
  { weight: 8, arbitrary: commitStep },
  fc.record({ type: fc.constant("fail" as const), pipeline, batches: fc.nat({ max: 2 }) }),
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constant("compact" as const),
      pipeline,
      table: small,
      lag: fc.nat({ max: 2 }),
      pick: fc.nat({ max: 31 }),
    }),
  },
  fc.record({ type: fc.constant("again" as const), pick: fc.nat() }),
  fc.record({
    type: fc.constant("expire" as const),
    keep: fc.nat({ max: 1 }),
    since: bound,
    pinned: fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 2 }),
  }),
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constant("collect" as const),
      before: bound,
      forgets: fc.boolean(),
      pick: fc.nat(),
    }),
  },
);

const steps = fc.array(step, { minLength: 20, maxLength: 40 });

function played(all: readonly Step[]): History {
  const history = new History();
  for (const one of all) history.play(one);
  return history;
}

describe("a catalog", () => {
  test("says after any commands what a naive one says", () => {
    fc.assert(
      fc.property(steps, (all) => {
        played(all);
      }),
      { numRuns: 100 },
    );
  });

  test("comes far enough in such histories to say something", () => {
    const histories = fc.sample(steps, { numRuns: 60, seed: 7 }).map(played);
    const commits = histories.flatMap(({ model }) => model.commits);
    const of = (kind: string) => commits.filter(({ manifest }) => manifest.kind === kind).length;
    expect(of("run")).toBeGreaterThan(120);
    expect(of("cursor")).toBeGreaterThan(12);
    expect(of("compaction")).toBeGreaterThan(12);
    const forgotten = histories.filter(({ model }) => model.forgotten.size > 0);
    expect(forgotten.length).toBeGreaterThan(2);
  });

  test("is equal to another one that took the same commands", () => {
    fc.assert(
      fc.property(steps, (all) => {
        const { applied, database } = played(all);
        const other = memoryDatabase();
        for (const { command, manifest } of applied) {
          try {
            applyNext<CatalogCommand["kind"]>(other, command, manifest);
          } catch (error) {
            if (!(error instanceof HakiriError)) throw error;
          }
        }
        expect(digestOf(other)).toBe(digestOf(database));
      }),
      { numRuns: 30 },
    );
  });

  test("is left as it was by a commit that is refused, or known", () => {
    fc.assert(
      fc.property(steps, commitStep, (all, last) => {
        const history = played(all);
        const before = contentOf(history.database);
        const commits = history.model.commits.length;
        history.play({ ...last, isNew: false });
        const isNew = history.model.commits.length > commits;
        expect(contentOf(history.database) === before).toBe(!isNew);
      }),
      { numRuns: 30 },
    );
  });

  test("is made again of its manifests", () => {
    fc.assert(
      fc.property(steps, (all) => {
        const history = played(all);
        const rebuilt = memoryDatabase(true);
        for (const commit of restoreOrder(history.model.commits)) restore(rebuilt, commit);
        applyNext<"finish_restore">(rebuilt, {
          kind: "finish_restore",
          version: 1,
          incarnation: 1,
          at: "9000",
        });
        // Nothing is expired or forgotten in it: every snapshot there was is there again.
        for (const { sequence, pipelineId, cursors } of history.model.snapshots) {
          history.compareFiles(rebuilt, sequence);
          const own = Object.fromEntries(cursors.get(pipelineId) ?? []);
          expect(cursorsOf(rebuilt, pipelineId, sequence)).toEqual(own);
        }
        for (const id of ["p0", "p1"]) {
          expect(cursorsOf(rebuilt, id)).toEqual(cursorsOf(history.database, id));
        }
      }),
      { numRuns: 50 },
    );
  });
});

/** All that a database says but how many commands it took. */
function contentOf(database: SqlDatabase): string {
  const { store = [], ...rows } = logicalRows(database);
  return JSON.stringify({ ...rows, store: store.map((row) => ({ ...row, position: 0 })) });
}

/**
 * The order in which a rebuild, which knows sequences and epochs only, puts commits: snapshots by
 * sequence, each after the commits of its pipeline with lower epochs.
 */
function restoreOrder(commits: readonly ModelCommit[]): readonly ModelCommit[] {
  const byEpoch = (a: ModelCommit, b: ModelCommit) => a.manifest.epoch - b.manifest.epoch;
  const waiting = commits.filter(({ sequence }) => sequence === null).toSorted(byEpoch);
  const snapshots = commits.filter(({ sequence }) => sequence !== null);
  const ordered = snapshots.flatMap((snapshot) => {
    const before = waiting.filter(
      ({ manifest }) =>
        manifest.pipelineId === snapshot.manifest.pipelineId &&
        manifest.epoch < snapshot.manifest.epoch,
    );
    for (const commit of before) waiting.splice(waiting.indexOf(commit), 1);
    return [...before, snapshot];
  });
  return [...ordered, ...waiting];
}

function restore(database: ReturnType<typeof memoryDatabase>, commit: ModelCommit): void {
  const { manifest, sequence, at } = commit;
  applyNext<"restore_commit">(
    database,
    { kind: "restore_commit", version: 1, sequence, manifest: referenceOf(manifest), at },
    manifest,
  );
}

describe("equal rows", () => {
  test("have equal digests, and others have others", () => {
    const [a, b] = [memoryDatabase(), memoryDatabase()];
    expect(digestOf(a)).toBe(digestOf(b));
    a.run("update store set head_at = 1");
    expect(digestOf(a)).not.toBe(digestOf(b));
  });

  test("need no transaction of apply's own", () => {
    const database = memoryDatabase();
    expect(() =>
      apply<"forget_files">(database, { kind: "forget_files", version: 1, fileIds: [] }, 1),
    ).not.toThrow();
  });
});
