/**
 * Any sequence of runs, failures, compactions, expiries, collections and rebuilds shows at every
 * retained snapshot what a naive model of the tables says.
 */
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  openSqliteCatalog,
  type SqliteCatalog,
} from "../../../src/catalog/sqlite/sqlite-catalog.ts";
import { compactStore } from "../../../src/context/compaction/compact-store.ts";
import type { DuckDb } from "../../../src/context/duckdb/open-duckdb.ts";
import { collectGarbage } from "../../../src/context/garbage/collect-garbage.ts";
import type { GarbageReport } from "../../../src/context/garbage/report.ts";
import { allSnapshots } from "../../../src/context/garbage/expire.ts";
import { rebuildCatalog } from "../../../src/context/rebuild/rebuild-catalog.ts";
import { listRun, runIds } from "../../../src/context/rebuild/run-folder.ts";
import type { Pin } from "../../../src/core/ports/catalog.ts";
import { failedOf, moveOf } from "../../catalog/commands.ts";
import { answersOf } from "../catalog-answers.ts";
import { never } from "../fixtures.ts";
import { HistoryModel, sorted } from "../history-model.ts";
import {
  addPipeline,
  beginRun,
  catalogName,
  commitRun,
  cursorEntry,
  openHistoryStore,
  openTestDuckDb,
  publishRun,
  rowsAt,
  stageRun,
  type HistoryRow,
  type HistoryStore,
  type TableWork,
} from "../history.ts";

let duckDb: DuckDb;
beforeAll(async () => {
  duckDb = await openTestDuckDb();
});
afterAll(() => duckDb.close());

type Command =
  | { readonly type: "run"; readonly tables: readonly TableWork[]; readonly derive: boolean }
  | { readonly type: "cursor"; readonly takesAway: boolean }
  | { readonly type: "fail"; readonly tables: readonly TableWork[] }
  | { readonly type: "compact"; readonly full: boolean }
  /** A compaction, and an append of another pipeline before it commits. */
  | { readonly type: "race"; readonly rows: readonly HistoryRow[] }
  | { readonly type: "pin" | "unpin" | "rebuild" }
  | {
      readonly type: "gc";
      readonly hours: number;
      readonly keep: number;
      readonly graceHours: bigint;
    };

const row = fc.record({
  id: fc.integer({ min: 0, max: 9 }),
  v: fc.option(fc.constantFrom("a", "b", "ü'\"")),
  n: fc.option(fc.integer({ min: -99, max: 99 })),
});

/** Deleted keys are a merge's only. */
const tables: fc.Arbitrary<readonly TableWork[]> = fc
  .uniqueArray(
    fc.record({
      table: fc.constantFrom("t", "u"),
      disposition: fc.constantFrom("append", "replace", "merge"),
      rows: fc.array(row, { maxLength: 5 }),
      deleted: fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 2 }),
      parts: fc.integer({ min: 1, max: 3 }),
      schemaVersion: fc.constantFrom(1, 1, 2, 3, 4),
    }),
    { selector: ({ table }) => table, minLength: 1, maxLength: 2 },
  )
  .map((all) => all.map((one) => (one.disposition === "merge" ? one : { ...one, deleted: [] })));

const command: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ type: fc.constant("run"), tables, derive: fc.boolean() }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ type: fc.constant("cursor"), takesAway: fc.boolean() }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("fail"), tables }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant("compact"), full: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("race"), rows: fc.array(row) }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constantFrom("pin", "unpin", "rebuild") }) },
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constant("gc"),
      hours: fc.integer({ min: 0, max: 60 }),
      keep: fc.integer({ min: 1, max: 4 }),
      graceHours: fc.constantFrom(0n, 24n),
    }),
  },
);

const hourMicros = 3_600_000_000n;

const numRuns = Number(process.env["HAKIRI_TEST_RUNS"] ?? 10);

/** A store and its model, taken through commands. */
class Histories {
  readonly #model = new HistoryModel();
  readonly #pins = new Map<number, Pin>();
  #store: HistoryStore;
  readonly #pipelineId: string;
  #other: string;
  /** Whether the newest snapshot has its `_manifest.json`. */
  #isDerived = true;

