/** Checks better-sqlite3: a write and a read in memory. */
import Database from "better-sqlite3";

/** Writes and reads one row, and tells SQLite's version. */
export async function checkSqlite(): Promise<string> {
  const database = new Database(":memory:");
  try {
    database.exec("create table t (id integer primary key, name text) strict");
    database.prepare("insert into t (name) values (?)").run("first");
    const row: unknown = database.prepare("select sqlite_version() as version, id from t").get();
    return `SQLite ${(row as { version: string }).version}`; // the select above names it
  } finally {
    database.close();
  }
}
