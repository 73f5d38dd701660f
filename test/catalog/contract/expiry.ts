/** Expiry: what is let go, what that leaves unreferenced, and how a file leaves the store. */
import { describe, expect, test } from "vitest";
import type { Catalog } from "../../../src/core/ports/catalog.ts";
import type { OpenCatalog } from "../catalog-contract.ts";
import {
  changeOf,
  creation,
  entryOf,
  fileOf,
  referenceOf,
  registerOf,
  runOnce,
} from "../commands.ts";
import { refusalOf } from "../refusal-of.ts";

/** Five snapshots at 1000, 2000 ... 5000, each of which replaces the file and cursor before it. */
async function withReplaces(open: OpenCatalog) {
  const catalog = await open("create");
  await catalog.apply<"register_pipeline">(registerOf("p1"));
  const fileIds: number[] = [];
  for (const n of [1, 2, 3, 4, 5]) {
    const over = n === 1 ? creation : ({ disposition: "replace", removed: "all" } as const);
    const run = await runOnce(catalog, "p1", `r${n}`, {
      tables: (grant) => [changeOf("t1", [fileOf(grant, 0)], over)],
      cursors: [entryOf("s", String(n), { boundaryPath: `b${n}` })],
      at: String(n * 1000),
    });
    fileIds.push(fileOf(run.grant, 0).fileId);
  }
  return { catalog, fileIds };
}

interface Expiry {
  readonly keep: number;
  readonly since: number;
  readonly pinned?: readonly number[];
  readonly at?: number;
}

async function expire(catalog: Catalog, { keep, since, pinned = [], at = 9000 }: Expiry) {
  const answer = await catalog.apply<"expire_snapshots">({
    kind: "expire_snapshots",
    version: 1,
    keep,
    since: String(since),
    pinned,
    at: String(at),
  });
  return answer.expired;
}

const mark = (catalog: Catalog, fileIds: readonly number[], before: number) =>
  catalog.apply<"mark_deleting">({
    kind: "mark_deleting",
    version: 1,
    fileIds,
    unreferencedBefore: String(before),
    at: "9999",
  });

const forget = (catalog: Catalog, fileIds: readonly number[]) =>
  catalog.apply<"forget_files">({ kind: "forget_files", version: 1, fileIds });

const retained = async (catalog: Catalog) =>
  (await catalog.snapshots(null, 10)).map((snapshot) => snapshot.sequence);

const unreferenced = async (catalog: Catalog) =>
  (await catalog.unreferenced(0)).map((file) => file.fileId);

