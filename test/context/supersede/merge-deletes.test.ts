/** The position deletes of a merge, over real parts. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { quoteText } from "../../../src/core/identifier.ts";
import { deletedColumn, fileColumn } from "../../../src/core/reserved-column.ts";
import type { TableSchema } from "../../../src/core/schema.ts";
import type { LiveFile } from "../../../src/core/snapshot.ts";
import type { DuckDb } from "../../../src/context/duckdb/open-duckdb.ts";
import type { GoneFile } from "../../../src/context/supersede/file-deletes.ts";
import { mergeQueries } from "../../../src/context/supersede/merge-deletes.ts";
import { withFolder } from "../temporary-folder.ts";
import { date, decimal, int, text, timestamp } from "../views/literals.ts";
import {
  columnOf,
  createTable,
  rowOf,
  schemaWith,
  withTable,
  type Place,
  type Row,
  type StoredTable,
} from "../views/stored-table.ts";

const a = columnOf(1, "a", int(32));
const b = columnOf(2, "b", text);
const s = columnOf(3, "s", int(32));
const schema = schemaWith(1, [a, b, s]);

/** A staged row: values of a, b and s, and whether it is a tombstone. */
type Staged = readonly [a: string, b: string, s: string, kind?: "tombstone"];

const stagedRow = ([one, two, sort, kind]: Staged): Row =>
  new Map([...rowOf(one, two, sort), [deletedColumn.id, String(kind === "tombstone")]]);

interface Merge {
  readonly schema?: TableSchema;
  readonly key?: readonly number[];
  readonly dedupSort?: number | null;
  readonly gone?: readonly GoneFile[];
}

/** What the queries of a merge answer; the last `stagedParts` files of the table are staged. */
async function merged(duckDb: DuckDb, table: StoredTable, stagedParts: number, merge: Merge = {}) {
  const { files, schemas, root } = table;
  const base = files.slice(0, files.length - stagedParts);
  const queries = mergeQueries({
    base: table.state(merge.schema ?? schema, { files: base }),
    schemas,
    staged: files.slice(files.length - stagedParts),
    key: merge.key ?? [a.id, b.id],
    dedupSort: merge.dedupSort ?? null,
    gone: merge.gone ?? [],
    root,
  });
  const deletes = await placesOf(duckDb, queries.deletes);
  const [nulls = {}] = await duckDb.rows(queries.nullKeys);
  const [counts = {}] = await duckDb.rows(queries.counts);
  return { deletes, nulls: Number(nulls["nulls"]), counts };
}

async function placesOf(duckDb: DuckDb, query: string): Promise<readonly Place[]> {
  const rows = await duckDb.rows(query);
  return rows.map((row) => ({ fileId: Number(row["file_id"]), row: Number(row["row_number"]) }));
}

const at = (file: LiveFile, ...rows: readonly number[]): readonly Place[] =>
  rows.map((row) => ({ fileId: file.fileId, row }));

const stage = (table: StoredTable, rows: readonly Staged[]) =>
  table.addPart(schema, rows.map(stagedRow), { reserved: [deletedColumn] });

