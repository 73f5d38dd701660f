/** Tables: what a snapshot shows of them, who may change them, and from which base. */
import { describe, expect, test } from "vitest";
import { pageRowsMax, type Catalog } from "../../../src/core/ports/catalog.ts";
import type { TableChange } from "../../../src/core/snapshot.ts";
import type { OpenCatalog } from "../catalog-contract.ts";
import {
  changeOf,
  creation,
  deletesOf,
  fileOf,
  registerOf,
  runOnce,
  schemaOf,
  specOf,
  type WholeRun,
} from "../commands.ts";
import { refusalOf } from "../refusal-of.ts";

async function withTable(open: OpenCatalog, over: Partial<TableChange> = {}) {
  const catalog = await open("create");
  await catalog.apply<"register_pipeline">(registerOf("p1"));
  await catalog.apply<"register_pipeline">(registerOf("p2"));
  const first = await runOnce(catalog, "p1", "r1", {
    tables: (grant) => [changeOf("t1", [fileOf(grant, 0)], { ...creation, ...over })],
  });
  return { catalog, first, file: fileOf(first.grant, 0).fileId };
}

async function fileIds(catalog: Catalog, sequence: number, tableId = "t1") {
  return (await catalog.files(tableId, sequence, 0)).map((file) => file.fileId);
}

