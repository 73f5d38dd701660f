/** Cursors: they move with the rows that they were read with, from exactly where they were. */
import { describe, expect, test } from "vitest";
import type { CommitKind } from "../../../src/core/catalog-command.ts";
import { cursorBytesMax } from "../../../src/core/cursor.ts";
import { canonicalJson } from "../../../src/core/json.ts";
import type { Catalog } from "../../../src/core/ports/catalog.ts";
import type { CursorEntry } from "../../../src/core/snapshot.ts";
import type { OpenCatalog } from "../catalog-contract.ts";
import {
  changeOf,
  claimOf,
  commitOf,
  creation,
  cursorOf,
  digestOfText,
  entryOf,
  fileOf,
  manifestOf,
  registerOf,
  runOnce,
} from "../commands.ts";
import { refusalOf } from "../refusal-of.ts";

async function withPipeline(open: OpenCatalog): Promise<Catalog> {
  const catalog = await open("create");
  await catalog.apply<"register_pipeline">(registerOf("p1"));
  return catalog;
}

const move = (catalog: Catalog, runId: string, cursors: readonly CursorEntry[]) =>
  runOnce(catalog, "p1", runId, { kind: "cursor", cursors });

const rows = (catalog: Catalog, runId: string, cursors: readonly CursorEntry[]) =>
  runOnce(catalog, "p1", runId, {
    tables: (grant) => [changeOf(`t-${runId}`, [fileOf(grant, 0)], creation)],
    cursors,
  });

async function values(catalog: Catalog, sequence?: number) {
  const found = await catalog.cursors("p1", sequence);
  return Object.fromEntries(found.map((entry) => [entry.stream, entry.cursor.value]));
}

/** The suite on an adapter. */
export function cursorsContract(open: OpenCatalog): void {
  describe("a cursor", () => {
    test("is moved without a snapshot by a commit of cursors alone", async () => {
      const catalog = await withPipeline(open);
      await rows(catalog, "r1", []);
      const head = await catalog.head();
      const { committed } = await move(catalog, "r2", [entryOf("s", "1")]);
      expect(committed).toEqual({ sequence: null, at: "1600", parent: head.manifestSha256 });
      expect(await catalog.head()).toEqual(head);
      expect((await catalog.snapshots(null, 10)).length).toBe(1);
      expect((await catalog.run("r2"))?.state).toMatchObject({ kind: "succeeded", snapshot: null });
      expect(await catalog.cursors("p1")).toEqual([
        { stream: "s", partition: "", cursor: cursorOf("s", "1"), boundaryPath: null },
      ]);
    });

    test("is listed by stream and partition, and taken away by null", async () => {
      const catalog = await withPipeline(open);
      await move(catalog, "r1", [
        entryOf("b", "1"),
        entryOf("a", "2", { partition: "y" }),
        entryOf("a", "3", { partition: "x" }),
      ]);
      const places = async () =>
        (await catalog.cursors("p1")).map((entry) => `${entry.stream}/${entry.partition}`);
      expect(await places()).toEqual(["a/x", "a/y", "b/"]);
      await move(catalog, "r2", [entryOf("a", null, { partition: "x" }), entryOf("none", null)]);
      expect(await places()).toEqual(["a/y", "b/"]);
    });

    test("is the pipeline's own", async () => {
      const catalog = await withPipeline(open);
      await catalog.apply<"register_pipeline">(registerOf("p2"));
      await move(catalog, "r1", [entryOf("s", "1")]);
      await runOnce(catalog, "p2", "r2", { kind: "cursor", cursors: [entryOf("s", "9")] });
      expect(await values(catalog)).toEqual({ s: "1" });
    });

    test("is known as it was right after each snapshot", async () => {
      const catalog = await withPipeline(open);
      await rows(catalog, "r1", [entryOf("s", "1"), entryOf("t", "1")]);
      await move(catalog, "r2", [entryOf("s", "2")]);
      await move(catalog, "r3", [entryOf("s", "3")]);
      await rows(catalog, "r4", []);
      await rows(catalog, "r5", [entryOf("s", "5"), entryOf("t", null)]);
      expect(await values(catalog, 1)).toEqual({ s: "1", t: "1" });
      expect(await values(catalog, 2)).toEqual({ s: "3", t: "1" });
      expect(await values(catalog, 3)).toEqual({ s: "5" });
      expect(await values(catalog)).toEqual({ s: "5" });
    });

    test("moves only from where the run found it", async () => {
      const catalog = await withPipeline(open);
      const empty = await catalog.apply<"claim_run">(claimOf("p1", "r0"));
      await move(catalog, "r1", [entryOf("s", "1")]);
      const grant = await catalog.apply<"claim_run">(claimOf("p1", "r2"));
      expect(grant.cursorsDigest).not.toBe(empty.cursorsDigest);
      const manifest = manifestOf("p1", grant, { kind: "cursor" });
      const commit = commitOf(manifest, empty);
      const work = catalog.apply<CommitKind>(commit, { manifest });
      expect(await refusalOf(work)).toBe("conflict.cursor_moved");
    });

    test("is part of the digest that docs/format/catalog.md describes", async () => {
      const catalog = await withPipeline(open);
      await move(catalog, "r1", [entryOf("\u{1F600}", "1"), entryOf("\u{FF5E}", "2")]);
      const grant = await catalog.apply<"claim_run">(claimOf("p1", "r2"));
      // In code units the surrogate pair comes first, in UTF-8 it would come last.
      const text = canonicalJson([
        ["\u{1F600}", "", cursorOf("\u{1F600}", "1")],
        ["\u{FF5E}", "", cursorOf("\u{FF5E}", "2")],
      ]);
      expect(grant.cursorsDigest).toBe(digestOfText(text));
    });

    test("takes at most 16 KiB", async () => {
      const catalog = await withPipeline(open);
      const room = cursorBytesMax - canonicalJson(cursorOf("s", "")).length;
      const full = entryOf("s", "x".repeat(room));
      const over = entryOf("s", "x".repeat(room + 1));
      expect(await refusalOf(move(catalog, "r1", [over]))).toBe("refused.manifest");
      expect((await move(catalog, "r2", [full])).committed.sequence).toBeNull();
    });
  });
}
