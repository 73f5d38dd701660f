/** Tables, their schemas and their files as the port answers them. */
import { pageRowsMax, type UnreferencedFile } from "../../core/ports/catalog.ts";
import type { TableSchema } from "../../core/schema.ts";
import type { LiveFile, TableFile, TableState } from "../../core/snapshot.ts";
import { tableKey, type TableName } from "../../core/table-name.ts";
import { microsText } from "../apply/micros.ts";
import type { SqlDatabase } from "../apply/sql-database.ts";
import { findTable } from "../apply/table-rows.ts";

type TableRecord = Omit<TableState, "files">;

interface TableRow extends Omit<TableRecord, "schema" | "shared" | "reserved"> {
  readonly shared: 0 | 1;
  readonly reserved: string;
  readonly schema: string;
}

const tables = `select table_id as tableId, namespace, name, naming, shared, reserved,
    owner_pipeline_id as ownerPipelineId,
    (select schema from schemas
      where schemas.table_id = tables.table_id and added_sequence <= ?
      order by version desc limit 1) as schema
  from tables`;

/** Every table that was made by a sequence, with its schema then, by namespace and name. */
export function queryTables(database: SqlDatabase, sequence: number): readonly TableRecord[] {
  const found: TableRecord[] = [];
  for (;;) {
    const last = found.at(-1);
    const page = database.all<TableRow>(
      {
        sql: `${tables} where created_sequence <= ? and (namespace, name) > (?, ?)
       order by namespace, name limit ?`,
      },
      sequence,
      sequence,
      last?.namespace ?? "",
      last?.name ?? "",
      pageRowsMax,
    );
    found.push(...page.map(tableOf));
    if (page.length < pageRowsMax) return found;
  }
}

/** The table of a name as of a sequence. */
export function queryTable(
  database: SqlDatabase,
  name: TableName,
  sequence: number,
): TableRecord | null {
  const row = database.get<TableRow>(
    { sql: `${tables} where key = ? and created_sequence <= ?` },
    sequence,
    tableKey(name),
    sequence,
  );
  return row === undefined ? null : tableOf(row);
}

function tableOf(row: TableRow): TableRecord {
  return {
    ...row,
    shared: row.shared === 1,
    // Both were written by a commit.
    reserved: JSON.parse(row.reserved) as TableState["reserved"],
    schema: JSON.parse(row.schema) as TableSchema,
  };
}

/** Every version of a table's schema. */
export function querySchemas(database: SqlDatabase, tableId: string): readonly TableSchema[] {
  return database
    .all<{ schema: string }>(
      { sql: "select schema from schemas where table_id = ? order by version" },
      tableId,
    )
    .map((row) => JSON.parse(row.schema) as TableSchema); // written by a commit
}

/** The newest sequence that changed the table; 0 for an unknown one. */
export function queryTableSequence(database: SqlDatabase, tableId: string): number {
  return findTable(database, tableId)?.sequence ?? 0;
}

/** Which files of a table are asked for. */
export interface FilePage {
  readonly tableId: string;
  readonly sequence: number;
  readonly afterFileId: number;
}

type FileRow = Omit<LiveFile, "masks">;

const fileColumns = `file_id as fileId, kind, path, rows, size_bytes as sizeBytes, sha256,
  schema_version as schemaVersion, added_sequence as addedSequence`;

/** A page of the files that a table held as of a sequence, by file id. */
export function queryFiles(database: SqlDatabase, page: FilePage): readonly LiveFile[] {
  // The index of live files serves the newest state; an older one walks the table's dead files too.
  const isNewest = page.sequence >= queryTableSequence(database, page.tableId);
  const rows = isNewest ? liveFiles(database, page) : filesAsOf(database, page);
  return rows.map((row) => ({ ...row, masks: masksOf(database, row) }));
}

function liveFiles(database: SqlDatabase, page: FilePage): readonly FileRow[] {
  return database.all<FileRow>(
    {
      sql: `select ${fileColumns} from files
     where table_id = ? and removed_sequence is null and file_id > ? order by file_id limit ?`,
    },
    page.tableId,
    page.afterFileId,
    pageRowsMax,
  );
}

function filesAsOf(database: SqlDatabase, page: FilePage): readonly FileRow[] {
  return database.all<FileRow>(
    {
      sql: `select ${fileColumns} from files
     where table_id = ? and file_id > ? and added_sequence <= ?
       and coalesce(removed_sequence > ?, true)
     order by file_id limit ?`,
    },
    page.tableId,
    page.afterFileId,
    page.sequence,
    page.sequence,
    pageRowsMax,
  );
}

function masksOf(database: SqlDatabase, file: FileRow): TableFile["masks"] {
  if (file.kind === "data") return [];
  return database.all<TableFile["masks"][number]>(
    {
      sql: "select data_file_id as fileId, rows from masks where delete_file_id = ? order by data_file_id",
    },
    file.fileId,
  );
}

/** A page of files that no retained snapshot holds, by file id. */
export function queryUnreferenced(
  database: SqlDatabase,
  afterFileId: number,
): readonly UnreferencedFile[] {
  return database
    .all<
      Omit<UnreferencedFile, "deleting" | "unreferencedSince"> & { deleting: 0 | 1; at: number }
    >(
      {
        sql: `select file_id as fileId, table_id as tableId, path, size_bytes as sizeBytes,
         unreferenced_since as at, deleting
       from files where unreferenced_since is not null and file_id > ? order by file_id limit ?`,
      },
      afterFileId,
      pageRowsMax,
    )
    .map(({ at, ...row }) => ({
      ...row,
      unreferencedSince: microsText(at),
      deleting: row.deleting === 1,
    }));
}

const references = [
  "select 1 from files where path = ?",
  "select 1 from commits where path = ?",
  "select 1 from cursors where boundary_path = ?",
];

/** Whether the catalog knows the path as a file's, a manifest's or a boundary's. */
export function queryIsReferenced(database: SqlDatabase, path: string): boolean {
  return references.some((sql) => database.get({ sql }, path) !== undefined);
}
