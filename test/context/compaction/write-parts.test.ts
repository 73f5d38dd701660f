/** Values of every type come out of a compaction as they went in. */
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { writePart } from "../../../src/context/compaction/write-parts.ts";
import { sqlType } from "../../../src/context/duckdb/sql-type.ts";
import { createPublisher } from "../../../src/context/publish.ts";
import { FileNumbers } from "../../../src/context/stage/staging.ts";
import { tableRelation } from "../../../src/context/views/table-relation.ts";
import { sha256Of } from "../../../src/context/digest.ts";
import type { LiveFile, TableState } from "../../../src/core/snapshot.ts";
import type { DataType } from "../../../src/core/type.ts";
import { nodeFilesystem } from "../../../src/platform/node-filesystem.ts";
import { seededRandom } from "../../platform/seeded-random.ts";
import { never, pipelineId, runId, tableId } from "../fixtures.ts";
import { openTestDuckDb } from "../history.ts";

const text: DataType = { kind: "text" };
const struct: DataType = {
  kind: "struct",
  fields: [
    { name: "a b", type: { kind: "int", bits: 8, signed: false }, nullable: true },
    { name: "é", type: { kind: "list", item: text }, nullable: true },
  ],
};

/** A type and an expression of a value of it. */
const columns: readonly (readonly [DataType, string])[] = [
  [{ kind: "null" }, "NULL"],
  [{ kind: "bool" }, "true"],
  [{ kind: "int", bits: 64, signed: true }, "9223372036854775807"],
  [{ kind: "int", bits: 64, signed: false }, "18446744073709551615"],
  [{ kind: "float", bits: 32 }, "'nan'"],
  [{ kind: "float", bits: 64 }, "'-infinity'"],
  [{ kind: "decimal", precision: 38, scale: 10 }, "1234567890123456789012345678.0123456789"],
  [text, "'x''\"😀'"],
  [{ kind: "text", tag: "numeric" }, "'1e999'"],
  [{ kind: "json" }, `'{"a": [1, null]}'`],
  [{ kind: "uuid" }, "'0f8fad5b-d9cb-469f-a165-70867728950e'"],
  [{ kind: "binary" }, "'\\x00\\xFF'"],
  [{ kind: "date" }, "DATE '0044-03-15 (BC)'"],
  [{ kind: "time" }, "'23:59:59.999999'"],
  [{ kind: "timestamp", zoned: false }, "'1969-12-31 23:59:59.999999'"],
  [{ kind: "timestamp", zoned: true }, "'infinity'"],
  [{ kind: "list", item: struct }, "[{'a b': 255, 'é': ['x', NULL]}, NULL]"],
  [struct, "{'a b': NULL, 'é': []}"],
];

test("values of every type, and missing ones, are the same after it", async () => {
  const duckDb = await openTestDuckDb();
  const folder = await mkdtemp(join(tmpdir(), "hakiri-types-"));
  try {
    const table = tableOf();
    await mkdir(join(folder, "runs", runId, tableId), { recursive: true });
    const filesystem = nodeFilesystem(folder);
    const files: LiveFile[] = [];
    for (const [n, values] of [
      columns.map(([, value]) => value),
      columns.map(() => "NULL"),
    ].entries()) {
      const path = `runs/${runId}/${tableId}/1-all-${n}.parquet`;
      const select = table.schema.columns.map(
        ({ name, type }, index) => `${values[index] ?? ""}::${sqlType(type)} AS "${name}"`,
      );
      const ids = table.schema.columns.map(({ id, name }) => `"${name}": ${id}`);
      await duckDb.run(
        `COPY (SELECT ${select.join(", ")}) TO '${filesystem.absolute(path)}'
         (FORMAT parquet, FIELD_IDS {${ids.join(", ")}})`,
      );
      const bytes = await filesystem.read(path, 1_000_000);
      const common = { kind: "data", rows: 1, schemaVersion: 1, masks: [] } as const;
      const sha256 = sha256Of(bytes);
      const sizeBytes = bytes.byteLength;
      files.push({ ...common, fileId: n, path, sizeBytes, sha256, addedSequence: 1 });
    }
    const schemas = [table.schema];
    const relation = (live: readonly LiveFile[]) =>
      tableRelation({ table: { ...table, files: live }, schemas, root: `${folder}/` });
    // The list of one file ends in the part of no rows.
    await duckDb.run(`COPY (SELECT 1 AS c WHERE false) TO '${folder}/empty.parquet'`);
    const before = await duckDb.rows(relation(files));
    const part = await writePart(
      {
        publisher: createPublisher(filesystem, seededRandom(1)),
        duckDb,
        runId,
        epoch: 2,
        numbers: new FileNumbers(2),
        signal: never,
      },
      { table: { ...table, files }, schemas },
      files,
    );
    if (part === null) throw new Error("expected a part");
    expect(await duckDb.rows(relation([{ ...part, addedSequence: 2 }]))).toEqual(before);
    expect(before[0]?.["c3"]).toBe("9223372036854775807");
  } finally {
    duckDb.close();
    await rm(folder, { recursive: true });
  }
});

function tableOf(): TableState {
  return {
    tableId,
    namespace: "main",
    name: "t",
    ownerPipelineId: pipelineId,
    naming: "source",
    shared: false,
    reserved: [],
    files: [],
    schema: {
      version: 1,
      columns: columns.map(([type], index) => {
        const name = `c${index + 1}`;
        return { id: index + 1, name, sourceName: name, type, nullable: true };
      }),
      nextColumnId: columns.length + 1,
      primaryKey: [],
    },
  };
}
