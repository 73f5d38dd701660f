/** What a checkpoint leaves of a history answers, once replayed, like the whole of it. */
import { describe, expect, test } from "vitest";
import { queryPipelines } from "../../../src/catalog/query/pipeline-queries.ts";
import { queryCursors } from "../../../src/catalog/query/snapshot-queries.ts";
import {
  queryFiles,
  querySchemas,
  queryTables,
  queryTableSequence,
} from "../../../src/catalog/query/table-queries.ts";
import { foldHistory } from "../../../src/context/garbage/fold-history.ts";
import type { RecordedCommit } from "../../../src/context/rebuild/recorded-commit.ts";
import type { CursorEntry, Manifest, TableChange, TableFile } from "../../../src/core/snapshot.ts";
import {
  changeOf,
  creation,
  deletesOf,
  entryOf,
  fileOf,
  manifestOf,
  referenceOf,
  schemaOf,
  specOf,
} from "../../catalog/commands.ts";
import { applyNext, memoryDatabase, type MemoryDatabase } from "../../catalog/memory-database.ts";
import { seededRandom, withSeed, type SeededRandom } from "../../platform/seeded-random.ts";

const pipelines = ["pipeline-a", "pipeline-b"];

interface ModelTable {
  readonly tableId: string;
  version: number;
  live: readonly TableFile[];
}

/** A random history that a catalog takes: runs, compactions and commits of cursors. */
class RandomHistory {
  readonly commits: RecordedCommit[] = [];
  readonly #random: SeededRandom;
  readonly #tables = new Map<string, ModelTable>();
  #sequence = 0;
  #head: string | null = null;
  #epoch = 0;

  constructor(random: SeededRandom) {
    this.#random = random;
  }

