/** Compactions: the same rows in other files, whatever was committed beside them. */
import { describe, expect, test } from "vitest";
import type { Catalog } from "../../../src/core/ports/catalog.ts";
import type { TableFile } from "../../../src/core/snapshot.ts";
import type { OpenCatalog } from "../catalog-contract.ts";
import {
  changeOf,
  creation,
  deletesOf,
  entryOf,
  fileOf,
  registerOf,
  runOnce,
} from "../commands.ts";
import { refusalOf } from "../refusal-of.ts";

/** A shared table of two files, the first with a deleted row, as of snapshot 2. */
async function withDeletes(open: OpenCatalog) {
  const catalog = await open("create");
  await catalog.apply<"register_pipeline">(registerOf("p1"));
  await catalog.apply<"register_pipeline">(registerOf("p2"));
  const shared = {
    ...creation,
    created: { naming: "source", shared: true, reserved: [] },
  } as const;
  const first = await runOnce(catalog, "p1", "r1", {
    tables: (grant) => [changeOf("t1", [fileOf(grant, 0), fileOf(grant, 1)], shared)],
  });
  const [a, b] = [fileOf(first.grant, 0).fileId, fileOf(first.grant, 1).fileId];
  const second = await runOnce(catalog, "p1", "r2", {
    tables: (grant) => [changeOf("t1", [deletesOf(grant, 0, [a])])],
  });
  return { catalog, a, b, deletes: deletesOf(second.grant, 0, [a]).fileId };
}

interface Compaction {
  readonly removed: readonly number[];
  readonly baseSequence?: number;
  readonly added?: (grant: { epoch: number }) => readonly TableFile[];
  readonly pipeline?: string;
}

function compact(catalog: Catalog, runId: string, options: Compaction) {
  const { removed, baseSequence = 2, pipeline = "p1" } = options;
  const added = options.added ?? ((grant: { epoch: number }) => [fileOf(grant, 0)]);
  return runOnce(catalog, pipeline, runId, {
    kind: "compaction",
    what: "compaction",
    baseSequence,
    tables: (grant) => [changeOf("t1", added(grant), { disposition: "compact", removed })],
  });
}

const change = (catalog: Catalog, pipeline: string, added: (g: { epoch: number }) => TableFile) =>
  runOnce(catalog, pipeline, "r3", {
    tables: (grant) => [changeOf("t1", [added(grant)])],
  });

/** The suite on an adapter. */
export function compactionsContract(open: OpenCatalog): void {
  describe("a compaction", () => {
    test("puts its outputs in the place of its inputs, in a snapshot of its own", async () => {
      const { catalog, a, b, deletes } = await withDeletes(open);
      const { grant, committed } = await compact(catalog, "c1", { removed: [a, b, deletes] });
      expect(committed.sequence).toBe(3);
      const ids = async (sequence: number) =>
        (await catalog.files("t1", sequence, 0)).map((file) => file.fileId);
      expect(await ids(3)).toEqual([fileOf(grant, 0).fileId]);
      expect(await ids(2)).toEqual([a, b, deletes]);
      expect((await catalog.snapshots(null, 1))[0]?.kind).toBe("compaction");
    });

    test("lets rows be appended meanwhile", async () => {
      const { catalog, a, b, deletes } = await withDeletes(open);
      await change(catalog, "p2", (grant) => fileOf(grant, 0));
      const { committed } = await compact(catalog, "c1", { removed: [a, b, deletes] });
      expect(committed.sequence).toBe(4);
      expect((await catalog.files("t1", 4, 0)).length).toBe(2);
    });

    test("is a conflict where an input got deletes meanwhile", async () => {
      const { catalog, a, b, deletes } = await withDeletes(open);
      await change(catalog, "p1", (grant) => deletesOf(grant, 0, [b]));
      const all = compact(catalog, "c1", { removed: [a, b, deletes] });
      expect(await refusalOf(all)).toBe("conflict.base_moved");
      const other = await compact(catalog, "c2", { removed: [a, deletes] });
      expect(other.committed.sequence).toBe(4);
    });

    test("is a conflict where an input is gone", async () => {
      const { catalog, a, b, deletes } = await withDeletes(open);
      await compact(catalog, "c1", { removed: [a, deletes] });
      const second = compact(catalog, "c2", { removed: [a, b] });
      expect(await refusalOf(second)).toBe("conflict.base_moved");
    });

    test("may put deletes together while more of them come", async () => {
      const { catalog, a, b, deletes } = await withDeletes(open);
      await change(catalog, "p1", (grant) => deletesOf(grant, 0, [b]));
      const added = (grant: { epoch: number }) => [deletesOf(grant, 0, [a])];
      const { committed } = await compact(catalog, "c1", { removed: [deletes], added });
      expect(committed.sequence).toBe(4);
    });

    test("of another pipeline's table is refused, shared or not", async () => {
      const { catalog, a } = await withDeletes(open);
      const work = compact(catalog, "c1", { removed: [a], pipeline: "p2" });
      expect(await refusalOf(work)).toBe("refused.table_owned");
    });

    test("lists its inputs, moves no cursor and is granted as one", async () => {
      const { catalog, a } = await withDeletes(open);
      const base = { kind: "compaction", what: "compaction", baseSequence: 2 } as const;
      const all = changeOf("t1", [], { disposition: "compact", removed: "all" });
      const one = { ...all, removed: [a] };
      const wrong = [
        { ...base, tables: () => [all] },
        { ...base, tables: () => [one], cursors: [entryOf("s", "1")] },
        { ...base, tables: () => [{ ...one, disposition: "append" as const }] },
        { ...base, tables: () => [one], what: "run" as const },
        { ...base, tables: () => [changeOf("t1", [])], kind: "run" as const },
      ];
      for (const [index, run] of wrong.entries()) {
        expect(await refusalOf(runOnce(catalog, "p1", `c${index}`, run))).toBe("refused.manifest");
      }
    });
  });
}
