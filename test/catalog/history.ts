/**
 * Plays random steps against a catalog in memory and the naive model beside it, and compares what
 * the two say after each one.
 */
import { expect } from "vitest";
import { queryHead } from "../../src/catalog/query/head-query.ts";
import { queryRun, queryRuns } from "../../src/catalog/query/run-queries.ts";
import { queryCursors, querySnapshots } from "../../src/catalog/query/snapshot-queries.ts";
import { queryFiles, queryUnreferenced } from "../../src/catalog/query/table-queries.ts";
import type { SqlDatabase } from "../../src/catalog/apply/sql-database.ts";
import type { CatalogCommand, Grant } from "../../src/core/catalog-command.ts";
import { HakiriError } from "../../src/core/error.ts";
import type { RunState } from "../../src/core/run.ts";
import type { CursorEntry, Manifest, TableChange } from "../../src/core/snapshot.ts";
import {
  changeOf,
  claimOf,
  commitOf,
  creation,
  deletesOf,
  entryOf,
  failedOf,
  fileOf,
  manifestOf,
  moveOf,
  registerOf,
} from "./commands.ts";
import { applyNext, memoryDatabase, type MemoryDatabase } from "./memory-database.ts";
import { Model } from "./model.ts";

/** What may happen, in numbers that the history makes sense of. */
export type Step =
  | { readonly type: "claim"; readonly pipeline: number; readonly what: "run" | "compaction" }
  | { readonly type: "fail"; readonly pipeline: number; readonly batches: number }
  | {
      readonly type: "commit";
      readonly pipeline: number;
      /** Whether a run is claimed for it first. */
      readonly isNew: boolean;
      /** 0 for the latest grant, 1 for the one before. */
      readonly grantAge: number;
      /** How many snapshots the base is behind. */
      readonly lag: number;
      readonly changes: readonly {
        readonly table: number;
        readonly how: "append" | "replace" | "merge" | "mask" | "remove";
        readonly pick: number;
      }[];
      readonly cursors: readonly { readonly stream: number; readonly value: number }[];
      readonly staleCursors: boolean;
      readonly at: number;
    }
  | {
      readonly type: "compact";
      readonly pipeline: number;
      readonly table: number;
      readonly lag: number;
      readonly pick: number;
    }
  | { readonly type: "again"; readonly pick: number }
  | {
      readonly type: "expire";
      readonly keep: number;
      readonly since: number;
      readonly pinned: readonly number[];
    }
  | {
      readonly type: "collect";
      readonly before: number;
      readonly forgets: boolean;
      readonly pick: number;
    };

type CommitStep = Extract<Step, { type: "commit" }>;

/** Pipelines and tables that histories are about. */
const pipelineIds = ["p0", "p1"];
const tableIds = ["t0", "t1", "t2"];
const streams = ["s0", "s1"];

/** A command as it was applied, to be applied elsewhere again. */
export interface Applied {
  readonly command: CatalogCommand;
  readonly manifest: Manifest | undefined;
}

/** A catalog and its model, step by step. */
export class History {
  readonly database: MemoryDatabase = memoryDatabase();
  readonly model = new Model();
  readonly applied: Applied[] = [];
  readonly #grants = new Map<string, Grant[]>();
  #clock = 1000;
  #runs = 0;

  constructor() {
    for (const id of pipelineIds) this.#apply(registerOf(id));
  }

  /** Plays a step and compares. */
  play(step: Step): void {
    this.#clock += 100;
    switch (step.type) {
      case "claim":
        this.#claim(pipelineOf(step.pipeline), step.what);
        break;
      case "fail":
        this.#fail(pipelineOf(step.pipeline), step.batches);
        break;
      case "commit":
        this.#commitRun(step);
        break;
      case "compact":
        this.#compact(step);
        break;
      case "again":
        this.#again(step.pick);
        break;
      case "expire":
        this.#expire(step);
        break;
      case "collect":
        this.#mark(step.before);
        if (step.forgets) this.#forget(step.pick);
        break;
    }
    this.compare(this.database);
  }

