/**
 * Tables of real Parquet files, written by DuckDB with field ids, from rows of SQL literals: what a
 * view must show is worked out from the literals, never from the files.
 */
import { mkdirSync } from "node:fs";
import { quoteIdentifier, quoteText } from "../../../src/core/identifier.ts";
import type { ReservedColumn } from "../../../src/core/reserved-column.ts";
import type { Column, TableSchema } from "../../../src/core/schema.ts";
import type { LiveFile, TableState } from "../../../src/core/snapshot.ts";
import type { DataType } from "../../../src/core/type.ts";
import { openDuckDb, type DuckDb } from "../../../src/context/duckdb/open-duckdb.ts";
import { sqlType } from "../../../src/context/duckdb/sql-type.ts";
import { tableRelation } from "../../../src/context/views/table-relation.ts";
import { idOf } from "../fixtures.ts";
import { withFolder } from "../temporary-folder.ts";

/** A row by column id; what is absent is NULL. Literals are of the type that the file stores. */
export type Row = ReadonlyMap<number, string>;

/** A row of a file, from 0. */
export interface Place {
  readonly fileId: number;
  readonly row: number;
}

/** What of a part isn't as its schema and its table say. */
interface PartOptions {
  /** The columns that the file has; all of the schema's where absent. */
  readonly written?: readonly Column[];
  readonly reserved?: readonly ReservedColumn[];
}

/** A column of that id, name and type. */
export function columnOf(id: number, name: string, type: DataType): Column {
  return { id, name, sourceName: name, type, nullable: true };
}

/** A schema of that version, without a key. */
export function schemaWith(version: number, columns: readonly Column[]): TableSchema {
  const nextColumnId = Math.max(0, ...columns.map(({ id }) => id)) + 1;
  return { version, columns, nextColumnId, primaryKey: [] };
}

/** A row of these values for the columns 1, 2 and so on. */
export function rowOf(...values: readonly string[]): Row {
  return new Map(values.map((value, index) => [index + 1, value]));
}

/** Opens a DuckDB and a folder with an empty table for the time of the callback. */
export async function withTable<T>(
  use: (table: StoredTable, duckDb: DuckDb) => Promise<T>,
): Promise<T> {
  return withFolder(async (folder) => {
    const options = { threads: 2, memoryLimit: "512MB", temporaryFolder: `${folder}/tmp` };
    const duckDb = await openDuckDb(options);
    try {
      return await use(await createTable(duckDb, folder), duckDb);
    } finally {
      duckDb.close();
    }
  });
}

/** An empty table in a folder that exists, with the file of no rows that ends each list of one. */
export async function createTable(duckDb: DuckDb, folder: string): Promise<StoredTable> {
  mkdirSync(`${folder}/runs`);
  await writeEmptyPart(duckDb, folder);
  return new StoredTable(duckDb, `${folder}/`);
}

/** Writes `empty.parquet`. */
export async function writeEmptyPart(duckDb: DuckDb, folder: string): Promise<void> {
  const path = quoteText(`${folder}/empty.parquet`);
  await duckDb.run(`COPY (SELECT 1 AS i WHERE false) TO ${path} (FORMAT parquet)`);
}

/** A table, file by file. */
export class StoredTable {
  /** Ends in `/`. */
  readonly root: string;
  readonly schemas: TableSchema[] = [];
  readonly files: LiveFile[] = [];
  readonly #duckDb: DuckDb;

  constructor(duckDb: DuckDb, root: string) {
    this.#duckDb = duckDb;
    this.root = root;
  }

  /** Writes the rows as one part of that schema, which becomes one of the table's. */
  async addPart(
    schema: TableSchema,
    rows: readonly Row[],
    { written = schema.columns, reserved = [] }: PartOptions = {},
  ): Promise<LiveFile> {
    if (!this.schemas.some(({ version }) => version === schema.version)) this.schemas.push(schema);
    const path = `runs/${this.files.length}.parquet`;
    await writePart(this.#duckDb, this.root + path, [...written, ...reserved], rows);
    return this.#add({ kind: "data", path, rows: rows.length, schemaVersion: schema.version });
  }

  /** Writes position deletes as one file, in the order of the places. */
  async addDeletes(places: readonly Place[]): Promise<LiveFile> {
    const values = places.map(({ fileId, row }) => `(${fileId}::BIGINT, ${row}::BIGINT)`);
    const path = `runs/${this.files.length}.parquet`;
    await this.#duckDb.run(
      `COPY (FROM (VALUES ${values.join(", ")}) AS p(file_id, row_number)) ` +
        `TO ${quoteText(this.root + path)} (FORMAT parquet)`,
    );
    const masked = Map.groupBy(places, ({ fileId }) => fileId);
    const masks = [...masked].map(([fileId, rows]) => ({ fileId, rows: rows.length }));
    return this.#add({ kind: "deletes", path, rows: places.length, schemaVersion: 1, masks });
  }

  /** The table under a schema, with all its files unless others are told. */
  state(schema: TableSchema, more: Partial<TableState> = {}): TableState {
    return {
      tableId: idOf("4"),
      namespace: "main",
      name: "t",
      ownerPipelineId: idOf("2"),
      naming: "source",
      shared: false,
      reserved: [],
      schema,
      files: this.files,
      ...more,
    };
  }

  /** The SELECT of the table under a schema. */
  relation(schema: TableSchema, more: Partial<TableState> = {}): string {
    const { schemas, root } = this;
    return tableRelation({ table: this.state(schema, more), schemas, root });
  }

  #add(
    file: Pick<LiveFile, "kind" | "path" | "rows" | "schemaVersion"> & Partial<LiveFile>,
  ): LiveFile {
    // Ids rise, and neither begin at 0 nor follow one another.
    const fileId = 100 + this.files.length * 3;
    const added = { fileId, sizeBytes: 1, sha256: "", masks: [], addedSequence: 1, ...file };
    this.files.push(added);
    return added;
  }
}

/** Writes rows as a Parquet file with field ids. */
export async function writePart(
  duckDb: DuckDb,
  path: string,
  columns: readonly (Column | ReservedColumn)[],
  rows: readonly Row[],
): Promise<void> {
  const ids = columns.map(({ id, name }) => `${quoteIdentifier(name)}: ${id}`);
  await duckDb.run(
    `COPY (${rowsQuery(columns, rows)}) TO ${quoteText(path)} ` +
      `(FORMAT parquet, FIELD_IDS {${ids.join(", ")}})`,
  );
}

/** Rows as a query, in their order; of no rows too. */
function rowsQuery(columns: readonly (Column | ReservedColumn)[], rows: readonly Row[]): string {
  const none = columns.map(({ type }) => `NULL::${sqlType(type)}`);
  const values = rows.map((row) => {
    const literals = columns.map(
      ({ id, type }) => `CAST(${row.get(id) ?? "NULL"} AS ${sqlType(type)})`,
    );
    return `(${literals.join(", ")})`;
  });
  const from = values.length === 0 ? `SELECT ${none.join(", ")}` : `VALUES ${values.join(", ")}`;
  const names = columns.map(({ name }) => quoteIdentifier(name));
  return `FROM (${from}) AS r(${names.join(", ")})${values.length === 0 ? " WHERE false" : ""}`;
}

/** A value as a table shows it that was stored as another type. */
export function promoted(literal: string, stored: DataType, wanted: DataType): string {
  const value = `CAST(${literal} AS ${sqlType(stored)})`;
  if (wanted.kind === "json" && stored.kind !== "json") return `to_json(${value})`;
  return `CAST(${value} AS ${sqlType(wanted)})`;
}
