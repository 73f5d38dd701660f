/** Manifests that can't become true: each is refused as what it is, and nothing changes. */
import { describe, expect, test } from "vitest";
import type { CommitKind, CommitManifest, Grant } from "../../../src/core/catalog-command.ts";
import type { Manifest, TableChange, TableFile } from "../../../src/core/snapshot.ts";
import type { OpenCatalog } from "../catalog-contract.ts";
import {
  changeOf,
  claimOf,
  commitOf,
  creation,
  deletesOf,
  fileOf,
  manifestOf,
  registerOf,
  runOnce,
  schemaOf,
} from "../commands.ts";
import { refusalOf } from "../refusal-of.ts";

/** A store with a table of a file and deletes of it, and a grant to commit under. */
async function withGrant(open: OpenCatalog) {
  const catalog = await open("create");
  await catalog.apply<"register_pipeline">(registerOf("p1"));
  const first = await runOnce(catalog, "p1", "r1", {
    tables: (grant) => [
      changeOf("t1", [fileOf(grant, 0), fileOf(grant, 1)], creation),
      changeOf("t2", [fileOf(grant, 2)], creation),
    ],
  });
  await runOnce(catalog, "p1", "r2", {
    tables: () => [changeOf("t1", [], { removed: [fileOf(first.grant, 1).fileId] })],
  });
  const grant = await catalog.apply<"claim_run">(claimOf("p1", "r3"));
  const commit = (manifest: Manifest, over: Partial<CommitManifest> = {}) =>
    refusalOf(catalog.apply<CommitKind>(commitOf(manifest, grant, over), { manifest }));
  return { catalog, commit, grant, first: first.grant };
}

type Fault<T> = readonly [about: string, value: (grant: Grant, first: Grant) => T];

/** The suite on an adapter. */
export function manifestsContract(open: OpenCatalog): void {
  const plain = (grant: Grant) =>
    manifestOf("p1", grant, { baseSequence: 2, tables: [changeOf("t1", [fileOf(grant, 0)])] });

  const manifests: readonly Fault<Partial<Manifest>>[] = [
    ["another store", () => ({ storeId: "other" })],
    ["another pipeline", () => ({ pipelineId: "p2" })],
    ["another run", () => ({ runId: "r1" })],
    ["another epoch", (grant) => ({ epoch: grant.epoch - 1 })],
    ["another base", () => ({ baseSequence: 1 })],
    ["another kind", () => ({ kind: "cursor", tables: [] })],
    ["no tables", () => ({ tables: [] })],
  ];

  const changes: readonly Fault<TableChange>[] = [
    ["an unknown table", (grant) => changeOf("t9", [fileOf(grant, 0)])],
    ["another name than the table's", (grant) => changeOf("t1", [fileOf(grant, 0)], { name: "x" })],
    ["a new table with an old one's id", () => changeOf("t1", [], { ...creation, name: "x" })],
    ["a new table without a schema", () => changeOf("t9", [], { ...creation, schema: null })],
    [
      "a new table with a later schema",
      () => changeOf("t9", [], { ...creation, schema: schemaOf(2) }),
    ],
    [
      "a file to remove that isn't live",
      (_, first) => changeOf("t1", [], { removed: [fileOf(first, 1).fileId] }),
    ],
    [
      "a file to remove of another table",
      (_, first) => changeOf("t1", [], { removed: [fileOf(first, 2).fileId] }),
    ],
    ["a compaction", (grant) => changeOf("t1", [fileOf(grant, 0)], { disposition: "compact" })],
  ];

  const files: readonly Fault<TableFile>[] = [
    [
      "the id of a known file",
      (grant, first) => fileOf(grant, 0, { fileId: fileOf(first, 0).fileId }),
    ],
    [
      "the path of a known file",
      (grant, first) => fileOf(grant, 0, { path: fileOf(first, 0).path }),
    ],
    ["an id of a later grant", (grant) => fileOf({ epoch: grant.epoch + 1 }, 0)],
    ["an id of no grant", (grant) => fileOf(grant, 0, { fileId: 5 })],
    ["an unknown schema version", (grant) => fileOf(grant, 0, { schemaVersion: 2 })],
    ["schema version 0", (grant) => fileOf(grant, 0, { schemaVersion: 0 })],
    [
      "masks on data",
      (grant, first) => fileOf(grant, 0, { masks: [{ fileId: fileOf(first, 0).fileId, rows: 1 }] }),
    ],
    ["deletes of nothing", (grant) => deletesOf(grant, 0, [])],
    [
      "deletes of a file that isn't live",
      (grant, first) => deletesOf(grant, 0, [fileOf(first, 1).fileId]),
    ],
    [
      "deletes of another table's file",
      (grant, first) => deletesOf(grant, 0, [fileOf(first, 2).fileId]),
    ],
    ["deletes of deletes", (grant) => deletesOf(grant, 0, [fileOf(grant, 0).fileId])],
  ];

  describe("a manifest", () => {
    test.each(manifests)("of %s is refused", async (_, over) => {
      const { commit, grant, first } = await withGrant(open);
      const wrong = { ...plain(grant), ...over(grant, first) };
      const { runId, epoch, baseSequence } = plain(grant);
      expect(await commit(wrong, { kind: "commit_snapshot", runId, epoch, baseSequence })).toBe(
        "refused.manifest",
      );
    });

    test.each(changes)("that changes %s is refused", async (_, change) => {
      const { commit, grant, first } = await withGrant(open);
      const wrong = { ...plain(grant), tables: [change(grant, first)] };
      expect(await commit(wrong)).toBe("refused.manifest");
    });

    test.each(files)("with a file that has %s is refused", async (_, file) => {
      const { commit, grant, first } = await withGrant(open);
      const wrong = { ...plain(grant), tables: [changeOf("t1", [file(grant, first)])] };
      expect(await commit(wrong)).toBe("refused.manifest");
    });

    test("of a base that isn't yet is refused", async () => {
      const { commit, grant } = await withGrant(open);
      expect(await commit({ ...plain(grant), baseSequence: 3 })).toBe("refused.manifest");
    });

    test("with two tables of one name is refused", async () => {
      const { commit, grant } = await withGrant(open);
      const tables = [
        changeOf("t8", [], creation),
        changeOf("t9", [], { ...creation, name: "T8" }),
      ];
      expect(await commit({ ...plain(grant), tables })).toBe("refused.manifest");
    });

    test("with entries of a table that don't go together is refused", async () => {
      const { commit, grant } = await withGrant(open);
      const first = changeOf("t1", [fileOf(grant, 0)], { schema: schemaOf(2) });
      const others: readonly Partial<TableChange>[] = [
        {},
        { schema: schemaOf(3), disposition: "merge" },
        { schema: schemaOf(3), removed: "all" },
        { schema: schemaOf(3), namespace: "x" },
        { ...creation, schema: schemaOf(3) },
        { schema: schemaOf(4) },
      ];
      for (const over of others) {
        const tables = [first, changeOf("t1", [], over)];
        expect(await commit({ ...plain(grant), tables })).toBe("refused.manifest");
      }
    });

    test("that is right is committed after all those", async () => {
      const { commit, grant } = await withGrant(open);
      expect(await commit(plain(grant))).toBe("nothing was refused");
    });

    test("may hold files of an earlier attempt", async () => {
      const { commit, grant, first } = await withGrant(open);
      const tables = [changeOf("t1", [fileOf(first, 9), fileOf(grant, 0)])];
      expect(await commit({ ...plain(grant), tables })).toBe("nothing was refused");
    });
  });
}