describe("a merge masks", () => {
  test("the rows of the base whose key came again, and none that are masked already", async () => {
    await withTable(async (table, duckDb) => {
      const old = await table.addPart(schema, [
        rowOf("1", "'x'", "0"),
        rowOf("1", "'y'", "0"),
        rowOf("2", "'x'", "0"),
      ]);
      const younger = await table.addPart(schema, [rowOf("1", "'x'", "1")]);
      await table.addDeletes(at(old, 0));
      await stage(table, [
        ["1", "'x'", "2"],
        ["2", "'x'", "2"],
        ["3", "'x'", "2"],
      ]);
      expect(await merged(duckDb, table, 1)).toEqual({
        deletes: [...at(old, 2), ...at(younger, 0)],
        nulls: 0,
        counts: { updated: "2" },
      });
    });
  });

  test("all rows of a key within the run but the last", async () => {
    await withTable(async (table, duckDb) => {
      const first = await stage(table, [
        ["1", "'x'", "9"],
        ["2", "'x'", "9"],
        ["1", "'x'", "8"],
      ]);
      const second = await stage(table, [["1", "'x'", "7"]]);
      const { deletes } = await merged(duckDb, table, 2);
      expect(deletes).toEqual(at(first, 0, 2));
      expect(second.fileId).toBeGreaterThan(first.fileId);
    });
  });

  test("a tombstone with the row that it is for; one for no row only itself", async () => {
    await withTable(async (table, duckDb) => {
      const base = await table.addPart(schema, [rowOf("1", "'x'", "0"), rowOf("2", "'x'", "0")]);
      const staged = await stage(table, [
        ["1", "'x'", "NULL", "tombstone"],
        ["7", "'x'", "NULL", "tombstone"],
      ]);
      expect(await merged(duckDb, table, 1)).toEqual({
        deletes: [...at(base, 0), ...at(staged, 0, 1)],
        nulls: 0,
        counts: { updated: "0" },
      });
    });
  });

  test("a tombstone that an upsert follows; an upsert that a tombstone follows", async () => {
    await withTable(async (table, duckDb) => {
      const staged = await stage(table, [
        ["1", "'x'", "0", "tombstone"],
        ["1", "'x'", "1"],
        ["2", "'x'", "0"],
        ["2", "'x'", "1", "tombstone"],
      ]);
      const { deletes } = await merged(duckDb, table, 1);
      expect(deletes).toEqual(at(staged, 0, 2, 3));
    });
  });

  test("by dedup_sort all but the largest, a NULL below all, the later of equals", async () => {
    await withTable(async (table, duckDb) => {
      const staged = await stage(table, [
        ["1", "'x'", "5"],
        ["1", "'x'", "9"],
        ["1", "'x'", "NULL"],
        ["2", "'x'", "NULL"],
        ["2", "'x'", "NULL"],
        ["3", "'x'", "4"],
        ["3", "'x'", "4"],
      ]);
      const { deletes } = await merged(duckDb, table, 1, { dedupSort: s.id });
      expect(deletes).toEqual(at(staged, 0, 2, 3, 5));
    });
  });

  test("by dedup_sort what came before a tombstone without a value, and not what comes after", async () => {
    await withTable(async (table, duckDb) => {
      const base = await table.addPart(schema, [rowOf("1", "'x'", "0"), rowOf("2", "'x'", "0")]);
      const first = await stage(table, [
        ["1", "'x'", "5"],
        ["2", "'x'", "9"],
        ["3", "'x'", "NULL", "tombstone"],
        ["3", "'x'", "1"],
      ]);
      const second = await stage(table, [
        ["1", "'x'", "NULL", "tombstone"],
        ["2", "'x'", "NULL", "tombstone"],
        ["2", "'x'", "4"],
        ["2", "'x'", "3"],
        ["4", "'x'", "7", "tombstone"],
        ["4", "'x'", "6"],
      ]);
      const { deletes, counts } = await merged(duckDb, table, 2, { dedupSort: s.id });
      const staged = [...at(first, 0, 1, 2), ...at(second, 0, 1, 3, 4, 5)];
      expect(deletes).toEqual([...at(base, 0, 1), ...staged]);
      expect(counts).toEqual({ updated: "1" });
    });
  });

  test("two rows of one key in the base, which count as one that is updated", async () => {
    await withTable(async (table, duckDb) => {
      const base = await table.addPart(schema, [rowOf("1", "'x'", "0"), rowOf("1", "'x'", "1")]);
      await stage(table, [["1", "'x'", "2"]]);
      expect(await merged(duckDb, table, 1)).toEqual({
        deletes: at(base, 0, 1),
        nulls: 0,
        counts: { updated: "1" },
      });
    });
  });

  test("rows of files that are gone; staged ones of them take nothing's place", async () => {
    await withTable(async (table, duckDb) => {
      const from = (file: string, staged: Staged): Row =>
        new Map([...stagedRow(staged), [fileColumn.id, quoteText(file)]]);
      const reserved = [deletedColumn, fileColumn];
      const base = await table.addPart(
        schema,
        [
          from("a", ["1", "'x'", "0"]),
          from("a", ["2", "'x'", "0"]),
          from("b", ["3", "'x'", "0"]),
          from("b", ["4", "'x'", "0"]),
        ],
        { reserved },
      );
      const first = await table.addPart(
        schema,
        [
          from("a", ["1", "'x'", "1"]),
          from("a", ["4", "'x'", "1"]),
          from("a", ["NULL", "'x'", "1"]),
          from("c", ["5", "'x'", "1"]),
        ],
        { reserved },
      );
      const second = await table.addPart(
        schema,
        [from("a", ["1", "'x'", "2"]), from("a", ["3", "'x'", "2"])],
        { reserved },
      );
      const gone = [
        { name: "a", stagedBefore: 1 },
        { name: "unknown", stagedBefore: 2 },
      ];
      expect(await merged(duckDb, table, 2, { gone })).toEqual({
        deletes: [...at(base, 0, 1, 2), ...at(first, 0, 1, 2)],
        nulls: 0,
        counts: { updated: "2" },
      });
      expect(second.fileId).toBeGreaterThan(first.fileId);
    });
  });

  test("by a dedup_sort that is part of the key as by position", async () => {
    await withTable(async (table, duckDb) => {
      const staged = await stage(table, [
        ["1", "'x'", "5"],
        ["1", "'x'", "4"],
      ]);
      const { deletes } = await merged(duckDb, table, 1, { key: [a.id], dedupSort: a.id });
      expect(deletes).toEqual(at(staged, 0));
    });
  });

  test("by keys that were promoted since, exactly", async () => {
    await withTable(async (table, duckDb) => {
      const before = schemaWith(1, [columnOf(1, "n", int(32)), columnOf(2, "d", date)]);
      const after = schemaWith(2, [columnOf(1, "n", decimal(12, 2)), columnOf(2, "d", timestamp)]);
      const base = await table.addPart(before, [
        rowOf("5", "'2021-05-05'"),
        rowOf("6", "'2021-05-05'"),
      ]);
      await table.addPart(after, [
        rowOf("5.25", "'2021-05-05'"),
        rowOf("5", "'2021-05-05 12:00:00'"),
        rowOf("6.00", "'2021-05-05 00:00:00'"),
      ]);
      const { deletes } = await merged(duckDb, table, 1, { schema: after, key: [1, 2] });
      expect(deletes).toEqual(at(base, 1));
    });
  });

  test("nothing in a table without files", async () => {
    await withTable(async (table, duckDb) => {
      await stage(table, [["1", "'x'", "0"]]);
      const { deletes, counts } = await merged(duckDb, table, 1);
      expect(deletes).toEqual([]);
      expect(counts).toEqual({ updated: "0" });
    });
  });
});

