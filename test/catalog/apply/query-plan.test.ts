/**
 * A commit costs the same in a store of ten runs and of ten thousand: every statement finds its
 * rows by a key. SQLite's own plans say so, which no clock could.
 */
import { describe, expect, test } from "vitest";
import type { CommitKind } from "../../../src/core/catalog-command.ts";
import { queryHead } from "../../../src/catalog/query/head-query.ts";
import { queryPipeline, queryPipelines } from "../../../src/catalog/query/pipeline-queries.ts";
import { queryRun, queryRuns, querySpans } from "../../../src/catalog/query/run-queries.ts";
import {
  queryCursors,
  querySnapshotAt,
  querySnapshots,
} from "../../../src/catalog/query/snapshot-queries.ts";
import {
  queryFiles,
  queryIsReferenced,
  querySchemas,
  queryTable,
  queryTables,
  queryUnreferenced,
} from "../../../src/catalog/query/table-queries.ts";
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
  referenceOf,
  registerOf,
  schemaOf,
  type WholeRun,
} from "../commands.ts";
import { recordOf, spanOf } from "../contract/traces.ts";
import { applyNext, memoryDatabase, type MemoryDatabase } from "../memory-database.ts";

function commitRun(database: MemoryDatabase, runId: string, run: WholeRun): void {
  const { tables, what = "run", at = "1600", ...over } = run;
  const grant = applyNext<"claim_run">(database, claimOf("p1", runId, { what }));
  const manifest = manifestOf("p1", grant, {
    baseSequence: queryHead(database).sequence,
    tables: tables?.(grant) ?? [],
    ...over,
  });
  applyNext<CommitKind>(database, commitOf(manifest, grant, { at }), manifest);
}

/** Every command at work, with each of the ways that it may take. */
function everyCommand(database: MemoryDatabase): void {
  applyNext<"register_pipeline">(database, registerOf("p1"));
  applyNext<"register_pipeline">(database, registerOf("p1"));
  const grant = applyNext<"claim_run">(database, claimOf("p1", "r0"));
  applyNext<"move_run">(database, moveOf(grant, failedOf(grant, 1)));
  const again = applyNext<"claim_run">(database, claimOf("p1", "r0"));
  applyNext<"count_attempt">(database, {
    kind: "count_attempt",
    version: 1,
    runId: "r0",
    epoch: again.epoch,
    stream: "s",
    partition: "",
    cursorDigest: "c",
    at: "1000",
  });
  applyNext<"record_spans">(database, recordOf("r0", [spanOf(0)]));
  const a = fileOf(again, 0).fileId;
  const first = manifestOf("p1", again, {
    tables: [changeOf("t1", [fileOf(again, 0), fileOf(again, 1)], creation)],
    cursors: [entryOf("s", "1")],
  });
  applyNext<CommitKind>(database, commitOf(first, again), first);
  commitRun(database, "r1", {
    tables: (g) => [changeOf("t1", [deletesOf(g, 0, [a])], { schema: schemaOf(2) })],
    cursors: [entryOf("s", "2")],
  });
  commitRun(database, "r2", { kind: "cursor", cursors: [entryOf("s", "3")] });
  commitRun(database, "r3", { kind: "cursor", cursors: [entryOf("s", "4")] });
  commitRun(database, "r4", {
    kind: "compaction",
    what: "compaction",
    tables: (g) => [changeOf("t1", [fileOf(g, 0)], { disposition: "compact", removed: [a] })],
  });
  commitRun(database, "r5", {
    tables: (g) => [changeOf("t1", [fileOf(g, 0)], { disposition: "replace", removed: "all" })],
  });
  applyNext<"mark_deleting">(database, {
    kind: "mark_deleting",
    version: 1,
    fileIds: [a],
    unreferencedBefore: "9000",
    at: "9000",
  });
  const fileIds = [7];
  applyNext<"forget_files">(database, { kind: "forget_files", version: 1, fileIds });
}

function everyQuery(database: MemoryDatabase): void {
  queryPipeline(database, { id: "p1" });
  queryPipeline(database, { name: "p1" });
  queryPipeline(database, { key: "key-p1" });
  queryPipelines(database, null);
  queryRun(database, "r1");
  for (const pipelineId of [null, "p1"]) {
    queryRuns(database, { pipelineId, beforeRunId: "r3", limit: 10 });
  }
  querySpans(database, "r0", 0);
  querySnapshots(database, null, 10);
  querySnapshotAt(database, { at: "5" });
  querySnapshotAt(database, { sequence: 1 });
  queryCursors(database, "p1", undefined);
  queryCursors(database, "p1", 1);
  queryTables(database, 1);
  queryTable(database, { namespace: "main", name: "t1" }, 1);
  querySchemas(database, "t1");
  for (const sequence of [1, 99]) {
    queryFiles(database, { tableId: "t1", sequence, afterFileId: 0 });
  }
  queryUnreferenced(database, 0);
  queryIsReferenced(database, "x");
}

