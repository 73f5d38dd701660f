/**
 * What a catalog says, table by table in key order: two catalogs that say the same are equal,
 * whatever their files look like.
 */
import type { SqlDatabase, SqlValue } from "../../src/catalog/apply/sql-database.ts";
import { digestOfText } from "./commands.ts";

type Row = Readonly<Record<string, SqlValue>>;

/** Every row of every table; tables by name, rows by primary key. */
export function logicalRows(database: SqlDatabase): Readonly<Record<string, readonly Row[]>> {
  const names = database.all<{ name: string }>({
    sql: "select name from sqlite_schema where type = 'table' order by name",
  });
  return Object.fromEntries(names.map(({ name }) => [name, rowsOf(database, name)]));
}

function rowsOf(database: SqlDatabase, table: string): readonly Row[] {
  const columns = database.all<{ name: string; pk: number }>({
    sql: `select name, pk from pragma_table_info('${table}')`,
  });
  const key = columns.filter(({ pk }) => pk > 0).toSorted((a, b) => a.pk - b.pk);
  const order = key.map(({ name }) => name).join(", ");
  return database.all<Row>({ sql: `select * from ${table} order by ${order}` });
}

/** Equal for two catalogs that say the same. */
export function digestOf(database: SqlDatabase): string {
  return digestOfText(JSON.stringify(logicalRows(database)));
}
