/** The bounds of commands, each at its maximum and one beyond, and what apply stops at. */
import { describe, expect, test } from "vitest";
import { apply } from "../../../src/catalog/apply/apply.ts";
import { expiredMax, fileIdsMax } from "../../../src/catalog/apply/expire-snapshots.ts";
import { spansPerCommandMax, spansPerRunMax } from "../../../src/catalog/apply/record-spans.ts";
import { readStore } from "../../../src/catalog/apply/store-row.ts";
import {
  commandBytesMax,
  type CommitKind,
  type ForgetFiles,
  type MarkDeleting,
} from "../../../src/core/catalog-command.ts";
import { canonicalJson } from "../../../src/core/json.ts";
import { caught } from "../../core/caught.ts";
import {
  changeOf,
  claimOf,
  commitOf,
  creation,
  fileOf,
  manifestOf,
  moveOf,
  registerOf,
} from "../commands.ts";
import { recordOf, spanOf } from "../contract/traces.ts";
import { applyNext, memoryDatabase, type MemoryDatabase } from "../memory-database.ts";

function commitOne(database: MemoryDatabase, runId: string, isFirst: boolean): void {
  const grant = applyNext<"claim_run">(database, claimOf("p1", runId));
  const over = isFirst ? creation : ({ disposition: "replace", removed: "all" } as const);
  const manifest = manifestOf("p1", grant, {
    baseSequence: readStore(database)?.headSequence ?? 0,
    tables: [changeOf("t1", [fileOf(grant, 0)], over)],
  });
  applyNext<CommitKind>(database, commitOf(manifest, grant), manifest);
}

function withPipeline(): MemoryDatabase {
  const database = memoryDatabase();
  applyNext<"register_pipeline">(database, registerOf("p1"));
  return database;
}

describe("a command", () => {
  test("of at most 64 KiB is taken", () => {
    const database = withPipeline();
    const grant = applyNext<"claim_run">(database, claimOf("p1", "r1"));
    const { epoch } = grant;
    const event = { type: "batch_written", epoch, writtenBatches: 1 } as const;
    const room = commandBytesMax - canonicalJson(moveOf(grant, event, { report: "" })).length;
    const full = moveOf(grant, event, { report: "x".repeat(room) });
    const over = moveOf(grant, event, { report: "x".repeat(room + 1) });
    expect(caught(() => applyNext<"move_run">(database, over)).code).toBe(
      "refused.command_too_large",
    );
    expect(applyNext<"move_run">(database, full).state.kind).toBe("running");
  });

  test("that expires lets at most 256 snapshots go, the oldest first", () => {
    const database = withPipeline();
    for (let n = 1; n <= expiredMax + 2; n += 1) commitOne(database, `r${n}`, n === 1);
    const expire = () =>
      applyNext<"expire_snapshots">(database, {
        kind: "expire_snapshots",
        version: 1,
        keep: 1,
        since: "9000",
        pinned: [2],
        at: "9000",
      }).expired;
    const expected = [1, ...Array.from({ length: expiredMax - 1 }, (_, index) => index + 3)];
    expect(expire()).toEqual(expected.slice(0, expiredMax));
    expect(expire()).toEqual([]);
    commitOne(database, "last", false);
    expect(expire()).toEqual([expiredMax + 2]);
  });

  test("marks or forgets at most 256 files", () => {
    const database = withPipeline();
    const ids = Array.from({ length: fileIdsMax + 1 }, (_, index) => index + 1);
    const mark = (fileIds: readonly number[]): MarkDeleting => ({
      kind: "mark_deleting",
      version: 1,
      fileIds,
      unreferencedBefore: "1",
      at: "1",
    });
    const forget = (fileIds: readonly number[]): ForgetFiles => ({
      kind: "forget_files",
      version: 1,
      fileIds,
    });
    const full = ids.slice(0, fileIdsMax);
    expect(applyNext<"mark_deleting">(database, mark(full)).marked).toEqual([]);
    expect(applyNext<"forget_files">(database, forget(full)).forgotten).toBe(0);
    for (const refused of [
      caught(() => applyNext<"mark_deleting">(database, mark(ids))),
      caught(() => applyNext<"forget_files">(database, forget(ids))),
    ]) {
      expect(refused.code).toBe("refused.command_too_large");
    }
  });

  test("adds no span to a run that has 10,000", () => {
    const database = withPipeline();
    applyNext<"claim_run">(database, claimOf("p1", "r1"));
    let kept = 0;
    for (let from = 0; from < spansPerRunMax + 1; from += spansPerCommandMax) {
      const spans = Array.from({ length: spansPerCommandMax }, (_, index) => spanOf(from + index));
      kept += applyNext<"record_spans">(database, recordOf("r1", spans)).kept;
    }
    expect(kept).toBe(spansPerRunMax);
  });

  test.each(["", "-1", "01", "1.5", "1e3", "9007199254740992", "x"])(
    "with the time '%s' is refused",
    (at) => {
      const refused = caught(() =>
        applyNext<"register_pipeline">(withPipeline(), registerOf("p2", { at })),
      );
      expect(refused.code).toBe("refused.time");
    },
  );
});

describe("apply", () => {
  test("stops at a command of an unknown kind or version", () => {
    const database = withPipeline();
    // What a newer member of a cluster may have put into the log.
    const newer = { ...registerOf("p2"), version: 2 } as unknown as ReturnType<typeof registerOf>;
    const other = { ...registerOf("p2"), kind: "x" } as unknown as ReturnType<typeof registerOf>;
    for (const command of [newer, other]) {
      expect(() => applyNext<"register_pipeline">(database, command)).toThrow(
        "expected a known command",
      );
    }
  });

  test("stops at a position that isn't higher than the last one", () => {
    const database = withPipeline();
    expect(() => apply<"register_pipeline">(database, registerOf("p2"), 1)).toThrow(
      "expected a position above 1, got 1",
    );
  });

  test("takes the position for the grant's part of the epoch", () => {
    const database = withPipeline();
    expect(apply<"claim_run">(database, claimOf("p1", "r1"), 77).epoch).toBe(77);
    expect(readStore(database)?.position).toBe(77);
  });

  test("stops at a commit that came without its manifest", () => {
    const database = withPipeline();
    const grant = applyNext<"claim_run">(database, claimOf("p1", "r1"));
    const commit = commitOf(manifestOf("p1", grant, { kind: "cursor" }), grant);
    expect(() => applyNext<CommitKind>(database, commit)).toThrow("expected the manifest");
  });
});
