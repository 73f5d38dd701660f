/** Record batches become parts: rows, columns and ids, what is refused, and in which order. */
import fc from "fast-check";
import { expect, test } from "vitest";
import type { RecordBatch } from "../../../src/core/batch.ts";
import type { FieldTarget } from "../../../src/core/evolution/place-field.ts";
import type { Column } from "../../../src/core/schema.ts";
import { fileIdOf, type TableFile } from "../../../src/core/snapshot.ts";
import type { DataType, Field } from "../../../src/core/type.ts";
import { batchBuilder } from "../../../src/columns/batch-builder.ts";
import { writtenRowsMax } from "../../../src/columns/coalescer.ts";
import { sha256Of } from "../../../src/context/digest.ts";
import { createPublisher } from "../../../src/context/publish.ts";
import { encodePart } from "../../../src/context/stage/encode-part.ts";
import { stageRecords, type RecordsJob } from "../../../src/context/stage/stage-records.ts";
import { FileNumbers } from "../../../src/context/stage/staging.ts";
import { quoteText } from "../../../src/core/identifier.ts";
import { nodeFilesystem } from "../../../src/platform/node-filesystem.ts";
import { seededRandom } from "../../platform/seeded-random.ts";
import { quarantineTableId, runId, tableId } from "../fixtures.ts";
import { withFolder } from "../temporary-folder.ts";
import { withDuckDb, type Query } from "./duckdb-reader.ts";

const int32: DataType = { kind: "int", bits: 32, signed: true };
const int64: DataType = { kind: "int", bits: 64, signed: true };
const text: DataType = { kind: "text" };

const fields: readonly Field[] = [
  { name: "ID", type: int32, nullable: true },
  { name: "note", type: text, nullable: true },
  { name: "odd", type: text, nullable: true },
];

const column = (id: number, name: string, type: DataType): Column => {
  return { id, name, sourceName: name, type, nullable: true };
};

/** Column 2 is one that the stream doesn't have any more. */
const columns = [
  column(1, "id", int64),
  column(2, "gone", text),
  column(3, "note", text),
  column(4, "odd", { kind: "json" }),
];

const intoOdd: FieldTarget = {
  kind: "column",
  columnId: 4,
  cast: { from: text, to: { kind: "json" } },
};
const refusing = (kind: "discard_row" | "discard_value"): FieldTarget => {
  const violation = { kind: "new_column", column: "odd", newType: text } as const;
  return { kind, columnId: null, keeps: null, violation };
};

const targetsWith = (odd: FieldTarget): readonly FieldTarget[] => [
  { kind: "column", columnId: 1, cast: { from: int32, to: int64 } },
  { kind: "column", columnId: 3, cast: null },
  odd,
];

type Row = readonly [id: number | null, note: string | null, odd: string | null];

function batchOf(rows: readonly Row[], tombstones: readonly number[] = []): RecordBatch {
  const builder = batchBuilder(fields);
  for (const [index, row] of rows.entries()) {
    builder.append(row, tombstones.includes(index) ? "tombstone" : "upsert");
  }
  return builder.finish();
}

interface Bench {
  readonly job: (more: Partial<RecordsJob>) => RecordsJob;
  readonly read: (file: TableFile, what?: string) => ReturnType<Query>;
  readonly bytesOf: (file: TableFile) => Promise<Uint8Array>;
}

async function staging(use: (bench: Bench) => Promise<void>): Promise<void> {
  await withFolder((folder) =>
    withDuckDb(async (query) => {
      const filesystem = nodeFilesystem(folder);
      const run: RecordsJob["run"] = {
        publisher: createPublisher(filesystem, seededRandom(1)),
        runId,
        epoch: 7,
        loadedAtMicros: "1700000000000001",
        rowMetadata: true,
        numbers: new FileNumbers(7),
        encode: encodePart,
      };
      const table = {
        tableId,
        schema: { version: 3, columns, nextColumnId: 5, primaryKey: [] },
      };
      await use({
        job: (more) => ({
          run,
          partition: "",
          table,
          quarantineTableId,
          fields,
          targets: targetsWith(intoOdd),
          batches: [],
          ...more,
        }),
        read: (file, what = "*") =>
          query(`SELECT ${what} FROM read_parquet(${quoteText(filesystem.absolute(file.path))})`),
        bytesOf: (file) => filesystem.read(file.path, 1024 * 1024),
      });
    }),
  );
}

