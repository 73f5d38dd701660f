/** The views of a statement, and the bounds of what one may name. */
import { expect, test } from "vitest";
import {
  listedTablesMax,
  namedFilesMax,
  namedTablesMax,
  planViews,
} from "../../../src/context/query/plan-views.ts";
import type { Analysis } from "../../../src/context/query/protocol.ts";
import { pageRowsMax } from "../../../src/core/ports/catalog.ts";
import type { LiveFile, TableState } from "../../../src/core/snapshot.ts";
import { fileOf, idOf, schemaOf } from "../fixtures.ts";
import { rejectionOf } from "../thrown.ts";

const tableOf = (name: string): Omit<TableState, "files"> => ({
  tableId: `${idOf("4")}-${name}`,
  namespace: "main",
  name,
  ownerPipelineId: idOf("2"),
  naming: "source",
  shared: false,
  reserved: [],
  schema: schemaOf(1),
});

const analysisOf = (names: readonly string[], listsTables = false): Analysis => ({
  explain: "",
  query: "",
  tables: names.map((name) => ({ namespace: "", name, position: 0 })),
  listsTables,
});

const file: LiveFile = { ...fileOf(0), addedSequence: 1 };

/** Plans over a catalog in which every name is a table of so many files. */
function plan(analysis: Analysis, { files = 1, tables = 0 } = {}) {
  let left = 0;
  return planViews({
    catalog: {
      table: async ({ name }) => {
        left = files;
        return tableOf(name.toLowerCase());
      },
      tables: async () => Array.from({ length: tables }, (_, index) => tableOf(`t${index}`)),
      files: async () => {
        const page = Math.min(left, pageRowsMax);
        left -= page;
        return Array.from({ length: page }, () => file);
      },
      schemas: async () => [schemaOf(1)],
    },
    sequence: 1,
    sql: "SELECT 1",
    analysis,
    root: "/project/.hakiri",
  });
}

const names = (count: number) => Array.from({ length: count }, (_, index) => `t${index}`);

test("a table that is named twice is made once, and only its files are let in", async () => {
  const { views, paths } = await plan(analysisOf(["t", "T"]));
  expect(views.match(/CREATE OR REPLACE VIEW/gu)).toHaveLength(1);
  expect(paths).toEqual(["/project/.hakiri/empty.parquet", `/project/.hakiri/${file.path}`]);
});

test("tables that are listed are stubs without files, but for those that are named", async () => {
  const { views, paths } = await plan(analysisOf(["t0"], true), { tables: 3 });
  expect(views.match(/error\(/gu)).toHaveLength(2);
  expect(paths).toHaveLength(2);
});

test("a statement names 500 tables, and no more", async () => {
  expect((await plan(analysisOf(names(namedTablesMax)))).paths).toHaveLength(namedTablesMax + 1);
  const error = await rejectionOf(plan(analysisOf(names(namedTablesMax + 1))));
  expect(error.code).toBe("usage.too_many_tables");
});

test("20,000 tables are listed, and no more", async () => {
  const { views } = await plan(analysisOf([], true), { tables: listedTablesMax });
  expect(views.match(/error\(/gu)).toHaveLength(listedTablesMax);
  const error = await rejectionOf(plan(analysisOf([], true), { tables: listedTablesMax + 1 }));
  expect(error.code).toBe("usage.too_many_tables");
});

test("100,000 files are read by a statement, and no more", async () => {
  const { paths } = await plan(analysisOf(["t"]), { files: namedFilesMax });
  expect(paths).toHaveLength(namedFilesMax + 1);
  const error = await rejectionOf(plan(analysisOf(["t"]), { files: namedFilesMax + 1 }));
  expect(error.code).toBe("store.too_many_files");
});