/** The suite on an adapter. */
export function expiryContract(open: OpenCatalog): void {
  describe("expiry", () => {
    test("keeps the newest snapshots by number", async () => {
      const { catalog } = await withReplaces(open);
      expect(await expire(catalog, { keep: 3, since: 9000 })).toEqual([1, 2]);
      expect(await retained(catalog)).toEqual([5, 4, 3]);
    });

    test("keeps the snapshots that were taken since a time", async () => {
      const { catalog } = await withReplaces(open);
      expect(await expire(catalog, { keep: 1, since: 3000 })).toEqual([1, 2]);
      expect(await expire(catalog, { keep: 1, since: 3000 })).toEqual([]);
    });

    test("keeps the newest snapshot whatever is asked", async () => {
      const { catalog } = await withReplaces(open);
      await expire(catalog, { keep: 0, since: 9000 });
      expect(await retained(catalog)).toEqual([5]);
    });

    test("passes over a pinned snapshot, whose files stay", async () => {
      const { catalog, fileIds } = await withReplaces(open);
      const expired = await expire(catalog, { keep: 2, since: 9000, pinned: [2] });
      expect(expired).toEqual([1, 3]);
      expect(await retained(catalog)).toEqual([5, 4, 2]);
      expect(await unreferenced(catalog)).toEqual([fileIds[0], fileIds[2]]);
      expect((await catalog.files("t1", 2, 0)).map((file) => file.fileId)).toEqual([fileIds[1]]);
    });

    test("leaves no older snapshot in the place of an expired one", async () => {
      const { catalog } = await withReplaces(open);
      await expire(catalog, { keep: 2, since: 9000, pinned: [2] });
      expect(await catalog.snapshotAt({ at: "3500" })).toBeNull();
      expect((await catalog.snapshotAt({ at: "2500" }))?.sequence).toBe(2);
    });

    test("gives a file its time when its last snapshot goes, and not again", async () => {
      const { catalog, fileIds } = await withReplaces(open);
      await expire(catalog, { keep: 4, since: 9000, at: 6000 });
      await expire(catalog, { keep: 3, since: 9000, at: 7000 });
      expect(await catalog.unreferenced(0)).toEqual([
        {
          fileId: fileIds[0],
          tableId: "t1",
          path: fileOf({ epoch: 2 }, 0).path,
          sizeBytes: 100,
          unreferencedSince: "6000",
          deleting: false,
        },
        expect.objectContaining({ fileId: fileIds[1], unreferencedSince: "7000" }),
      ]);
      expect((await catalog.unreferenced(fileIds[0] ?? 0)).length).toBe(1);
    });

    test("lets cursors go that only expired snapshots had", async () => {
      const { catalog } = await withReplaces(open);
      await expire(catalog, { keep: 2, since: 9000, pinned: [2] });
      const at = async (sequence: number) =>
        (await catalog.cursors("p1", sequence))[0]?.cursor.value;
      expect(await Promise.all([1, 2, 3, 4, 5].map(at))).toEqual([
        undefined,
        "2",
        undefined,
        "4",
        "5",
      ]);
    });
  });

  describe("a file", () => {
    test("is marked only where it is unreferenced since before the bound", async () => {
      const { catalog, fileIds } = await withReplaces(open);
      await expire(catalog, { keep: 4, since: 9000, at: 6000 });
      await expire(catalog, { keep: 3, since: 9000, at: 7000 });
      expect(await mark(catalog, fileIds, 6000)).toEqual({ marked: [] });
      expect(await mark(catalog, fileIds, 7000)).toEqual({ marked: [fileIds[0]] });
      expect(await mark(catalog, fileIds, 7001)).toEqual({ marked: [fileIds[0], fileIds[1]] });
      expect((await catalog.unreferenced(0)).map((file) => file.deleting)).toEqual([true, true]);
    });

    test("is forgotten only when it is marked, and once", async () => {
      const { catalog, fileIds } = await withReplaces(open);
      await expire(catalog, { keep: 3, since: 9000, at: 6000 });
      const [first = 0, second = 0, third = 0] = fileIds;
      await mark(catalog, [first], 7000);
      expect(await refusalOf(forget(catalog, [first, second]))).toBe("refused.file_not_deleting");
      expect(await refusalOf(forget(catalog, [third]))).toBe("refused.file_not_deleting");
      expect(await forget(catalog, [first])).toEqual({ forgotten: 1 });
      expect(await forget(catalog, [first])).toEqual({ forgotten: 0 });
      expect(await unreferenced(catalog)).toEqual([second]);
    });
  });

  describe("a path", () => {
    test("is referenced as long as the catalog knows it", async () => {
      const { catalog, fileIds } = await withReplaces(open);
      const path = fileOf({ epoch: 2 }, 0).path;
      const run = await runOnce(catalog, "p1", "r6", { kind: "cursor" });
      const { path: manifest } = referenceOf(run.manifest);
      const all = async (paths: readonly string[]) =>
        Promise.all(paths.map((text) => catalog.isReferenced(text)));
      expect(await all([path, manifest, "b1", "b5", "other"])).toEqual([
        true,
        true,
        true,
        true,
        false,
      ]);
      await expire(catalog, { keep: 1, since: 9000, at: 6000 });
      await mark(catalog, fileIds, 7000);
      expect(await all([path, manifest, "b1", "b5"])).toEqual([true, true, false, true]);
      await forget(catalog, fileIds.slice(0, 1));
      expect(await all([path, manifest, "b5"])).toEqual([false, true, true]);
    });
  });
}