test("rows with a NULL in any part of their key are counted", async () => {
  await withTable(async (table, duckDb) => {
    await stage(table, [
      ["1", "NULL", "0"],
      ["NULL", "'x'", "0"],
      ["NULL", "NULL", "0", "tombstone"],
    ]);
    await stage(table, [["1", "'x'", "NULL"]]);
    expect((await merged(duckDb, table, 2)).nulls).toBe(3);
  });
});

interface ModelRow {
  readonly key: readonly [a: number, b: string];
  readonly sort: number | null;
  readonly isTombstone: boolean;
}

const rows: fc.Arbitrary<readonly ModelRow[]> = fc.array(
  fc.record({
    key: fc.tuple(fc.integer({ min: 0, max: 3 }), fc.constantFrom("", "x", "it's")),
    sort: fc.option(fc.integer({ min: 0, max: 2 })),
    isTombstone: fc.boolean(),
  }),
  { maxLength: 6 },
);

interface Placed extends Place, ModelRow {}

/** The model: keys as texts in a map, rows in stream order. */
function modelOf(base: readonly Placed[], staged: readonly Placed[], bySort: boolean) {
  const last = new Map<string, Placed>();
  for (const row of staged) {
    const kept = last.get(String(row.key));
    const isLarger = kept === undefined || !bySort || (row.sort ?? -1) >= (kept.sort ?? -1);
    const isEnd = row.isTombstone && row.sort === null;
    if (isLarger || isEnd) last.set(String(row.key), row);
  }
  const hit = base.filter((row) => last.has(String(row.key)));
  const own = staged.filter((row) => row.isTombstone || last.get(String(row.key)) !== row);
  const updated = new Set(hit.map(({ key }) => String(key))).values();
  return {
    deletes: [...hit, ...own]
      .map(({ fileId, row }) => ({ fileId, row }))
      .toSorted((x, y) => x.fileId - y.fileId || x.row - y.row),
    counts: {
      updated: String(
        updated.filter((key) => last.get(key)?.isTombstone === false).toArray().length,
      ),
    },
  };
}

function literals({ key: [one, two], sort, isTombstone }: ModelRow): Staged {
  const values = [String(one), quoteText(two), String(sort ?? "NULL")] as const;
  return isTombstone ? [...values, "tombstone"] : values;
}

test("any merge masks what a model of it masks", async () => {
  await withTable(async (_, duckDb) => {
    const parts = fc.array(rows, { minLength: 1, maxLength: 3 });
    await fc.assert(
      fc.asyncProperty(parts, parts, fc.boolean(), fc.nat(), (base, staged, bySort, masked) =>
        withFolder(async (folder) => {
          const table = await createTable(duckDb, folder);
          const write = async (part: readonly ModelRow[]): Promise<readonly Placed[]> => {
            const { fileId } = await stage(table, part.map(literals));
            return part.map((row, index) => ({ ...row, fileId, row: index }));
          };
          const live = (await inTurn(base, write)).flat();
          const gone = live.filter((_row, index) => (masked >> (index % 30)) % 2 === 1);
          if (gone.length > 0) await table.addDeletes(gone);
          const left = live.filter((row) => !gone.includes(row));
          const later = (await inTurn(staged, write)).flat();
          const dedupSort = bySort ? s.id : null;
          const found = await merged(duckDb, table, staged.length, { dedupSort });
          expect(found).toEqual({ nulls: 0, ...modelOf(left, later, bySort) });
        }),
      ),
      { numRuns: 30 },
    );
  });
});

async function inTurn<T, R>(items: readonly T[], use: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (const item of items) results.push(await use(item));
  return results;
}
