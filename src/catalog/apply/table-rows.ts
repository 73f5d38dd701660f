/** Tables as rows: what commands read of one before they change it, and how one is made. */
import { canonicalJson } from "../../core/json.ts";
import type { TableSchema } from "../../core/schema.ts";
import type { TableChange } from "../../core/snapshot.ts";
import { formatTableName, tableKey } from "../../core/table-name.ts";
import { conflict, refused } from "../../core/refusal.ts";
import type { SqlDatabase } from "./sql-database.ts";
import type { TableEdit } from "./table-edit.ts";

/** A table as changes are checked against it. */
export interface TableRow {
  readonly tableId: string;
  readonly namespace: string;
  readonly name: string;
  readonly shared: 0 | 1;
  readonly ownerPipelineId: string;
  /** The newest snapshot that changed it. */
  readonly sequence: number;
  readonly schemaVersion: number;
}

const columns = `table_id as tableId, namespace, name, shared,
  owner_pipeline_id as ownerPipelineId, sequence, schema_version as schemaVersion`;

/** The table, or undefined. */
export function findTable(database: SqlDatabase, tableId: string): TableRow | undefined {
  return database.get<TableRow>(
    { sql: `select ${columns} from tables where table_id = ?` },
    tableId,
  );
}

/**
 * The table that a change is about, as it was before, or null where the change makes it. Throws
 * Permanent `refused.manifest` where store and change don't know the same table, and
 * `conflict.table_exists` where another table has the new one's name.
 */
export function tableBefore(database: SqlDatabase, change: TableChange): TableRow | null {
  const table = findTable(database, change.tableId);
  if (change.created === null) {
    if (table?.namespace === change.namespace && table.name === change.name) return table;
    throw refused("manifest", `expected a table of this store, got ${named(change)}`);
  }
  if (table !== undefined) {
    throw refused(
      "manifest",
      `expected a new table, but ${named(change)} has the id of an old one`,
    );
  }
  const other = database.get<{ namespace: string; name: string }>(
    { sql: "select namespace, name from tables where key = ?" },
    tableKey(change),
  );
  if (other === undefined) return null;
  throw conflict(
    "table_exists",
    `expected no table ${formatTableName(change)}, but there is ${formatTableName(other)}`,
    "give the stream another table, or run again if two runs made it at once",
  );
}

/** The change's table with its id, for messages. */
export function named(change: TableChange): string {
  return `${formatTableName(change)} (${change.tableId})`;
}

/** Makes the table or notes that a snapshot changed it, and adds its new schemas. */
export function writeTable(
  database: SqlDatabase,
  { change, schemas }: TableEdit,
  before: {
    /** Null where the change makes the table. */
    readonly table: TableRow | null;
    readonly pipelineId: string;
    readonly sequence: number;
  },
): void {
  const { table, pipelineId, sequence } = before;
  const version = table?.schemaVersion ?? 0;
  if (change.created === null) {
    database.run(
      "update tables set sequence = ?, schema_version = ? where table_id = ?",
      sequence,
      version + schemas.length,
      change.tableId,
    );
  } else {
    database.run(
      `insert into tables (table_id, namespace, name, key, naming, shared, reserved,
         owner_pipeline_id, created_sequence, sequence, schema_version)
       values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      change.tableId,
      change.namespace,
      change.name,
      tableKey(change),
      change.created.naming,
      change.created.shared ? 1 : 0,
      canonicalJson(change.created.reserved),
      pipelineId,
      sequence,
      sequence,
      schemas.length,
    );
  }
  for (const schema of schemas) insertSchema(database, change.tableId, schema, sequence);
}

/**
 * Checks that the edit's schemas follow the table's. Throws Permanent `conflict.base_moved` where
 * another run was first with the next version, and `refused.manifest` for a gap.
 */
export function checkSchemas({ change, schemas }: TableEdit, table: TableRow | null): void {
  const version = table?.schemaVersion ?? 0;
  const [first] = schemas;
  if (table !== null && first !== undefined && first.version <= version) {
    throw conflict(
      "base_moved",
      `expected schema version ${version + 1} of ${named(change)}, got ${first.version}`,
      "another run changed the schema; run again",
    );
  }
  const isGapless = schemas.every((schema, index) => schema.version === version + 1 + index);
  if (isGapless && (table !== null || first !== undefined)) return;
  throw refused(
    "manifest",
    `expected the schema versions of ${named(change)} from ${version + 1} on`,
  );
}

function insertSchema(
  database: SqlDatabase,
  tableId: string,
  schema: TableSchema,
  sequence: number,
): void {
  database.run(
    "insert into schemas (table_id, version, added_sequence, schema) values (?, ?, ?, ?)",
    tableId,
    schema.version,
    sequence,
    canonicalJson(schema),
  );
}
