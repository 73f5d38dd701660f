/** Parts of our encoder, of parquet-wasm and of DuckDB are one table, whatever the type. */
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { missingVector } from "../../../src/columns/constant-vector.ts";
import type { NamedColumn } from "../../../src/columns/named-column.ts";
import { vectorBuilder } from "../../../src/columns/vector-builder.ts";
import { writePart } from "../../../src/context/compaction/write-parts.ts";
import { ensureEmptyPart } from "../../../src/context/derive/empty-part.ts";
import { sha256Of } from "../../../src/context/digest.ts";
import type { DuckDb } from "../../../src/context/duckdb/open-duckdb.ts";
import { sqlType } from "../../../src/context/duckdb/sql-type.ts";
import { createPublisher } from "../../../src/context/publish.ts";
import { encodeNestedPart } from "../../../src/context/stage/encode-nested-part.ts";
import { encodePart } from "../../../src/context/stage/encode-part.ts";
import { FileNumbers } from "../../../src/context/stage/staging.ts";
import { tableRelation } from "../../../src/context/views/table-relation.ts";
import { quoteText } from "../../../src/core/identifier.ts";
import type { LiveFile, TableState } from "../../../src/core/snapshot.ts";
import type { DataType } from "../../../src/core/type.ts";
import { nodeFilesystem } from "../../../src/platform/node-filesystem.ts";
import { flatTypes, samplesOf } from "../../columns/arbitrary-values.ts";
import { seededRandom } from "../../platform/seeded-random.ts";
import { never, runId, tableId } from "../fixtures.ts";
import { openTestDuckDb } from "../history.ts";
import { withFolder } from "../temporary-folder.ts";
import { columnOf, schemaWith } from "../views/stored-table.ts";

const rows = 60;
const lists = flatTypes.map((item): DataType => ({ kind: "list", item }));
const schema = schemaWith(
  1,
  [...flatTypes, ...lists].map((type, at) => columnOf(at + 1, `c${at}`, type)),
);

const table: TableState = {
  tableId,
  namespace: "main",
  name: "t",
  ownerPipelineId: "p",
  naming: "source",
  shared: false,
  reserved: [],
  files: [],
  schema,
};

/** Values of every type, the first row without any. */
function randomColumns(): readonly NamedColumn[] {
  return schema.columns.map(({ id, name, type }) => {
    const builder = vectorBuilder(type, name);
    builder.append(null);
    for (const { value } of fc.sample(samplesOf(type), { numRuns: rows - 1, seed: id }))
      builder.append(value);
    return { id, name, vector: builder.finish() };
  });
}

interface Shelf {
  readonly duckDb: DuckDb;
  readonly folder: string;
}

async function saved({ folder }: Shelf, fileId: number, bytes: Uint8Array): Promise<LiveFile> {
  const path = `runs/${runId}/${tableId}/1-all-${fileId}.parquet`;
  await mkdir(dirname(join(folder, path)), { recursive: true });
  await writeFile(join(folder, path), bytes);
  const common = { kind: "data", rows, schemaVersion: 1, masks: [], addedSequence: 1 } as const;
  return { ...common, path, fileId, sizeBytes: bytes.byteLength, sha256: sha256Of(bytes) };
}

/** The files' rows in one part, as compaction writes it. */
async function compacted({ duckDb, folder }: Shelf, files: readonly LiveFile[]): Promise<LiveFile> {
  const part = await writePart(
    {
      publisher: createPublisher(nodeFilesystem(folder), seededRandom(1)),
      duckDb,
      runId,
      epoch: 2,
      numbers: new FileNumbers(10 + files.length),
      signal: never,
    },
    { table: { ...table, files }, schemas: [schema] },
    files,
  );
  if (part === null) throw new Error("expected a part");
  return { ...part, addedSequence: 2 };
}

function relationOf({ folder }: Shelf, files: readonly LiveFile[]): string {
  return tableRelation({ table: { ...table, files }, schemas: [schema], root: `${folder}/` });
}

async function withShelf(use: (shelf: Shelf) => Promise<void>): Promise<void> {
  const duckDb = await openTestDuckDb();
  try {
    await withFolder(async (folder) => {
      await ensureEmptyPart(createPublisher(nodeFilesystem(folder), seededRandom(2)));
      await use({ duckDb, folder });
    });
  } finally {
    duckDb.close();
  }
}

test("the same rows are read from a part of each writer, and from their compaction", async () => {
  await withShelf(async (shelf) => {
    const columns = randomColumns();
    const own = await saved(shelf, 1, await encodePart({ columns, rows }));
    const wasm = await saved(shelf, 2, await encodeNestedPart(columns, rows));
    const both = await compacted(shelf, [own, wasm]);
    const told = await shelf.duckDb.rows(relationOf(shelf, [own]));
    expect(told).toHaveLength(rows);
    expect(await shelf.duckDb.rows(relationOf(shelf, [wasm]))).toEqual(told);
    expect(await shelf.duckDb.rows(relationOf(shelf, [both]))).toEqual([...told, ...told]);
  });
});

test("a value of any type is found in the parts of all writers by a filter", async () => {
  await withShelf(async (shelf) => {
    const columns = randomColumns();
    const own = await saved(shelf, 1, await encodePart({ columns, rows }));
    const wasm = await saved(shelf, 2, await encodeNestedPart(columns, rows));
    const copied = await compacted(shelf, [own]);
    const firsts = schema.columns.map(
      ({ name }) => `min_by(${name}::VARCHAR, r) FILTER (${name} IS NOT NULL) AS ${name}`,
    );
    const told = await shelf.duckDb.rows(
      `SELECT ${firsts.join(", ")} ` +
        `FROM (SELECT *, row_number() OVER () AS r FROM (${relationOf(shelf, [own])}))`,
    );
    for (const { name, type } of schema.columns) {
      const value = told[0]?.[name];
      if (typeof value !== "string") throw new Error(`expected a value of ${name}`);
      if (type.kind === "list") continue;
      const count = (file: LiveFile): string =>
        `(SELECT count(*)::INT FROM (${relationOf(shelf, [file])}) ` +
        `WHERE ${name} = ${quoteText(value)}::${sqlType(type)})`;
      const [found] = await shelf.duckDb.rows(
        `SELECT ${count(own)} AS own, ${count(wasm)} AS wasm, ${count(copied)} AS copied`,
      );
      expect(Number(found?.["own"])).toBeGreaterThan(0);
      expect([found?.["wasm"], found?.["copied"]]).toEqual([found?.["own"], found?.["own"]]);
    }
  });
});

test("a column of nulls in one part takes the values of another's type", async () => {
  await withShelf(async (shelf) => {
    const columns = randomColumns();
    const missing = columns.map((column) => ({
      ...column,
      vector: missingVector({ kind: "null" }, rows),
    }));
    const own = await saved(shelf, 1, await encodePart({ columns, rows }));
    const nulls = await saved(shelf, 2, await encodePart({ columns: missing, rows }));
    const told = await shelf.duckDb.rows(relationOf(shelf, [own]));
    const nothing = Array.from({ length: rows }, () => told[0]);
    expect(await shelf.duckDb.rows(relationOf(shelf, [own, nulls]))).toEqual([...told, ...nothing]);
  });
});