  constructor(store: HistoryStore, pipelineId: string, other: string) {
    this.#store = store;
    this.#pipelineId = pipelineId;
    this.#other = other;
  }

  async apply(one: Command): Promise<void> {
    this.#store.clock.advance(60_000);
    switch (one.type) {
      case "run":
        return this.#run(this.#pipelineId, one.tables, one.derive);
      case "cursor":
        return this.#moveCursor(one.takesAway);
      case "fail":
        return this.#fail(one.tables);
      case "compact":
        return this.#compact(one.full, async () => undefined);
      case "race":
        return this.#race(one.rows);
      case "pin":
        return this.#pin();
      case "unpin":
        return this.#unpin();
      case "gc":
        return this.#collect(one.hours, one.keep, one.graceHours * hourMicros);
      case "rebuild":
        return this.#rebuild();
    }
  }

  async #run(pipelineId: string, work: readonly TableWork[], derive: boolean): Promise<void> {
    const run = await beginRun(this.#store, pipelineId);
    const staged = await stageRun(this.#store, run, work);
    // Two in a row without one would leave a gap that nothing closes.
    const isDerived = derive || !this.#isDerived;
    const { sequence } = await commitRun(this.#store, run, staged, { derive: isDerived });
    this.#isDerived = isDerived;
    if (sequence !== null) this.#model.commit(sequence, work);
  }

  async #moveCursor(takesAway: boolean): Promise<void> {
    const run = await beginRun(this.#store, this.#pipelineId);
    const { sequence: baseSequence } = await this.#store.catalog.head();
    const entry = cursorEntry("t", String(run.grant.epoch));
    const cursors = [takesAway ? { ...entry, cursor: null } : entry];
    await commitRun(this.#store, run, { tables: [], baseSequence, cursors });
  }

  async #fail(work: readonly TableWork[]): Promise<void> {
    const run = await beginRun(this.#store, this.#pipelineId);
    const staged = await stageRun(this.#store, run, work);
    await publishRun(this.#store, run, staged);
    const at = String(this.#store.clock.nowMicros());
    const event = failedOf(run.grant, 0);
    await this.#store.catalog.apply<"move_run">(moveOf(run.grant, event, { at }));
  }

  async #compact(full: boolean, before: () => Promise<void>): Promise<void> {
    const { catalog, pins, publisher, clock, claims } = this.#store;
    let isFirst = true;
    const racing: SqliteCatalog = {
      ...catalog,
      apply: async (one, attachments) => {
        if (one.kind === "commit_compaction" && isFirst) {
          isFirst = false;
          await before();
        }
        return catalog.apply(one, attachments);
      },
    };
    const takeViewsLock = () => claims.take("views");
    const bounds = { smallFiles: 128, smallFileBytes: 64 * 1024 * 1024 };
    const reports = await compactStore(
      { catalog: racing, pins, publisher, clock, duckDb: async () => duckDb, takeViewsLock },
      {
        tables: null,
        rules: full ? { kind: "full" } : { kind: "automatic", bounds, slack: 0 },
        claim: { kind: "take", claims },
        signal: never,
      },
    );
    for (const { outcome } of reports) {
      if (outcome.kind !== "compacted") continue;
      this.#model.same(outcome.sequence);
      this.#isDerived = true;
    }
  }

  async #race(rows: readonly HistoryRow[]): Promise<void> {
    if (!this.#model.names.includes("t")) return;
    const work: TableWork = { table: "t", disposition: "append", rows };
    await this.#compact(true, () => this.#run(this.#other, [work], true));
  }

  async #pin(): Promise<void> {
    const { sequence } = await this.#store.catalog.head();
    if (!this.#pins.has(sequence)) this.#pins.set(sequence, this.#store.pins.pin(sequence));
  }

  async #unpin(): Promise<void> {
    for (const pin of this.#pins.values()) pin.release();
    this.#pins.clear();
  }

  async #collect(hours: number, keep: number, graceMicros: bigint): Promise<void> {
    const { catalog, pins, publisher, clock, claims } = this.#store;
    clock.advance(hours * 3_600_000);
    const options = {
      retentionMicros: 30n * hourMicros,
      keep,
      graceMicros,
      resumeTtlMicros: 0n,
      force: true,
      signal: never,
    };
    const context = { catalog, pins, publisher, clock, claims, bootClock: async () => null };
    const planned = await collectGarbage(context, { ...options, dryRun: true });
    const done = await collectGarbage(context, { ...options, dryRun: false });
    // What is only now unreferenced is in no dry run.
    const apartFromGrace = (report: GarbageReport) => ({
      ...report,
      dryRun: false,
      kept: report.kept.filter(({ why }) => why !== "within_grace"),
    });
    expect(apartFromGrace(done)).toEqual(apartFromGrace(planned));
    this.#isDerived = true;
    for (const sequence of done.expired) {
      expect(this.#pins.has(sequence)).toBe(false);
      this.#model.snapshots.delete(sequence);
    }
    await this.#expectNoStrays();
  }

  /** Every file below `runs/` is one that the catalog knows, or the `_manifest.json` beside it. */
  async #expectNoStrays(): Promise<void> {
    const { catalog, filesystem } = this.#store;
    for (const runId of await runIds(filesystem)) {
      for (const { path, role } of (await listRun(filesystem, runId)).files) {
        const isKnown = role.kind === "committed" || (await catalog.isReferenced(path));
        expect({ path, isKnown }).toEqual({ path, isKnown: true });
      }
    }
  }

  /** Not right after a commit that derived nothing: nothing would prove it. */
  async #rebuild(): Promise<void> {
    const { sequence } = await this.#store.catalog.head();
    if (sequence === 0 || !this.#isDerived) return;
    await this.#unpin();
    const ids = [this.#pipelineId, this.#other];
    const before = await answersOf(this.#store.catalog, ids);
    await this.#store.catalog.close();
    const { filesystem, claims, clock } = this.#store;
    const openRestoring = (path: string, storeId: string) =>
      openSqliteCatalog(path, { kind: "restore", storeId });
    const context = { filesystem, claims, clock, openRestoring };
    const report = await rebuildCatalog(context, { force: false, signal: never });
    const path = filesystem.absolute(catalogName);
    this.#store = { ...this.#store, catalog: openSqliteCatalog(path, { kind: "existing" }) };
    const recovered = report.findings.filter(({ code }) => code === "rebuild.recovered");
    // The time of a commit that another one proved isn't known any more.
    if (recovered.length === 0) expect(await answersOf(this.#store.catalog, ids)).toEqual(before);
    expect(report.snapshots).toEqual(
      before.states.map(({ snapshot }) => snapshot.sequence).toReversed(),
    );
    expect(await addPipeline(this.#store, "shop")).toBe(this.#pipelineId);
    // One that never committed is unknown now.
    this.#other = await addPipeline(this.#store, "other", true);
  }

  /** All that is retained is in the model, and reads as the model says. */
  async expectModel(): Promise<void> {
    const snapshots = await allSnapshots(this.#store.catalog);
    const sequences = snapshots.map(({ sequence }) => sequence).toReversed();
    expect(sequences).toEqual([...this.#model.snapshots.keys()].toSorted((a, b) => a - b));
    for (const sequence of sequences) {
      for (const name of this.#model.names) {
        const rows = await rowsAt(this.#store, name, sequence);
        expect(rows && sorted(rows)).toEqual(this.#model.rows(sequence, name));
      }
    }
  }

  async close(): Promise<void> {
    await this.#unpin();
    await this.#store.catalog.close();
    await this.#store.close();
  }
}

test(
  "any history of runs and maintenance shows what a naive model says",
  async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(command, { minLength: 4, maxLength: 14 }), async (commands) => {
        const store = await openHistoryStore({ duckDb });
        const pipelineId = await addPipeline(store, "shop");
        const other = await addPipeline(store, "other", true);
        const histories = new Histories(store, pipelineId, other);
        try {
          for (const one of commands) await histories.apply(one);
          await histories.expectModel();
        } finally {
          await histories.close();
        }
      }),
      { numRuns },
    );
  },
  60_000 + 10_000 * numRuns,
);