  /** Applies and answers, or answers the code of the refusal. */
  #apply(
    command: CatalogCommand,
    manifest?: Manifest,
  ): { readonly code: string | null; readonly answer: unknown } {
    this.applied.push({ command, manifest });
    try {
      // Each kind's answer is looked at where its command is made.
      const answer: unknown = applyNext<CatalogCommand["kind"]>(this.database, command, manifest);
      return { code: null, answer };
    } catch (error) {
      if (error instanceof HakiriError) return { code: error.code, answer: null };
      throw error;
    }
  }

  #claim(pipelineId: string, what: "run" | "compaction"): Grant {
    this.#runs += 1;
    const claim = claimOf(pipelineId, `r${this.#runs}`, { what, at: String(this.#clock) });
    const deadlineAt = String(this.#clock + 1_000_000);
    const grant = this.#apply({ ...claim, deadlineAt }).answer as Grant; // by claim_run
    const grants = this.#grants.get(pipelineId) ?? [];
    const highest = Math.max(0, ...[...this.#grants.values()].flat().map(({ epoch }) => epoch));
    expect(grant.epoch).toBeGreaterThan(highest);
    this.#grants.set(pipelineId, [...grants, grant]);
    this.model.granted(pipelineId, what, grant);
    return grant;
  }

  #fail(pipelineId: string, batches: number): void {
    const grant = this.#grants.get(pipelineId)?.at(-1);
    if (grant === undefined) return;
    const isRunning = queryRun(this.database, grant.runId)?.state.kind === "running";
    const { code } = this.#apply(moveOf(grant, failedOf(grant, batches)));
    expect(code).toBe(isRunning ? null : "refused.run_state");
    this.model.ended(pipelineId, grant.runId);
  }

  #commitRun(step: CommitStep): void {
    const pipelineId = pipelineOf(step.pipeline);
    if (step.isNew) this.#claim(pipelineId, "run");
    const grant = this.#grants.get(pipelineId)?.at(-1 - step.grantAge);
    if (grant === undefined) return;
    const baseSequence = Math.max(0, this.model.head - step.lag);
    const byTable = new Map(step.changes.map((change) => [tableOf(change.table), change]));
    const tables = [...byTable].map(([tableId, change], index) =>
      this.#changeOf({ grant, tableId, how: change.how, pick: change.pick, index }),
    );
    const cursors = new Map(step.cursors.map((cursor) => [streamOf(cursor.stream), cursor.value]));
    const manifest = manifestOf(pipelineId, grant, {
      kind: tables.length === 0 ? "cursor" : "run",
      baseSequence,
      tables,
      cursors: [...cursors].map(([stream, value]) => cursorAt(stream, value)),
    });
    this.#commit(manifest, grant, step);
  }

  #changeOf(about: {
    readonly grant: Grant;
    readonly tableId: string;
    readonly how: CommitStep["changes"][number]["how"];
    readonly pick: number;
    readonly index: number;
  }): TableChange {
    const { grant, tableId, how, pick, index } = about;
    const table = this.model.tables.get(tableId);
    const added = fileOf(grant, index * 10, {
      path: `${grant.epoch}/${this.applied.length}/${index}`,
    });
    if (table === undefined) {
      const created = { naming: "source", shared: pick % 2 === 0, reserved: [] } as const;
      return changeOf(tableId, [added], { ...creation, created });
    }
    const data = table.files.filter((file) => file.kind === "data");
    const one = data[pick % Math.max(1, data.length)]?.fileId;
    const path = `${added.path}-d`;
    switch (how) {
      case "append":
        return changeOf(tableId, [added]);
      case "replace":
        return changeOf(tableId, [added], { disposition: "replace", removed: "all" });
      case "merge":
      case "mask": {
        const disposition = how === "merge" ? how : "append";
        if (one === undefined) return changeOf(tableId, [added], { disposition });
        const deletes = { ...deletesOf(grant, index * 10 + 1, [one]), path };
        return changeOf(tableId, [added, deletes], { disposition });
      }
      case "remove":
        return changeOf(tableId, [added], { removed: one === undefined ? [] : [one] });
    }
  }

  #commit(manifest: Manifest, grant: Grant, { staleCursors, at }: CommitStep): void {
    const digest = staleCursors ? "0".repeat(64) : this.#digest(manifest.pipelineId, grant);
    const command = commitOf(manifest, { cursorsDigest: digest }, { at: String(at) });
    const { code, answer } = this.#apply(command, manifest);
    const done = this.model.doneBefore(command);
    if (done !== undefined) {
      expect(answer).toMatchObject({ sequence: done.sequence, at: done.at });
      return;
    }
    const right = this.model.refusals(command, manifest, !staleCursors);
    if (code !== null || right.length > 0) {
      expect(right).toContain(code);
      return;
    }
    const sequence = this.model.commit(command, manifest);
    expect(answer).toMatchObject({ sequence, at: this.model.commits.at(-1)?.at });
  }

  /** Of an older grant the cursors may have moved since, which isn't what the step is about. */
  #digest(pipelineId: string, grant: Grant): string {
    return this.#grants.get(pipelineId)?.at(-1)?.cursorsDigest ?? grant.cursorsDigest;
  }

  #compact(step: Extract<Step, { type: "compact" }>): void {
    const pipelineId = pipelineOf(step.pipeline);
    const tableId = tableOf(step.table);
    const baseSequence = Math.max(0, this.model.head - step.lag);
    const base = this.model.snapshots[baseSequence - 1]?.files.get(tableId) ?? [];
    if (base.length === 0) return;
    const data = base.filter((file) => file.kind === "data");
    const inputs = data.filter((_, index) => (step.pick >> index) % 2 === 0);
    const ids = inputs.map((file) => file.fileId);
    // Deletes go with the last of the files that they mask.
    const deletes = base.filter(
      (file) => file.kind === "deletes" && file.masks.every((mask) => ids.includes(mask.fileId)),
    );
    const grant = this.#claim(pipelineId, "compaction");
    const removed = [...inputs, ...deletes].map((file) => file.fileId);
    const added = fileOf(grant, 0, { path: `${grant.epoch}/${this.applied.length}/c` });
    const change = changeOf(tableId, [added], { disposition: "compact", removed });
    const kind = "compaction";
    const manifest = manifestOf(pipelineId, grant, { kind, baseSequence, tables: [change] });
    this.#commit(manifest, grant, { staleCursors: false, at: this.#clock } as CommitStep);
  }

  #again(pick: number): void {
    const done = this.model.commits[pick % Math.max(1, this.model.commits.length)];
    if (done === undefined) return;
    const { code, answer } = this.#apply(done.command, done.manifest);
    expect(code).toBeNull();
    expect(answer).toMatchObject({ sequence: done.sequence, at: done.at });
  }

  #expire({ keep, since, pinned }: Extract<Step, { type: "expire" }>): void {
    const command = { kind: "expire_snapshots", version: 1, keep, pinned } as const;
    const at = this.#clock;
    const { answer } = this.#apply({ ...command, since: String(since), at: String(at) });
    expect(answer).toEqual({ expired: this.model.expire(keep, since, pinned, at) });
  }

  #mark(before: number): void {
    const fileIds = [...this.model.files.keys()].slice(0, 256);
    const command = { kind: "mark_deleting", version: 1, fileIds } as const;
    const bound = String(before);
    const { answer } = this.#apply({
      ...command,
      unreferencedBefore: bound,
      at: String(this.#clock),
    });
    expect(answer).toEqual({ marked: this.model.mark(fileIds, before) });
  }

  #forget(pick: number): void {
    const marked = [...this.model.files].filter(([, file]) => file.isDeleting);
    const any = [...this.model.files.keys()];
    const other = any[pick % Math.max(1, any.length)];
    const fileIds = [
      ...marked.map(([fileId]) => fileId),
      ...(pick % 5 === 0 && other ? [other] : []),
    ];
    const { code, answer } = this.#apply({ kind: "forget_files", version: 1, fileIds });
    const forgotten = this.model.forget([...new Set(fileIds)]);
    if (forgotten === null) expect(code).toBe("refused.file_not_deleting");
    else expect(answer).toEqual({ forgotten });
  }

  /** Expects a database to say of now and of every retained snapshot what the model says. */
  compare(database: SqlDatabase): void {
    expect(queryHead(database).sequence).toBe(this.model.head);
    this.#compareRuns(database);
    const retained = this.model.snapshots.filter((snapshot) => snapshot.isRetained);
    expect(querySnapshots(database, null, 500).map(({ sequence }) => sequence)).toEqual(
      retained.map(({ sequence }) => sequence).toReversed(),
    );
    for (const { sequence } of retained) this.compareSnapshot(database, sequence);
    for (const id of pipelineIds) {
      expect(cursorsOf(database, id)).toEqual(Object.fromEntries(this.model.cursors(id)));
    }
    const unreferenced = [...this.model.files].filter(
      ([, file]) => file.unreferencedSince !== null,
    );
    expect(
      queryUnreferenced(database, 0).map((file) => [file.fileId, Number(file.unreferencedSince)]),
    ).toEqual(unreferenced.map(([id, file]) => [id, file.unreferencedSince]).toSorted(byFirst));
  }

  #compareRuns(database: SqlDatabase): void {
    const runs = queryRuns(database, { pipelineId: null, beforeRunId: null, limit: 500 });
    const idsOf = (kind: RunState["kind"]) =>
      runs.filter(({ state }) => state.kind === kind).map(({ runId }) => runId);
    expect(idsOf("running").toSorted()).toEqual(this.model.running);
    const committed = this.model.commits.map(({ manifest }) => manifest.runId);
    expect(new Set(idsOf("succeeded"))).toEqual(new Set(committed));
  }

  /** Expects a database to show a snapshot as the model copied it, files and cursors. */
  compareSnapshot(database: SqlDatabase, sequence: number): void {
    const snapshot = this.model.snapshots[sequence - 1];
    this.compareFiles(database, sequence);
    for (const id of pipelineIds) {
      const expected = Object.fromEntries(snapshot?.cursors.get(id) ?? []);
      expect(cursorsOf(database, id, sequence)).toEqual(expected);
    }
  }

  /** Expects a database to show the files of a snapshot as the model copied them. */
  compareFiles(database: SqlDatabase, sequence: number): void {
    for (const tableId of tableIds) {
      const found = queryFiles(database, { tableId, sequence, afterFileId: 0 });
      const expected = this.model.snapshots[sequence - 1]?.files.get(tableId) ?? [];
      expect(found).toMatchObject(expected);
      expect(found.length).toBe(expected.length);
    }
  }
}

/** A pipeline's cursors by stream, as of a sequence or now. */
export function cursorsOf(database: SqlDatabase, pipelineId: string, sequence?: number) {
  const found = queryCursors(database, pipelineId, sequence);
  return Object.fromEntries(found.map((entry) => [entry.stream, entry.cursor.value]));
}

/** An even value takes the cursor away. */
function cursorAt(stream: string, value: number): CursorEntry {
  return entryOf(stream, value % 4 === 0 ? null : String(value));
}

function byFirst(a: readonly unknown[], b: readonly unknown[]): number {
  return Number(a[0]) - Number(b[0]);
}

const pipelineOf = (n: number): string => pipelineIds[n % pipelineIds.length] ?? "";
const tableOf = (n: number): string => tableIds[n % tableIds.length] ?? "";
const streamOf = (n: number): string => streams[n % streams.length] ?? "";
