/**
 * Files as rows. A file is live from the snapshot that added it and before the one that removed it;
 * expiry, not removal, makes it unreferenced.
 */
import { filesPerRunMax, grantSequenceOf } from "../../core/snapshot.ts";
import type { Manifest, TableChange, TableFile } from "../../core/snapshot.ts";
import { refused } from "../../core/refusal.ts";
import type { SqlDatabase } from "./sql-database.ts";
import { named } from "./table-rows.ts";

/** What a change takes out of its table and puts in. */
export interface FileChange {
  readonly change: TableChange;
  /** Of the manifest: no file's id comes from a later grant. */
  readonly epoch: Manifest["epoch"];
  readonly sequence: number;
  /** The newest version of the table's schema, the change's own included. */
  readonly schemaVersion: number;
}

/**
 * Removes and adds files. Throws Permanent `refused.manifest` where a file that is removed or
 * masked isn't live in the table, or one that is added can't be.
 */
export function writeFiles(database: SqlDatabase, files: FileChange): void {
  const { change, sequence } = files;
  if (change.removed === "all") removeAll(database, change.tableId, sequence);
  else for (const fileId of change.removed) removeOne(database, files, fileId);
  for (const file of change.added) insertFile(database, files, file);
  for (const file of change.added) {
    for (const mask of file.masks) insertMask(database, change, { deletes: file, mask });
  }
}

/** The rows of a table that no live position delete masks. */
export function liveRows(database: SqlDatabase, tableId: string): number {
  const data = database.get<{ n: number }>(
    {
      sql: `select coalesce(sum(rows), 0) as n from files
     where table_id = ? and kind = 'data' and removed_sequence is null`,
    },
    tableId,
  );
  const masked = database.get<{ n: number }>(
    {
      sql: `select coalesce(sum(masks.rows), 0) as n from files as deletes
     join masks on masks.delete_file_id = deletes.file_id
     join files as data on data.file_id = masks.data_file_id
     where deletes.table_id = ? and deletes.kind = 'deletes' and deletes.removed_sequence is null
       and data.removed_sequence is null`,
    },
    tableId,
  );
  return (data?.n ?? 0) - (masked?.n ?? 0);
}

function removeAll(database: SqlDatabase, tableId: string, sequence: number): void {
  database.run(
    "update files set removed_sequence = ? where table_id = ? and removed_sequence is null",
    sequence,
    tableId,
  );
}

function removeOne(database: SqlDatabase, { change, sequence }: FileChange, fileId: number): void {
  const removed = database.run(
    `update files set removed_sequence = ?
     where file_id = ? and table_id = ? and removed_sequence is null`,
    sequence,
    fileId,
    change.tableId,
  );
  if (removed === 1) return;
  throw refused("manifest", `expected a live file of ${named(change)}, got ${fileId} to remove`);
}

function insertFile(database: SqlDatabase, files: FileChange, file: TableFile): void {
  checkFile(files, file);
  const inserted = database.run(
    `insert into files (file_id, table_id, kind, path, rows, size_bytes, sha256, schema_version,
       added_sequence)
     values (?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict do nothing`,
    file.fileId,
    files.change.tableId,
    file.kind,
    file.path,
    file.rows,
    file.sizeBytes,
    file.sha256,
    file.schemaVersion,
    files.sequence,
  );
  if (inserted === 1) return;
  throw refused("manifest", `expected a new file, but ${file.fileId} or ${file.path} is known`);
}

function checkFile({ change, epoch, schemaVersion }: FileChange, file: TableFile): void {
  const grant = Math.floor(file.fileId / filesPerRunMax);
  if (grant < 1 || grant > grantSequenceOf(epoch)) {
    throw refused("manifest", `expected an id of this grant or an earlier one, got ${file.fileId}`);
  }
  if (file.schemaVersion < 1 || file.schemaVersion > schemaVersion) {
    throw refused(
      "manifest",
      `expected a schema version up to ${schemaVersion} of ${named(change)}, ` +
        `got ${file.schemaVersion} in file ${file.fileId}`,
    );
  }
  if ((file.kind === "deletes") !== file.masks.length > 0) {
    throw refused("manifest", `expected masks for deletes alone, got file ${file.fileId}`);
  }
}

function insertMask(
  database: SqlDatabase,
  change: TableChange,
  { deletes, mask }: { readonly deletes: TableFile; readonly mask: TableFile["masks"][number] },
): void {
  const data = database.get(
    {
      sql: `select 1 from files
     where file_id = ? and table_id = ? and kind = 'data' and removed_sequence is null`,
    },
    mask.fileId,
    change.tableId,
  );
  if (data === undefined) {
    throw refused(
      "manifest",
      `expected deletes ${deletes.fileId} to mask live data of ${named(change)}, got ${mask.fileId}`,
    );
  }
  database.run(
    `insert into masks (delete_file_id, data_file_id, rows) values (?, ?, ?)
     on conflict do update set rows = rows + excluded.rows`,
    deletes.fileId,
    mask.fileId,
    mask.rows,
  );
}
