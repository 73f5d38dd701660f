/** Commits: one item flips, once, for the latest grant, and all or nothing with it. */
import { describe, expect, test } from "vitest";
import type { CommitKind } from "../../../src/core/catalog-command.ts";
import type { Catalog } from "../../../src/core/ports/catalog.ts";
import type { OpenCatalog } from "../catalog-contract.ts";
import {
  changeOf,
  claimOf,
  commitOf,
  creation,
  deletesOf,
  entryOf,
  fileOf,
  manifestOf,
  moveOf,
  failedOf,
  referenceOf,
  registerOf,
  runOnce,
} from "../commands.ts";
import { refusalOf } from "../refusal-of.ts";

async function withTable(open: OpenCatalog) {
  const catalog = await open("create");
  await catalog.apply<"register_pipeline">(registerOf("p1"));
  const first = await runOnce(catalog, "p1", "r1", {
    tables: (grant) => [changeOf("t1", [fileOf(grant, 0)], creation)],
    cursors: [entryOf("s", "1")],
  });
  return { catalog, first };
}

const append = (catalog: Catalog, runId: string, at = "1600") =>
  runOnce(catalog, "p1", runId, {
    tables: (grant) => [changeOf("t1", [fileOf(grant, 0)])],
    at,
  });

/** The suite on an adapter. */
export function commitsContract(open: OpenCatalog): void {
  describe("a commit", () => {
    test("flips the head and ends its run", async () => {
      const { catalog, first } = await withTable(open);
      expect(first.committed).toEqual({ sequence: 1, at: "1600", parent: null });
      const { sha256 } = referenceOf(first.manifest);
      expect(await catalog.head()).toEqual({
        storeId: first.manifest.storeId,
        incarnation: 0,
        sequence: 1,
        manifestSha256: sha256,
        at: "1600",
      });
      expect(await catalog.run("r1")).toMatchObject({
        state: { kind: "succeeded", snapshot: 1 },
        endedAt: "1600",
      });
      const second = await append(catalog, "r2");
      expect(second.committed).toMatchObject({ sequence: 2, parent: sha256 });
    });

    test("keeps its report", async () => {
      const { catalog } = await withTable(open);
      const grant = await catalog.apply<"claim_run">(claimOf("p1", "r2"));
      const manifest = manifestOf("p1", grant, { kind: "cursor" });
      const commit = commitOf(manifest, grant, { report: { rows: 7 } });
      await catalog.apply<CommitKind>(commit, { manifest });
      expect((await catalog.run("r2"))?.report).toEqual({ rows: 7 });
    });

    test("counts as later than the one before, whatever its stamp says", async () => {
      const { catalog } = await withTable(open);
      expect((await append(catalog, "r2", "1600")).committed.at).toBe("1601");
      expect((await append(catalog, "r3", "5")).committed.at).toBe("1602");
      expect((await append(catalog, "r4", "9000")).committed.at).toBe("9000");
    });

    test("is answered the same again, even after later ones", async () => {
      const { catalog, first } = await withTable(open);
      const again = () => catalog.apply<CommitKind>(first.commit, { manifest: first.manifest });
      expect(await again()).toEqual(first.committed);
      await append(catalog, "r2");
      expect(await again()).toEqual(first.committed);
      expect((await catalog.head()).sequence).toBe(2);
    });

    test("of an older grant is refused", async () => {
      const { catalog } = await withTable(open);
      const stale = await catalog.apply<"claim_run">(claimOf("p1", "r2"));
      await catalog.apply<"claim_run">(claimOf("p1", "r3"));
      const manifest = manifestOf("p1", stale, {
        tables: [changeOf("t1", [fileOf(stale, 0)])],
      });
      const commit = commitOf(manifest, stale);
      expect(await refusalOf(catalog.apply<CommitKind>(commit, { manifest }))).toBe(
        "refused.stale_epoch",
      );
      expect((await catalog.head()).sequence).toBe(1);
    });

    test("of a run that ended is refused", async () => {
      const { catalog } = await withTable(open);
      const grant = await catalog.apply<"claim_run">(claimOf("p1", "r2"));
      await catalog.apply<"move_run">(moveOf(grant, failedOf(grant, 1)));
      const manifest = manifestOf("p1", grant, { kind: "cursor" });
      const work = catalog.apply<CommitKind>(commitOf(manifest, grant), { manifest });
      expect(await refusalOf(work)).toBe("refused.run_state");
    });

    test("of an unknown run is refused", async () => {
      const { catalog } = await withTable(open);
      const grant = await catalog.apply<"claim_run">(claimOf("p1", "r2"));
      const manifest = manifestOf("p1", { ...grant, runId: "r9" }, { kind: "cursor" });
      const work = catalog.apply<CommitKind>(commitOf(manifest, grant), { manifest });
      expect(await refusalOf(work)).toBe("refused.unknown_run");
    });

    test("that fails in its last table changes nothing", async () => {
      const { catalog } = await withTable(open);
      const grant = await catalog.apply<"claim_run">(claimOf("p1", "r2"));
      const good = changeOf("t2", [fileOf(grant, 0)], creation);
      const bad = changeOf("t1", [deletesOf(grant, 1, [12345])]);
      const manifest = manifestOf("p1", grant, {
        baseSequence: 1,
        tables: [good, bad],
        cursors: [entryOf("s", "2")],
      });
      const work = catalog.apply<CommitKind>(commitOf(manifest, grant), { manifest });
      expect(await refusalOf(work)).toBe("refused.manifest");
      expect((await catalog.tables(2)).map((table) => table.name)).toEqual(["t1"]);
      expect((await catalog.cursors("p1"))[0]?.cursor.value).toBe("1");
      expect((await catalog.run("r2"))?.state.kind).toBe("running");
      const right = { ...manifest, tables: [good] };
      const done = catalog.apply<CommitKind>(commitOf(right, grant), { manifest: right });
      expect(await done).toMatchObject({ sequence: 2 });
    });
  });

  describe("a snapshot", () => {
    test("says who took it and how many rows of which table it changed", async () => {
      const { catalog } = await withTable(open);
      const second = await runOnce(catalog, "p1", "r2", {
        tables: (grant) => [
          changeOf("t1", [
            fileOf(grant, 0),
            fileOf(grant, 1),
            deletesOf(grant, 2, [fileOf(grant, 0).fileId]),
          ]),
          changeOf("t2", [fileOf(grant, 3)], { ...creation, namespace: "raw" }),
        ],
      });
      const { sha256, path } = referenceOf(second.manifest);
      const snapshots = await catalog.snapshots(null, 10);
      expect(snapshots.map((snapshot) => snapshot.sequence)).toEqual([2, 1]);
      expect(snapshots[0]).toEqual({
        sequence: 2,
        runId: "r2",
        pipelineId: "p1",
        kind: "run",
        at: "1601",
        manifestSha256: sha256,
        manifestPath: path,
        tables: [
          { table: "t1", rowsAdded: 20, rowsMasked: 1 },
          { table: "raw.t2", rowsAdded: 10, rowsMasked: 0 },
        ],
      });
    });

    test("is found by its sequence and as the last one at or before a time", async () => {
      const { catalog } = await withTable(open);
      await append(catalog, "r2", "2000");
      const at = async (by: Parameters<Catalog["snapshotAt"]>[0]) =>
        (await catalog.snapshotAt(by))?.sequence ?? null;
      expect(await at({ sequence: 2 })).toBe(2);
      expect(await at({ sequence: 3 })).toBeNull();
      expect(await at({ at: "1599" })).toBeNull();
      expect(await at({ at: "1600" })).toBe(1);
      expect(await at({ at: "1999" })).toBe(1);
      expect(await at({ at: "2000" })).toBe(2);
    });

    test("is listed in pages", async () => {
      const { catalog } = await withTable(open);
      for (const run of ["r2", "r3"]) await append(catalog, run);
      const sequences = async (below: number | null, limit: number) =>
        (await catalog.snapshots(below, limit)).map((snapshot) => snapshot.sequence);
      expect(await sequences(null, 2)).toEqual([3, 2]);
      expect(await sequences(2, 2)).toEqual([1]);
    });
  });
}