  step(): void {
    const { below, chance } = this.#random;
    this.#epoch += 1;
    if (chance(0.2)) this.#commit("cursor", [], this.#cursors());
    else if (chance(0.25) && this.#tables.size > 0) this.#compact();
    else {
      const names = chance(0.3) ? ["t1", "t2"] : [`t${1 + below(2)}`];
      this.#commit(
        "run",
        names.map((name) => this.#change(name)),
        this.#cursors(),
      );
    }
  }

  #commit(
    kind: Manifest["kind"],
    tables: readonly TableChange[],
    cursors: readonly CursorEntry[],
  ): void {
    const pipelineId = pipelines[kind === "compaction" ? 0 : this.#random.below(2)] ?? "";
    const grant = { runId: `run-${this.#epoch}`, epoch: this.#epoch, loadedAt: "5" };
    const spec = specOf(`${pipelineId}-${this.#random.below(3)}`);
    const isSaid = kind !== "compaction" && this.#random.chance(0.8);
    const pipeline = isSaid ? { key: `key-${pipelineId}`, spec } : null;
    const manifest = manifestOf(pipelineId, grant, { kind, tables, cursors, pipeline });
    const parent = this.#head;
    const reference = referenceOf(manifest);
    if (kind !== "cursor") {
      this.#sequence += 1;
      this.#head = reference.sha256;
    }
    const sequence = kind === "cursor" ? null : this.#sequence;
    this.commits.push({ sequence, at: String(1000 + this.#epoch), parent, reference, manifest });
  }

  #cursors(): readonly CursorEntry[] {
    const { below, chance } = this.#random;
    if (chance(0.3)) return [];
    const value = chance(0.2) ? null : String(below(5));
    return [entryOf(`s${below(2)}`, value, { partition: chance(0.5) ? "p" : "" })];
  }

  #change(tableId: string): TableChange {
    const { below, chance } = this.#random;
    const known = this.#tables.get(tableId);
    const table = known ?? { tableId, version: 1, live: [] };
    const isNewSchema = known !== undefined && chance(0.2);
    if (isNewSchema) table.version += 1;
    const schemaVersion = table.version;
    let n = tableId === "t1" ? 0 : 100;
    const added: TableFile[] = Array.from({ length: below(3) }, () =>
      fileOf({ epoch: this.#epoch }, (n += 1), { schemaVersion }),
    );
    const disposition = (["append", "replace", "merge"] as const)[below(3)] ?? "append";
    if (disposition === "replace") table.live = [];
    const data = [...table.live, ...added].filter(({ kind }) => kind === "data");
    const masked = data.filter(() => chance(0.4)).map(({ fileId }) => fileId);
    if (disposition === "merge" && masked.length > 0) {
      added.push({ ...deletesOf({ epoch: this.#epoch }, n + 1, masked), schemaVersion });
    }
    table.live = [...table.live, ...added];
    this.#tables.set(tableId, table);
    return changeOf(tableId, added, {
      disposition,
      removed: disposition === "replace" ? "all" : [],
      ...(known === undefined ? creation : {}),
      ...(isNewSchema ? { schema: schemaOf(table.version) } : {}),
    });
  }

  #compact(): void {
    const { chance } = this.#random;
    const [table] = [...this.#tables.values()];
    if (table === undefined) return;
    const gone = table.live.filter(({ kind }) => kind === "data" && chance(0.6));
    const staying = table.live.filter((file) => file.kind === "data" && !gone.includes(file));
    const ids = new Set(staying.map(({ fileId }) => fileId));
    const idle = table.live.filter(
      ({ kind, masks }) => kind === "deletes" && !masks.some(({ fileId }) => ids.has(fileId)),
    );
    const removed = [...gone, ...idle].map(({ fileId }) => fileId);
    const schemaVersion = table.version;
    const added = gone.length > 1 ? [fileOf({ epoch: this.#epoch }, 0, { schemaVersion })] : [];
    table.live = [...table.live.filter(({ fileId }) => !removed.includes(fileId)), ...added];
    const change = changeOf(table.tableId, added, { disposition: "compact", removed });
    this.#commit("compaction", [change], []);
  }
}

function replayed(commits: readonly RecordedCommit[]): MemoryDatabase {
  const database = memoryDatabase(true);
  for (const { sequence, at, reference, manifest } of commits) {
    const command = { kind: "restore_commit", version: 1, sequence, at } as const;
    applyNext<"restore_commit">(database, { ...command, manifest: reference }, manifest);
  }
  return database;
}

function answersAt(database: MemoryDatabase, sequence: number) {
  const tables = queryTables(database, sequence).map((table) => ({
    table,
    files: queryFiles(database, { tableId: table.tableId, sequence, afterFileId: -1 }),
    schemas: querySchemas(database, table.tableId),
    changed: queryTableSequence(database, table.tableId),
  }));
  const cursors = pipelines.map((id) => queryCursors(database, id, sequence));
  return { tables, cursors, now: pipelines.map((id) => queryCursors(database, id, undefined)) };
}

/** What makes pipelines the same ones after a rebuild. */
function identities(database: MemoryDatabase): unknown {
  return queryPipelines(database, null).map(({ pipelineId, key, spec }) => [pipelineId, key, spec]);
}

test("a folded history answers for each retained snapshot like the whole one", () =>
  withSeed((seed) => {
    const random = seededRandom(seed);
    for (let round = 0; round < 60; round += 1) {
      const history = new RandomHistory(random);
      while (history.commits.length < 25) history.step();
      const sequences = history.commits.flatMap(({ sequence }) => sequence ?? []);
      const head = sequences.at(-1) ?? 0;
      const retained = new Set(sequences.filter((each) => each === head || random.chance(0.3)));
      const early = new Set(sequences.filter((each) => retained.has(each) || random.chance(0.4)));
      // Twice, as collections one after the other do it.
      const once = fold(history.commits, early);
      const twice = fold(once, retained);
      const [whole, cut] = [replayed(history.commits), replayed(twice)];
      expect(identities(cut)).toEqual(identities(whole));
      for (const sequence of retained) {
        expect(answersAt(cut, sequence)).toEqual(answersAt(whole, sequence));
      }
    }
  }));

/** The history as a rebuild would find it: the checkpoint, then what isn't in it. */
function fold(
  commits: readonly RecordedCommit[],
  retained: ReadonlySet<number>,
): readonly RecordedCommit[] {
  const { folded, checkpoint } = foldHistory(commits, retained);
  const kept = new Map(checkpoint.map((commit) => [commit.reference.sha256, commit]));
  const gone = new Set(folded.map(({ reference }) => reference.sha256));
  return commits.flatMap((commit) => {
    const { sha256 } = commit.reference;
    return gone.has(sha256) ? (kept.get(sha256) ?? []) : [commit];
  });
}

describe("a file of expired snapshots only", () => {
  const file = fileOf({ epoch: 1 }, 0);
  const commitOf = (sequence: number, change: TableChange): RecordedCommit => {
    const grant = { runId: `run-${sequence}`, epoch: sequence, loadedAt: "5" };
    const manifest = manifestOf("pipeline-a", grant, { tables: [change] });
    return { sequence, at: "1", parent: null, reference: referenceOf(manifest), manifest };
  };
  const commits = [
    commitOf(1, changeOf("t1", [file], creation)),
    commitOf(2, changeOf("t1", [], { removed: [file.fileId] })),
    commitOf(3, changeOf("t1", [])),
  ];
  const filesOf = (retained: readonly number[]) =>
    foldHistory(commits, new Set(retained)).checkpoint.flatMap(({ manifest }) =>
      manifest.tables.flatMap(({ added, removed }) => [added.length, removed.length]),
    );

  test("is left out, with what took it away", () => {
    expect(filesOf([3])).toEqual([0, 0, 0, 0]);
  });

  test("stays as long as a commit of its own manifest takes it away", () => {
    expect(filesOf([2, 3])).toEqual([1, 0]);
  });
});
