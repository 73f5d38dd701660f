/**
 * A project's store with an SQLite catalog and real parts: each call commits one run, as the
 * catalog takes it. Manifests are told to the catalog and not written.
 */
import { mkdirSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { lockPins } from "../../../src/catalog/pins.ts";
import { openSqliteCatalog } from "../../../src/catalog/sqlite/sqlite-catalog.ts";
import { openDuckDb, type DuckDb } from "../../../src/context/duckdb/open-duckdb.ts";
import { storeFolder, tableFolder } from "../../../src/context/layout.ts";
import type { Grant } from "../../../src/core/catalog-command.ts";
import type { Disposition } from "../../../src/core/pipeline.ts";
import type { Catalog, Pins } from "../../../src/core/ports/catalog.ts";
import type { Filesystem } from "../../../src/core/ports/filesystem.ts";
import type { TableSchema } from "../../../src/core/schema.ts";
import {
  fileIdOf,
  grantSequenceOf,
  type TableChange,
  type TableFile,
} from "../../../src/core/snapshot.ts";
import { nodeFilesystem } from "../../../src/platform/node-filesystem.ts";
import { digestOfText, registerOf, runOnce, storeId } from "../../catalog/commands.ts";
import { seededRandom } from "../../platform/seeded-random.ts";
import { withFolder } from "../temporary-folder.ts";
import { writeEmptyPart, writePart, type Row } from "./stored-table.ts";

/** What a run writes into one table. */
export interface Load {
  readonly name: string;
  readonly namespace?: string;
  readonly schema: TableSchema;
  readonly rows: readonly Row[];
  readonly disposition?: Disposition;
}

/** A store that is open. */
export interface TestStore {
  /** The project's folder, absolute. */
  readonly folder: string;
  readonly catalog: Catalog;
  /** Rooted at `.hakiri/`. */
  readonly filesystem: Filesystem;
  readonly pins: Pins;
  readonly duckDb: DuckDb;
  /** Commits one run that loads these tables, at microseconds `at`; answers its sequence. */
  commit(loads: readonly Load[], at?: string): Promise<number>;
}

const pipelineId = "2".repeat(26);

/** Makes a store without tables for the time of the callback. */
export async function withStore<T>(use: (store: TestStore) => Promise<T>): Promise<T> {
  return withFolder(async (folder) => {
    const root = `${folder}/${storeFolder}`;
    mkdirSync(`${root}/runs`, { recursive: true });
    return useStore(folder, async (store) => {
      await writeEmptyPart(store.duckDb, root);
      await store.catalog.apply<"register_pipeline">(registerOf(pipelineId));
      return use(store);
    });
  });
}

/**
 * Opens a store that `withStore` made, in this process or another, for the time of the callback.
 */
export async function useStore<T>(
  folder: string,
  use: (store: TestStore) => Promise<T>,
): Promise<T> {
  const path = `${folder}/${storeFolder}/catalog.sqlite`;
  const catalog = openSqliteCatalog(path, { kind: "create", storeId });
  const options = { threads: 2, memoryLimit: "512MB", temporaryFolder: `${folder}/tmp` };
  const duckDb = await openDuckDb(options);
  try {
    return await use(storeOf(folder, catalog, duckDb));
  } finally {
    duckDb.close();
    await catalog.close();
  }
}

function storeOf(folder: string, catalog: Catalog, duckDb: DuckDb): TestStore {
  const root = `${folder}/${storeFolder}`;
  let runs = 0;
  return {
    folder,
    catalog,
    filesystem: nodeFilesystem(root),
    pins: lockPins(root, seededRandom(1)),
    duckDb,
    commit: async (loads, at = "1600") => {
      runs += 1;
      const runId = `${process.pid}${String(runs).padStart(10, "0")}`.padStart(26, "0");
      const before = await catalog.tables((await catalog.head()).sequence);
      const known = new Map(before.map(({ tableId, schema }) => [tableId, schema.version]));
      for (const load of loads) {
        const path = `${root}/${pathOf(runId, load)}`;
        mkdirSync(dirname(path), { recursive: true });
        await writePart(duckDb, path, load.schema.columns, load.rows);
      }
      const { committed } = await runOnce(catalog, pipelineId, runId, {
        at,
        tables: (grant) =>
          loads.map((load, index) => {
            const path = pathOf(runId, load);
            const version = known.get(tableIdOf(load));
            return changeOf(load, { version, file: fileOf(load, { path, root, grant, index }) });
          }),
      });
      return committed.sequence ?? 0;
    },
  };
}

/** The id of a table, by its name without regard to case and its namespace. */
export function tableIdOf({ name, namespace = "main" }: Pick<Load, "name" | "namespace">): string {
  const digest = digestOfText(`${namespace}.${name}`.toLowerCase());
  return digest.slice(0, 26);
}

function pathOf(runId: string, load: Load): string {
  return `${tableFolder(runId, tableIdOf(load))}/1-all-0.parquet`;
}

function fileOf(
  { rows, schema }: Load,
  by: {
    readonly path: string;
    readonly root: string;
    readonly grant: Grant;
    readonly index: number;
  },
): TableFile {
  return {
    fileId: fileIdOf(grantSequenceOf(by.grant.epoch), by.index),
    kind: "data",
    path: by.path,
    rows: rows.length,
    sizeBytes: statSync(`${by.root}/${by.path}`).size,
    sha256: digestOfText(by.path),
    schemaVersion: schema.version,
    masks: [],
  };
}

function changeOf(
  load: Load,
  { version, file }: { readonly version: number | undefined; readonly file: TableFile },
): TableChange {
  const { name, namespace = "main", schema, disposition = "append" } = load;
  return {
    tableId: tableIdOf(load),
    namespace,
    name,
    created: version === undefined ? { naming: "source", shared: false, reserved: [] } : null,
    disposition,
    schema: version === schema.version ? null : schema,
    added: [file],
    removed: disposition === "replace" && version !== undefined ? "all" : [],
  };
}