test("a batch becomes one part in the table's columns, with the run's own columns", async () => {
  await staging(async ({ job, read, bytesOf }) => {
    const staged = await stageRecords(
      job({
        batches: [
          batchOf([
            [1, "a", "x"],
            [null, null, null],
          ]),
        ],
      }),
    );
    const [file] = staged.files;
    if (file === undefined) throw new Error("expected a part");
    const bytes = await bytesOf(file);
    expect(staged).toEqual({
      files: [
        {
          fileId: fileIdOf(7, 0),
          kind: "data",
          path: `runs/${runId}/${tableId}/7-all-0.parquet`,
          rows: 2,
          sizeBytes: bytes.byteLength,
          sha256: sha256Of(bytes),
          schemaVersion: 3,
          masks: [],
        },
      ],
      quarantineFiles: [],
      rows: 2,
      sizeBytes: bytes.byteLength,
      discarded: 0,
      quarantined: 0,
    });
    const own = {
      _hakiri_run_id: runId,
      _hakiri_loaded_at: "2023-11-14 22:13:20.000001+00",
    };
    expect(await read(file)).toEqual([
      { id: "1", note: "a", odd: '"x"', ...own },
      { id: null, note: null, odd: null, ...own },
    ]);
  });
});

test("rows carry nothing of the run where that is not wanted, and tombstones are marked", async () => {
  await staging(async ({ job, read }) => {
    const plain = job({
      batches: [
        batchOf(
          [
            [1, "a", "x"],
            [2, null, null],
          ],
          [1],
        ),
      ],
    });
    const staged = await stageRecords({ ...plain, run: { ...plain.run, rowMetadata: false } });
    const [file] = staged.files;
    if (file === undefined) throw new Error("expected a part");
    expect(await read(file)).toEqual([
      { id: "1", note: "a", odd: '"x"', _hakiri_deleted: false },
      { id: "2", note: null, odd: null, _hakiri_deleted: true },
    ]);
  });
});

test("whatever rows come, each is in the table or in quarantine, in order", async () => {
  const value = fc.option(fc.string({ unit: "grapheme", maxLength: 5 }));
  const rows = fc.array(fc.tuple(fc.option(fc.integer()), value, value), { maxLength: 30 });
  await staging(async ({ job, read }) => {
    const property = fc.asyncProperty(fc.array(rows, { maxLength: 4 }), async (parts) => {
      const batches = parts.map((part) => batchOf(part));
      const staged = await stageRecords(
        job({ batches, targets: targetsWith(refusing("discard_row")) }),
      );
      const good = parts.flat().filter(([, , odd]) => odd === null);
      const bad = parts.flat().filter(([, , odd]) => odd !== null);
      const told: unknown[] = [];
      for (const file of staged.files) told.push(...(await read(file, "id::INT AS id, note")));
      expect(told).toEqual(good.map(([id, note]) => ({ id, note })));
      const refused: unknown[] = [];
      for (const file of staged.quarantineFiles) refused.push(...(await read(file, "record")));
      expect(refused).toEqual(
        bad.map(([id, note, odd]) => ({ record: JSON.stringify({ ID: id, note, odd }) })),
      );
      expect([staged.rows, staged.quarantined, staged.discarded]).toEqual([
        good.length,
        bad.length,
        0,
      ]);
    });
    await fc.assert(property, { numRuns: 25 });
  });
});

