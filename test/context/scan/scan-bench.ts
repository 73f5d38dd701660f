/** Files, a store and a DuckDB for the time of a test: scans are described, staged, read back. */
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { FieldTarget } from "../../../src/core/evolution/place-field.ts";
import { quoteText } from "../../../src/core/identifier.ts";
import type { Json } from "../../../src/core/json.ts";
import type { Scan, ScanFile } from "../../../src/core/scan.ts";
import type { TableFile } from "../../../src/core/snapshot.ts";
import type { Field } from "../../../src/core/type.ts";
import { openDuckDb, type DuckDb } from "../../../src/context/duckdb/open-duckdb.ts";
import { createPublisher } from "../../../src/context/publish.ts";
import { encodePart } from "../../../src/context/stage/encode-part.ts";
import { stageScan, type ScanJob, type StagedScan } from "../../../src/context/stage/stage-scan.ts";
import { FileNumbers } from "../../../src/context/stage/staging.ts";
import { nodeFilesystem } from "../../../src/platform/node-filesystem.ts";
import type { Filesystem } from "../../../src/core/ports/filesystem.ts";
import { seededRandom } from "../../platform/seeded-random.ts";
import { quarantineTableId, runId, tableId } from "../fixtures.ts";
import { withFolder } from "../temporary-folder.ts";

/** A row as JSON, 64-bit integers and decimals as text. */
export type Row = { readonly [column: string]: Json };

/** What a test works with. */
export interface ScanBench {
  readonly duckDb: DuckDb;
  readonly filesystem: Filesystem;
  /** Writes an input file and answers it as a scan names it. */
  file(
    name: string,
    content: string | Uint8Array,
    compression?: ScanFile["compression"],
  ): Promise<ScanFile>;
  /** Stages a scan into a table of its own fields, or with `more` of another job. */
  stage(scan: Scan, more?: Partial<ScanJob>): Promise<StagedScan>;
  /** The rows of parts in their order, without what each row has of the run. */
  rows(files: readonly TableFile[]): Promise<readonly Row[]>;
}

/** Runs a test with a bench of its own. */
export async function withBench(use: (bench: ScanBench) => Promise<void>): Promise<void> {
  await withFolder(async (folder) => {
    const duckDb = await openDuckDb({
      threads: 2,
      memoryLimit: "512MiB",
      temporaryFolder: join(folder, "tmp"),
    });
    try {
      await use(await benchIn(folder, duckDb));
    } finally {
      duckDb.close();
    }
  });
}

async function benchIn(folder: string, duckDb: DuckDb): Promise<ScanBench> {
  const store = join(folder, "store");
  await mkdir(store);
  const filesystem = nodeFilesystem(store);
  const run: ScanJob["run"] = {
    publisher: createPublisher(filesystem, seededRandom(1)),
    runId,
    epoch: 7,
    loadedAtMicros: "1700000000000001",
    rowMetadata: true,
    numbers: new FileNumbers(7),
    encode: encodePart,
  };
  return {
    duckDb,
    filesystem,
    file: async (name, content, compression = "none") => {
      const path = join(folder, "input", name);
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, content);
      return { path, name, compression };
    },
    stage: (scan, more) =>
      stageScan({
        run,
        duckDb,
        partition: "",
        table: { tableId, schema: schemaOf(scan.fields) },
        quarantineTableId,
        scan,
        targets: targetsOf(scan.fields),
        isOrdered: true,
        ...more,
      }),
    rows: async (files) => {
      const rows: Row[] = [];
      for (const { path } of files) {
        const from = `read_parquet(${quoteText(filesystem.absolute(path))})`;
        rows.push(
          ...(await duckDb.rows(
            `SELECT * EXCLUDE (_hakiri_run_id, _hakiri_loaded_at) FROM ${from}`,
          )),
        );
      }
      return rows;
    },
  };
}

/** A table's schema of just these fields, ids from 1. */
export function schemaOf(fields: readonly Field[]): ScanJob["table"]["schema"] {
  const columns = fields.map((field, index) => {
    return { ...field, id: index + 1, sourceName: field.name };
  });
  return { version: 1, columns, nextColumnId: fields.length + 1, primaryKey: [] };
}

/** Each field into the column of its place. */
export function targetsOf(fields: readonly Field[]): readonly FieldTarget[] {
  return fields.map((_, index) => ({ kind: "column", columnId: index + 1, cast: null }));
}
