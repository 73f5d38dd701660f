/** The embedded catalog: the port on one SQLite file, which other processes may have open too. */
import { existsSync } from "node:fs";
import { dirname } from "node:path";
import { HakiriError } from "../../core/error.ts";
import type { Catalog } from "../../core/ports/catalog.ts";
import { apply } from "../apply/apply.ts";
import { readFormatVersion, readStore } from "../apply/store-row.ts";
import { formatVersion } from "../apply/table-definitions.ts";
import { queryHead } from "../query/head-query.ts";
import { queryPipeline, queryPipelines } from "../query/pipeline-queries.ts";
import { queryRun, queryRuns, querySpans } from "../query/run-queries.ts";
import { queryCursors, querySnapshotAt, querySnapshots } from "../query/snapshot-queries.ts";
import {
  queryFiles,
  queryIsReferenced,
  querySchemas,
  queryTable,
  queryTableSequence,
  queryTables,
  queryUnreferenced,
} from "../query/table-queries.ts";
import { busyTimeoutMs, openConnection, type SqliteConnection } from "./connection.ts";
import { createCatalog, syncPath } from "./create-catalog.ts";
import { damaged, sqliteFault } from "./sqlite-fault.ts";

/** What to do where there is no catalog, and whether one that is being rebuilt is wanted. */
export type CatalogOpening =
  | { readonly kind: "existing" }
  /** Makes one with this store id, 26 random characters, where there is none. */
  | { readonly kind: "create"; readonly storeId: string }
  /** Makes or goes on with one that takes `restore_commit`; see `finish_restore`. */
  | { readonly kind: "restore"; readonly storeId: string };

/** The port, with what only a file can do. */
export interface SqliteCatalog extends Catalog {
  /** Copies the catalog to a new file, while others go on writing. */
  backupTo(path: string): Promise<void>;
  /** What SQLite finds wrong in the whole file; empty for a sound one. Reads all of it. */
  faults(): Promise<readonly string[]>;
}

/**
 * Opens the catalog at an absolute path, whose folder exists. Throws Permanent `catalog.missing`,
 * `catalog.damaged`, `catalog.newer_format`, `catalog.restoring`, `catalog.not_durable`, `disk.*`,
 * and Transient `catalog.busy`.
 */
export function openSqliteCatalog(
  path: string,
  opening: CatalogOpening,
  timeoutMs: number = busyTimeoutMs,
): SqliteCatalog {
  if (opening.kind === "existing" && !existsSync(path)) throw missing(path);
  syncFolders(path);
  if (opening.kind !== "existing" && !existsSync(path)) {
    createCatalog(path, { storeId: opening.storeId, restoring: opening.kind === "restore" });
  }
  const connection = openConnection(path, { mayCreate: false, busyTimeoutMs: timeoutMs });
  try {
    connection.read(() => checkStore(connection, path, opening));
    return catalogOf(connection, path);
  } catch (error) {
    connection.close();
    throw error;
  }
}

function missing(path: string): HakiriError {
  return new HakiriError({
    kind: "Permanent",
    code: "catalog.missing",
    message: `expected a catalog in ${path}, but there is none`,
    hint: "go to a project's folder; or, if it was lost: hakiri doctor --rebuild-catalog",
  });
}

/** The file's name, and that of the folder it is in, may be younger than their last sync. */
function syncFolders(path: string): void {
  try {
    syncPath(dirname(path));
    syncPath(dirname(dirname(path)));
  } catch (error) {
    throw sqliteFault(error, path);
  }
}

function checkStore(connection: SqliteConnection, path: string, opening: CatalogOpening): void {
  checkFormat(readFormatVersion(connection), path);
  if (readStore(connection)?.restoring !== 1 || opening.kind === "restore") return;
  throw new HakiriError({
    kind: "Permanent",
    code: "catalog.restoring",
    message: `expected a whole catalog in ${path}, but its rebuild didn't end`,
    hint: "finish with: hakiri doctor --rebuild-catalog",
  });
}

function checkFormat(version: number | undefined, path: string): void {
  if (version === formatVersion) return;
  if (version === undefined) throw new HakiriError(damaged(path, "it says nothing of its store"));
  if (version < 1) throw new HakiriError(damaged(path, `format version ${version} never was`));
  throw new HakiriError({
    kind: "Permanent",
    code: "catalog.newer_format",
    message: `expected format version ${formatVersion} in ${path}, got ${version}`,
    hint: "use the hakiri that made it, or a newer one",
  });
}

function catalogOf(connection: SqliteConnection, path: string): SqliteCatalog {
  const ask = async <T>(query: () => T): Promise<T> => connection.read(query);
  return {
    apply: async (command, attachments) =>
      connection.write(() => {
        const store = readStore(connection);
        if (store === undefined) throw new HakiriError(damaged(path, "it lost its store"));
        return apply(connection, command, store.position + 1, attachments);
      }),
    head: () => ask(() => queryHead(connection)),
    pipeline: (by) => ask(() => queryPipeline(connection, by)),
    pipelines: (afterName) => ask(() => queryPipelines(connection, afterName)),
    run: (runId) => ask(() => queryRun(connection, runId)),
    runs: (filter) => ask(() => queryRuns(connection, filter)),
    tables: (sequence) => ask(() => queryTables(connection, sequence)),
    table: (name, sequence) => ask(() => queryTable(connection, name, sequence)),
    files: (tableId, sequence, afterFileId) =>
      ask(() => queryFiles(connection, { tableId, sequence, afterFileId })),
    schemas: (tableId) => ask(() => querySchemas(connection, tableId)),
    tableSequence: (tableId) => ask(() => queryTableSequence(connection, tableId)),
    cursors: (pipelineId, sequence) => ask(() => queryCursors(connection, pipelineId, sequence)),
    snapshots: (below, limit) => ask(() => querySnapshots(connection, below, limit)),
    snapshotAt: (by) => ask(() => querySnapshotAt(connection, by)),
    spans: (runId, after) => ask(() => querySpans(connection, runId, after)),
    unreferenced: (afterFileId) => ask(() => queryUnreferenced(connection, afterFileId)),
    isReferenced: (filePath) => ask(() => queryIsReferenced(connection, filePath)),
    backupTo: (target) => connection.backupTo(target),
    faults: () => ask(() => queryFaults(connection)),
    close: async () => connection.close(),
  };
}

function queryFaults(connection: SqliteConnection): readonly string[] {
  const rows = connection.all<{ integrity_check: string }>({ sql: "pragma integrity_check" });
  return rows.map((row) => row.integrity_check).filter((line) => line !== "ok");
}