test("a row in quarantine says why it is there", async () => {
  await staging(async ({ job, read }) => {
    const { quarantineFiles } = await stageRecords(
      job({ batches: [batchOf([[1, "a", "x"]])], targets: targetsWith(refusing("discard_row")) }),
    );
    const [file] = quarantineFiles;
    if (file === undefined) throw new Error("expected a part");
    expect(file).toMatchObject({
      path: `runs/${runId}/${quarantineTableId}/7-all-0.parquet`,
      schemaVersion: 1,
      rows: 1,
    });
    expect(await read(file)).toEqual([
      {
        reason: "schema.new_column",
        detail: "the contract lets no column be added, got text",
        file: null,
        line: null,
        column: "odd",
        record: '{"ID":1,"note":"a","odd":"x"}',
        _hakiri_run_id: runId,
        _hakiri_loaded_at: "2023-11-14 22:13:20.000001+00",
      },
    ]);
  });
});

test("a dropped value is counted by its row, which stays", async () => {
  await staging(async ({ job, read }) => {
    const rows: readonly Row[] = [
      [1, "a", "x"],
      [2, "b", null],
      [3, "c", "z"],
    ];
    const staged = await stageRecords(
      job({ batches: [batchOf(rows)], targets: targetsWith(refusing("discard_value")) }),
    );
    expect([staged.rows, staged.discarded, staged.quarantined]).toEqual([3, 2, 0]);
    const [file] = staged.files;
    if (file === undefined) throw new Error("expected a part");
    expect(await read(file, "id::INT AS id, note")).toEqual(
      rows.map(([id, note]) => ({ id, note })),
    );
  });
});

test("nothing staged leaves no file", async () => {
  await staging(async ({ job }) => {
    const staged = await stageRecords(job({ batches: [batchOf([]), batchOf([])] }));
    expect(staged).toMatchObject({ files: [], quarantineFiles: [], rows: 0, sizeBytes: 0 });
  });
});

test("a batch larger than a written one becomes several parts, in order", async () => {
  await staging(async ({ job, read }) => {
    const rows = Array.from({ length: writtenRowsMax + 1 }, (_, id): Row => [id, null, null]);
    const { files } = await stageRecords(job({ batches: [batchOf(rows)] }));
    const ranges: unknown[] = [];
    for (const file of files) {
      ranges.push(...(await read(file, "min(id)::INT AS low, max(id)::INT AS high")));
    }
    expect(files.length).toBe(2);
    expect(files.every((file) => file.rows <= writtenRowsMax)).toBe(true);
    expect(files.reduce((sum, file) => sum + file.rows, 0)).toBe(rows.length);
    expect(ranges[0]).toMatchObject({ low: 0 });
    expect(ranges[1]).toMatchObject({ high: writtenRowsMax });
  });
});

test("ids rise with the calls, however long each takes", async () => {
  await staging(async ({ job }) => {
    const plain = job({});
    const held: (() => void)[] = [];
    const encode: RecordsJob["run"]["encode"] = async (request) => {
      await new Promise<void>((resolve) => held.push(resolve));
      return encodePart(request);
    };
    const run = { ...plain.run, encode };
    const calls = [1, 2, 3].map((id) =>
      stageRecords({ ...plain, run, batches: [batchOf([[id, null, null]])] }),
    );
    for (const release of held.toReversed()) release();
    const staged = await Promise.all(calls);
    expect(staged.flatMap(({ files }) => files.map(({ fileId }) => fileId))).toEqual(
      [0, 1, 2].map((n) => fileIdOf(7, n)),
    );
  });
});

test("a value that its promotion doesn't hold fails the call, naming the column", async () => {
  await staging(async ({ job }) => {
    const builder = batchBuilder([{ name: "n", type: int64, nullable: true }]);
    builder.append([2n ** 60n + 1n]);
    const double: DataType = { kind: "float", bits: 64 };
    const table = {
      tableId,
      schema: { version: 1, columns: [column(1, "n", double)], nextColumnId: 2, primaryKey: [] },
    };
    const targets: readonly FieldTarget[] = [
      { kind: "column", columnId: 1, cast: { from: int64, to: double } },
    ];
    const staged = stageRecords(job({ table, targets, batches: [builder.finish()] }));
    await expect(staged).rejects.toMatchObject({
      kind: "SchemaIncompatible",
      code: "value.inexact",
    });
  });
});
