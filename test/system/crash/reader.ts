/** Readers of a store that know nothing of who wrote it, and what they must find. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { DuckDBInstance, type DuckDBConnection } from "@duckdb/node-api";
import { storeFolder, viewsPath } from "../../../src/context/layout.ts";
import { allFiles } from "../../../src/context/snapshot/table-files.ts";
import { viewStatements } from "../../../src/context/views/views-sql.ts";
import { quoteIdentifier, quoteText } from "../../../src/core/identifier.ts";
import type { CatalogQueries } from "../../../src/core/ports/catalog.ts";
import { livingRows, streamNames, type RowTexts, type StreamName } from "./world.ts";

/** What a reader sees of each table; null of one that doesn't exist. */
export type SeenTables = Readonly<Record<StreamName, readonly RowTexts[] | null>>;

/** A project and its catalog. */
export interface OpenCatalog {
  readonly project: string;
  readonly catalog: CatalogQueries;
}

/** What a reader must see of a version; nothing exists at version 0. */
export function tablesOf(version: number): SeenTables {
  return byStream((stream) => (version === 0 ? null : livingRows(stream, version)));
}

/** What the catalog says that the tables hold as of a sequence. */
export async function readByCatalog(
  { project, catalog }: OpenCatalog,
  sequence: number,
  namespace = "main",
): Promise<SeenTables> {
  return readBy(project, await catalogViews(catalog, sequence), namespace);
}

/** What `views.sql` says, as it lies there; every table is null where there is no such file. */
export async function readByViews(project: string, namespace = "main"): Promise<SeenTables> {
  return readBy(project, storedViews(project), namespace);
}

/** The views of every table as the catalog knows it as of a sequence; empty without any table. */
export async function catalogViews(catalog: CatalogQueries, sequence: number): Promise<string> {
  const statements: string[] = [];
  for (const table of await catalog.tables(sequence)) {
    const files = await allFiles(catalog, table.tableId, sequence);
    const schemas = await catalog.schemas(table.tableId);
    statements.push(viewStatements({ table: { ...table, files }, schemas }, `${storeFolder}/`));
  }
  return statements.join("");
}

/** `views.sql` as it lies there; empty where there is no such file. */
export function storedViews(project: string): string {
  const path = join(project, storeFolder, viewsPath);
  return existsSync(path) ? readFileSync(path, "utf8") : "";
}

/** One for all readers of a process, for as long as it lives: making one takes half of a read. */
let shared: Promise<DuckDBInstance> | null = null;
let databases = 0;

async function readBy(project: string, sql: string, namespace: string): Promise<SeenTables> {
  if (sql === "") return tablesOf(0);
  return withViews(project, sql, (connection, database) =>
    readTables(connection, { database, namespace }),
  );
}

/** Makes views in a database of its own, and has them read; `use` is told the database's name. */
export async function withViews<T>(
  project: string,
  sql: string,
  use: (connection: DuckDBConnection, database: string) => Promise<T>,
): Promise<T> {
  const options = { threads: "1", enable_external_file_cache: "false" };
  shared ??= DuckDBInstance.create(":memory:", options);
  const connection = await (await shared).connect();
  databases += 1;
  const database = `reader_${databases}`;
  try {
    await connection.run(`ATTACH ':memory:' AS ${database}; USE ${database}`);
    await connection.run(`SET file_search_path = ${quoteText(project)}`);
    await connection.run(sql);
    return await use(connection, database);
  } finally {
    await connection.run(`USE memory; DETACH DATABASE IF EXISTS ${database}`);
    connection.closeSync();
  }
}

async function readTables(
  connection: DuckDBConnection,
  { database, namespace }: { readonly database: string; readonly namespace: string },
): Promise<SeenTables> {
  const reader = await connection.runAndReadAll(
    `SELECT view_name FROM duckdb_views() WHERE database_name = ${quoteText(database)} ` +
      `AND schema_name = ${quoteText(namespace)} AND NOT internal`,
  );
  const known = new Set(reader.getRows().map(([name]) => name));
  const seen: (readonly [StreamName, readonly RowTexts[] | null])[] = [];
  for (const stream of streamNames) {
    const rows = known.has(stream) ? await readRows(connection, { namespace, stream }) : null;
    seen.push([stream, rows]);
  }
  // Every stream has its entry.
  return Object.fromEntries(seen) as unknown as SeenTables;
}

/** All columns but hakiri's own, in the table's order. */
async function readRows(
  connection: DuckDBConnection,
  { namespace, stream }: { readonly namespace: string; readonly stream: StreamName },
): Promise<readonly RowTexts[]> {
  const table = `${quoteIdentifier(namespace)}.${quoteIdentifier(stream)}`;
  const reader = await connection.runAndReadAll(
    `SELECT COLUMNS('^[^_].*')::VARCHAR FROM ${table} ORDER BY "id"::BIGINT`,
  );
  // Every column was cast to a text.
  return reader.getRows() as unknown as readonly RowTexts[];
}

function byStream<T>(valueOf: (stream: StreamName) => T): Readonly<Record<StreamName, T>> {
  // Every stream has its entry.
  return Object.fromEntries(streamNames.map((stream) => [stream, valueOf(stream)])) as Record<
    StreamName,
    T
  >;
}

/**
 * The one of these versions that the tables are of. Throws where they are of none, or of several.
 */
export function versionOf(seen: SeenTables, versions: readonly number[]): number {
  const text = JSON.stringify(seen);
  const found = versions.find((version) => JSON.stringify(tablesOf(version)) === text);
  if (found !== undefined) return found;
  const [closest = []] = versions
    .map((version) => differences(seen, version))
    .toSorted((a, b) => a.length - b.length);
  throw new Error(
    `expected the tables of version ${versions.join(" or ")}, got\n${closest.join("\n")}`,
  );
}

/** Of each table what differs from a version. */
function differences(seen: SeenTables, version: number): readonly string[] {
  const expected = tablesOf(version);
  return streamNames.flatMap((stream) => {
    const found = textsOf(seen[stream]);
    const wanted = textsOf(expected[stream]);
    if (JSON.stringify(seen[stream]) === JSON.stringify(expected[stream])) return [];
    const lost = listed(wanted.filter((row) => !found.includes(row)));
    const added = listed(found.filter((row) => !wanted.includes(row)));
    const counts = `${found.length} rows, not ${wanted.length}`;
    return [`${stream} isn't of ${version}: ${counts}; lost ${lost}; added ${added}`];
  });
}

function textsOf(rows: readonly RowTexts[] | null): readonly string[] {
  return (rows ?? []).map((row) => JSON.stringify(row));
}

const listed = (rows: readonly string[]): string => `${rows.length}: ${rows.slice(0, 5).join(" ")}`;
