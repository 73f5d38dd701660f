/** A database file by better-sqlite3, for the load of the footprint gate. */
import Database from "better-sqlite3";

/** Opens the file, which is made where there is none. */
export function openSqliteFile(file: string): Database.Database {
  return new Database(file);
}
