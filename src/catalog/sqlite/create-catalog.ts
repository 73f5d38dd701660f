/**
 * Makes the file of a new catalog in one step: whoever sees its name sees it whole, and of two who
 * make it at once one wins.
 */
import { closeSync, fsyncSync, linkSync, openSync, unlinkSync } from "node:fs";
import { dirname } from "node:path";
import { insertStore, tableDefinitions, type NewStore } from "../apply/table-definitions.ts";
import { busyTimeoutMs, openConnection } from "./connection.ts";
import { sqliteFault } from "./sqlite-fault.ts";

/**
 * Makes the catalog unless there is one; whose store it is, its row says. The store's id is random
 * and so names the temporary file too.
 */
export function createCatalog(path: string, store: NewStore): void {
  const temporary = `${path}.tmp-${store.storeId}`;
  try {
    fill(temporary, store);
    linkUnlessTaken(temporary, path);
    unlinkSync(temporary);
    syncPath(dirname(path));
  } catch (error) {
    throw sqliteFault(error, path);
  }
}

function fill(temporary: string, store: NewStore): void {
  const connection = openConnection(temporary, { mayCreate: true, busyTimeoutMs });
  try {
    connection.write(() => {
      connection.execute(tableDefinitions);
      insertStore(connection, store);
    });
  } finally {
    // The last connection moves the write-ahead log into the file.
    connection.close();
  }
  syncPath(temporary);
}

function linkUnlessTaken(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  }
}

/**
 * Makes a file's bytes or a folder's names durable (fsync; Node asks macOS for F_FULLFSYNC). An
 * earlier process may have died between making a name and syncing its folder.
 */
export function syncPath(path: string): void {
  const handle = openSync(path, "r");
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