/** The suite on an adapter. */
export function tablesContract(open: OpenCatalog): void {
  describe("a table", () => {
    test("shows at each snapshot the files that were live then", async () => {
      const { catalog, file } = await withTable(open);
      const second = await runOnce(catalog, "p1", "r2", {
        tables: (grant) => [changeOf("t1", [fileOf(grant, 0), deletesOf(grant, 1, [file])])],
      });
      const added = fileOf(second.grant, 0).fileId;
      const deletes = deletesOf(second.grant, 1, [file]);
      const third = await runOnce(catalog, "p1", "r3", {
        tables: (grant) => [
          changeOf("t1", [fileOf(grant, 0)], { disposition: "replace", removed: "all" }),
        ],
      });
      expect(await fileIds(catalog, 0)).toEqual([]);
      expect(await fileIds(catalog, 1)).toEqual([file]);
      expect(await fileIds(catalog, 2)).toEqual([file, added, deletes.fileId]);
      expect(await fileIds(catalog, 3)).toEqual([fileOf(third.grant, 0).fileId]);
      expect((await catalog.files("t1", 2, added))[0]).toEqual({ ...deletes, addedSequence: 2 });
      expect(await catalog.tableSequence("t1")).toBe(3);
      expect(await catalog.tableSequence("t2")).toBe(0);
    });

    test("is found by its name without regard to case, from the snapshot that made it", async () => {
      const { catalog } = await withTable(open);
      await runOnce(catalog, "p1", "r2", {
        tables: () => [
          changeOf("t2", [], {
            created: { naming: "snake_case", shared: true, reserved: [2_000_000_001] },
            schema: schemaOf(2).version === 2 ? { ...schemaOf(2), version: 1 } : null,
            namespace: "Raw",
            name: "Orders",
          }),
        ],
      });
      const expected = {
        tableId: "t2",
        namespace: "Raw",
        name: "Orders",
        naming: "snake_case",
        shared: true,
        reserved: [2_000_000_001],
        ownerPipelineId: "p1",
        schema: { ...schemaOf(2), version: 1 },
      };
      const name = { namespace: "raw", name: "ORDERS" };
      expect(await catalog.table(name, 2)).toEqual(expected);
      expect(await catalog.table(name, 1)).toBeNull();
      expect(await catalog.tables(2)).toEqual([expected, expect.objectContaining({ name: "t1" })]);
      expect((await catalog.tables(1)).map((table) => table.tableId)).toEqual(["t1"]);
    });

    test("answers its files in pages", async () => {
      const { catalog, file } = await withTable(open);
      await runOnce(catalog, "p1", "r2", {
        tables: (grant) => [
          changeOf(
            "t1",
            Array.from({ length: pageRowsMax }, (_, n) => fileOf(grant, n)),
          ),
        ],
      });
      const first = await catalog.files("t1", 2, 0);
      expect(first.length).toBe(pageRowsMax);
      expect(first[0]?.fileId).toBe(file);
      expect((await catalog.files("t1", 2, first.at(-1)?.fileId ?? 0)).length).toBe(1);
    });

    test("is listed with all others, however many there are", async () => {
      const { catalog } = await withTable(open);
      const ids = Array.from({ length: pageRowsMax }, (_, n) => `x${n}`);
      await runOnce(catalog, "p1", "r2", {
        tables: () => ids.map((id) => changeOf(id, [], creation)),
      });
      const found = (await catalog.tables(2)).map((table) => table.tableId);
      expect(found).toEqual(["t1", ...ids].toSorted());
    });

    test("keeps every version of its schema, and shows the one of the snapshot", async () => {
      const { catalog } = await withTable(open);
      await runOnce(catalog, "p1", "r2", {
        tables: (grant) => [
          changeOf("t1", [fileOf(grant, 0)], { schema: schemaOf(2) }),
          changeOf("t1", [fileOf(grant, 1, { schemaVersion: 3 })], { schema: schemaOf(3) }),
        ],
      });
      expect(await catalog.schemas("t1")).toEqual([schemaOf(1), schemaOf(2), schemaOf(3)]);
      const name = { namespace: "main", name: "t1" };
      expect((await catalog.table(name, 1))?.schema).toEqual(schemaOf(1));
      expect((await catalog.table(name, 2))?.schema).toEqual(schemaOf(3));
      expect((await fileIds(catalog, 2)).length).toBe(3);
    });

    test("may be made with several versions of its schema in one run", async () => {
      const { catalog } = await withTable(open);
      await runOnce(catalog, "p1", "r2", {
        tables: (grant) => [
          changeOf("t2", [fileOf(grant, 0)], creation),
          changeOf("t2", [fileOf(grant, 1, { schemaVersion: 2 })], { schema: schemaOf(2) }),
        ],
      });
      expect(await catalog.schemas("t2")).toEqual([schemaOf(1), schemaOf(2)]);
      expect((await catalog.snapshots(null, 1))[0]?.tables).toEqual([
        { table: "t2", rowsAdded: 20, rowsMasked: 0 },
      ]);
    });

    test("of a name that differs in case alone is a conflict", async () => {
      const { catalog } = await withTable(open);
      const second = runOnce(catalog, "p2", "r2", {
        tables: () => [changeOf("t2", [], { ...creation, namespace: "MAIN", name: "T1" })],
      });
      expect(await refusalOf(second)).toBe("conflict.table_exists");
    });

    test("gets the next version of its schema from one run only", async () => {
      const { catalog } = await withTable(open, {
        created: { naming: "source", shared: true, reserved: [] },
      });
      const evolve = (pipeline: string, run: string, version: number) =>
        runOnce(catalog, pipeline, run, {
          baseSequence: 1,
          tables: () => [changeOf("t1", [], { schema: schemaOf(version) })],
        });
      await evolve("p1", "r2", 2);
      expect(await refusalOf(evolve("p2", "r3", 2))).toBe("conflict.base_moved");
      expect(await refusalOf(evolve("p2", "r4", 4))).toBe("refused.manifest");
    });
  });

  describe("a table of another pipeline", () => {
    const appendTo = (catalog: Catalog, over: Partial<TableChange> = {}, run = "r2") =>
      runOnce(catalog, "p2", run, {
        tables: (grant) => [changeOf("t1", [fileOf(grant, 0)], over)],
      });

    test("takes nothing", async () => {
      const { catalog } = await withTable(open);
      expect(await refusalOf(appendTo(catalog))).toBe("refused.table_owned");
    });

    test("takes appends where it is shared", async () => {
      const { catalog } = await withTable(open, {
        created: { naming: "source", shared: true, reserved: [] },
      });
      expect((await appendTo(catalog)).committed.sequence).toBe(2);
    });

    test("takes appends of a pipeline that says shared", async () => {
      const { catalog } = await withTable(open);
      const spec = specOf("p2", { shared: true });
      await catalog.apply<"register_pipeline">(registerOf("p2", { spec }));
      expect((await appendTo(catalog)).committed.sequence).toBe(2);
    });

    test("takes nothing but appends", async () => {
      const { catalog, file } = await withTable(open, {
        created: { naming: "source", shared: true, reserved: [] },
      });
      const others: readonly Partial<TableChange>[] = [
        { disposition: "merge" },
        { disposition: "replace", removed: "all" },
        { removed: [file] },
        { added: [deletesOf({ epoch: 4 }, 9, [file])] },
      ];
      for (const [index, over] of others.entries()) {
        const code = await refusalOf(appendTo(catalog, over, `r${index + 2}`));
        expect(code).toBe("refused.table_owned");
      }
    });
  });

  describe("a change", () => {
    /** Two pipelines change a table of the first; the second one looked at it before. */
    async function afterAnother(change: (file: number) => WholeRun["tables"]) {
      const { catalog, file } = await withTable(open, {
        created: { naming: "source", shared: true, reserved: [] },
      });
      await runOnce(catalog, "p2", "r2", {
        tables: (grant) => [changeOf("t1", [fileOf(grant, 0)])],
      });
      const run = (runId: string, baseSequence: number) => {
        const tables = change(file);
        return runOnce(catalog, "p1", runId, {
          baseSequence,
          ...(tables !== undefined && { tables }),
        });
      };
      const stale = await refusalOf(run("r3", 1));
      return { stale, fresh: await refusalOf(run("r4", 2)) };
    }
    const conflicts = { stale: "conflict.base_moved", fresh: "nothing was refused" };
    const passes = { stale: "nothing was refused", fresh: "nothing was refused" };

    test("that appends needs no base", async () => {
      const append = () => (grant: { epoch: number }) => [changeOf("t1", [fileOf(grant, 0)])];
      expect(await afterAnother(append)).toEqual(passes);
    });

    test("that masks rows of its own files needs no base", async () => {
      const tombstones = () => (grant: { epoch: number }) => {
        const file = fileOf(grant, 0);
        return [changeOf("t1", [file, deletesOf(grant, 1, [file.fileId])])];
      };
      expect(await afterAnother(tombstones)).toEqual(passes);
    });

    test("that replaces needs the newest base", async () => {
      const replace = () => (grant: { epoch: number }) => [
        changeOf("t1", [fileOf(grant, 0)], { disposition: "replace", removed: "all" }),
      ];
      expect(await afterAnother(replace)).toEqual(conflicts);
    });

    test("that merges needs the newest base even where it masks nothing", async () => {
      const merge = () => (grant: { epoch: number }) => [
        changeOf("t1", [fileOf(grant, 0)], { disposition: "merge" }),
      ];
      expect(await afterAnother(merge)).toEqual(conflicts);
    });

    test("that masks older rows needs the newest base", async () => {
      const mask = (file: number) => (grant: { epoch: number }) => [
        changeOf("t1", [deletesOf(grant, 0, [file])]),
      ];
      expect(await afterAnother(mask)).toEqual(conflicts);
    });

    test("that removes files needs the newest base", async () => {
      const { catalog, file } = await withTable(open, {
        created: { naming: "source", shared: true, reserved: [] },
      });
      await runOnce(catalog, "p2", "r2", {
        tables: (grant) => [changeOf("t1", [fileOf(grant, 0)])],
      });
      const tables = () => [changeOf("t1", [], { removed: [file] })];
      const stale = runOnce(catalog, "p1", "r3", { tables, baseSequence: 1 });
      expect(await refusalOf(stale)).toBe("conflict.base_moved");
      expect((await runOnce(catalog, "p1", "r4", { tables })).committed.sequence).toBe(3);
    });
  });
}
