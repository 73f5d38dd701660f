/** A fixed history that leaves something in every table and column of a catalog. */
import type { CommitKind } from "../../src/core/catalog-command.ts";
import { queryHead } from "../../src/catalog/query/head-query.ts";
import { queryUnreferenced } from "../../src/catalog/query/table-queries.ts";
import {
  broken,
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
  schemaOf,
  type WholeRun,
} from "./commands.ts";
import { recordOf, spanOf } from "./contract/traces.ts";
import { applyNext, memoryDatabase, type MemoryDatabase } from "./memory-database.ts";

function runOnce(database: MemoryDatabase, pipeline: string, runId: string, run: WholeRun): void {
  const { tables, what = "run", at = "5000", ...over } = run;
  const grant = applyNext<"claim_run">(database, claimOf(pipeline, runId, { what }));
  const manifest = manifestOf(pipeline, grant, {
    baseSequence: queryHead(database).sequence,
    tables: tables?.(grant) ?? [],
    ...over,
  });
  const report = { tables: [{ table: "t1", rows: 20 }] };
  applyNext<CommitKind>(database, commitOf(manifest, grant, { at, report }), manifest);
}

/** A table whose name has to be quoted. */
const second = { namespace: "raw", name: `It's "T2"` };

/** The catalog after that history. */
export function goldenDatabase(): MemoryDatabase {
  const database = memoryDatabase();
  applyNext<"register_pipeline">(database, registerOf("p1"));
  applyNext<"register_pipeline">(database, registerOf("p2"));
  const grant = applyNext<"claim_run">(database, claimOf("p1", "r1"));
  const a = fileOf(grant, 0);
  const first = manifestOf("p1", grant, {
    tables: [changeOf("t1", [a, fileOf(grant, 1)], creation)],
    cursors: [entryOf("s", "1", { boundaryPath: "runs/r1/1-0.lines" }), entryOf("gone", "1")],
  });
  applyNext<CommitKind>(database, commitOf(first, grant, { at: "4000" }), first);
  applyNext<"record_spans">(database, recordOf("r1", [spanOf(0), spanOf(1)]));
  runOnce(database, "p1", "r2", {
    tables: (g) => [
      changeOf("t1", [deletesOf(g, 0, [a.fileId])], { disposition: "merge", schema: schemaOf(2) }),
    ],
    cursors: [entryOf("s", "2", { boundaryPath: "runs/r2/3-0.lines" }), entryOf("gone", null)],
  });
  runOnce(database, "p1", "r3", { kind: "cursor", cursors: [entryOf("s", "3")] });
  runOnce(database, "p2", "r4", {
    tables: (g) => [
      changeOf("t2", [fileOf(g, 0)], {
        ...second,
        created: { naming: "snake_case", shared: true, reserved: [2_000_000_001] },
        schema: schemaOf(1),
      }),
    ],
  });
  runOnce(database, "p1", "r5", {
    kind: "compaction",
    what: "compaction",
    tables: (g) => [
      changeOf("t1", [fileOf(g, 0)], { disposition: "compact", removed: [a.fileId] }),
    ],
  });
  const replace = { ...second, disposition: "replace", removed: "all" } as const;
  runOnce(database, "p2", "r10", {
    tables: (g) => [changeOf("t2", [fileOf(g, 0)], replace)],
  });
  leaveRuns(database);
  applyNext<"expire_snapshots">(database, {
    kind: "expire_snapshots",
    version: 1,
    keep: 1,
    since: "9000",
    pinned: [2],
    at: "7000",
  });
  applyNext<"mark_deleting">(database, {
    kind: "mark_deleting",
    version: 1,
    fileIds: queryUnreferenced(database, 0).map((file) => file.fileId),
    unreferencedBefore: "8000",
    at: "8000",
  });
  return database;
}

/** One run of each state that has no snapshot, and attempts of the one under way. */
function leaveRuns(database: MemoryDatabase): void {
  const failed = applyNext<"claim_run">(database, claimOf("p2", "r6"));
  applyNext<"move_run">(database, moveOf(failed, failedOf(failed, 0), { report: { rows: 0 } }));
  const given = applyNext<"claim_run">(database, claimOf("p2", "r7"));
  applyNext<"move_run">(database, moveOf(given, failedOf(given, 2), { error: broken }));
  const cancelled = applyNext<"claim_run">(database, claimOf("p2", "r8", { resumeKey: "k2" }));
  const told = { epoch: cancelled.epoch, writtenBatches: 1 };
  applyNext<"move_run">(database, moveOf(cancelled, { type: "cancelled", ...told }));
  applyNext<"claim_run">(database, claimOf("p2", "g1", { what: "gc" }));
  const running = applyNext<"claim_run">(database, claimOf("p1", "r9"));
  applyNext<"count_attempt">(database, {
    kind: "count_attempt",
    version: 1,
    runId: "r9",
    epoch: running.epoch,
    stream: "s",
    partition: "all",
    cursorDigest: "c",
    at: "1000",
  });
}