/** What the plans of these statements say of reading without a key. */
function scans(database: MemoryDatabase, statements: readonly string[]): readonly string[] {
  return [...new Set(statements)].flatMap((sql) =>
    planOf(database, sql)
      .filter((detail) => /\bSCAN\b|TEMP B-TREE/u.test(detail))
      .map((detail) => `${detail} in: ${sql.replaceAll(/\s+/gu, " ")}`),
  );
}

function planOf(database: MemoryDatabase, sql: string): readonly string[] {
  const values = Array.from({ length: sql.split("?").length - 1 }, () => 1);
  return database.raw
    .prepare<number[], { detail: string }>(`explain query plan ${sql}`)
    .all(...values)
    .map(({ detail }) => detail);
}

describe("the statements", () => {
  test("of commands read no table as a whole", () => {
    const database = memoryDatabase();
    everyCommand(database);
    expect(new Set(database.statements).size).toBeGreaterThan(40);
    expect(scans(database, database.statements)).toEqual([]);
  });

  test("of a rebuild read none but for its end", () => {
    const database = memoryDatabase(true);
    const manifest = manifestOf(
      "p1",
      { runId: "r1", epoch: 1, loadedAt: "1" },
      {
        tables: [changeOf("t1", [fileOf({ epoch: 1 }, 0)], creation)],
      },
    );
    const reference = referenceOf(manifest);
    applyNext<"restore_commit">(
      database,
      { kind: "restore_commit", version: 1, sequence: 1, manifest: reference, at: "1" },
      manifest,
    );
    expect(scans(database, database.statements)).toEqual([]);
  });

  test("of queries read no table as a whole, and sort nothing", () => {
    const database = memoryDatabase();
    everyCommand(database);
    const from = database.statements.length;
    everyQuery(database);
    expect(scans(database, database.statements.slice(from))).toEqual([]);
  });

  test("of expiry alone walk removed files and past cursors, by their own indexes", () => {
    const database = memoryDatabase();
    everyCommand(database);
    const from = database.statements.length;
    applyNext<"expire_snapshots">(database, {
      kind: "expire_snapshots",
      version: 1,
      keep: 1,
      since: "9000",
      pinned: [],
      at: "9000",
    });
    // As many rows as are kept, from the newest on.
    const keep = "select sequence from snapshots order by sequence desc limit 1 offset ?";
    expect(scans(database, database.statements.slice(from))).toEqual([
      `SCAN snapshots in: ${keep}`,
    ]);
  });

  // A search by the beginning of a key can walk all of a pipeline's or a table's past, unlike one
  // by the index of what is current.
  test.each([
    ["until_sequence is null", "cursors_now"],
    ["phase <> 'over'", "runs_not_over"],
    ["table_id = ? and removed_sequence is null", "files_live"],
  ])("that ask for what is current, by %s, walk no past", (asked, index) => {
    const database = memoryDatabase();
    everyCommand(database);
    everyQuery(database);
    const asking = [...new Set(database.statements)].filter((sql) => sql.includes(asked));
    const byKey = asking.filter((sql) => !/file_id = \?/u.test(sql));
    expect(byKey.length).toBeGreaterThan(0);
    for (const sql of byKey) expect(planOf(database, sql).join()).toContain(` ${index} `);
  });

  test("would be reported if they read a table as a whole", () => {
    const database = memoryDatabase();
    expect(scans(database, ["select 1 from files where rows = ?"])).toHaveLength(1);
    expect(scans(database, ["select 1 from files order by sha256"])).not.toEqual([]);
  });
});

describe("the 300th commit of a pipeline", () => {
  test("runs as many statements as the 10th", () => {
    const database = memoryDatabase();
    everyCommand(database);
    const counts: number[] = [];
    for (let n = 0; n < 300; n += 1) {
      const from = database.statements.length;
      commitRun(database, `n${n}`, {
        tables: (grant) => [changeOf("t1", [fileOf(grant, 0, { schemaVersion: 2 })])],
        cursors: [entryOf("s", `n${n}`)],
      });
      counts.push(database.statements.length - from);
    }
    expect(counts[299]).toBe(counts[9]);
  });
});
