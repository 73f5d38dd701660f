/**
 * A file that one process holds: an SQLite database under `BEGIN EXCLUSIVE`, which the operating
 * system frees when the process dies, whatever killed it. No process id and no clock is asked.
 *
 * L1. Nothing of hakiri opens such a file but this module: on POSIX, closing any handle of a file
 *     drops every lock that the process holds on it. SQLite alone keeps track of its own handles.
 * L2. A held file is kept from the garbage collector, which would close it and so let go, even
 *     where its holder keeps no reference.
 * L3. Nothing is written into the file; what it says means nothing.
 */
import { existsSync } from "node:fs";
import Database from "better-sqlite3";
import { HakiriError } from "../core/error.ts";
import { sqliteFault } from "./sqlite/sqlite-fault.ts";

const held = new Set<Database.Database>();

/** A held file. */
export interface HeldFile {
  /** Lets go. Idempotent. */
  release(): void;
}

/**
 * Takes the file, which is made where there is none, or answers null where someone holds it, in
 * this process or another. Never waits. Throws Permanent `disk.*` where the file can't be used.
 */
export function holdFile(path: string): HeldFile | null {
  return hold(path, open(path, { fileMustExist: false }));
}

/** Takes the file as `holdFile` does, but makes none: `gone` where there is no file. */
export function holdExisting(path: string): HeldFile | "gone" | null {
  try {
    return hold(path, open(path, { fileMustExist: true }));
  } catch (error) {
    if (!existsSync(path)) return "gone";
    throw error;
  }
}

function hold(path: string, database: Database.Database): HeldFile | null {
  try {
    // An exclusive transaction on an empty file begins to write it, with a journal beside it.
    database.pragma("journal_mode = memory");
    database.exec("begin exclusive");
  } catch (error) {
    database.close();
    if (isBusy(error)) return null;
    throw isGarbage(error) ? garbage(path) : sqliteFault(error, path);
  }
  held.add(database); // L2
  return {
    release() {
      held.delete(database);
      // Closing rolls back, which is all there is to letting go.
      database.close();
    },
  };
}

function open(path: string, options: { readonly fileMustExist: boolean }): Database.Database {
  try {
    return new Database(path, { ...options, timeout: 0 });
  } catch (error) {
    throw sqliteFault(error, path);
  }
}

/** L3 holds for a file that SQLite takes for a database, which an empty one is. */
function isGarbage(error: unknown): boolean {
  return error instanceof Database.SqliteError && /^SQLITE_(?:NOTADB|CORRUPT)/u.test(error.code);
}

function garbage(path: string): HakiriError {
  return new HakiriError({
    kind: "Permanent",
    code: "store.damaged_lock",
    message: `expected an empty lock file in ${path}, but something wrote into it`,
    hint: "remove the file while no hakiri is at work on this project",
  });
}

function isBusy(error: unknown): boolean {
  return error instanceof Database.SqliteError && error.code.startsWith("SQLITE_BUSY");
}
