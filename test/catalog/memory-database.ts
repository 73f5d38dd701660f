/** A database in memory that apply and the queries run on, where durability isn't the question. */
import Database from "better-sqlite3";
import { apply } from "../../src/catalog/apply/apply.ts";
import type { Query, SqlDatabase, SqlValue } from "../../src/catalog/apply/sql-database.ts";
import { readStore } from "../../src/catalog/apply/store-row.ts";
import { insertStore, tableDefinitions } from "../../src/catalog/apply/table-definitions.ts";
import type { CatalogAnswers, CatalogCommand } from "../../src/core/catalog-command.ts";
import type { Manifest } from "../../src/core/snapshot.ts";
import { storeId } from "./commands.ts";

/** The database and what was asked of it. */
export interface MemoryDatabase extends SqlDatabase {
  readonly raw: Database.Database;
  /** The text of each statement that ran, in order. */
  readonly statements: string[];
}

/** The database of a new store. */
export function memoryDatabase(restoring = false): MemoryDatabase {
  const raw = new Database(":memory:");
  raw.exec(tableDefinitions);
  const prepared = new Map<string, Database.Statement<SqlValue[]>>();
  const statements: string[] = [];
  const prepare = (sql: string): Database.Statement<SqlValue[]> => {
    statements.push(sql);
    const statement = prepared.get(sql) ?? raw.prepare<SqlValue[]>(sql);
    prepared.set(sql, statement);
    return statement;
  };
  const database: MemoryDatabase = {
    raw,
    statements,
    run: (sql, ...values) => prepare(sql).run(...values).changes,
    // The type of a row is what the query promises.
    get: <Row>({ sql }: Query<Row>, ...values: readonly SqlValue[]) =>
      prepare(sql).get(...values) as Row | undefined,
    all: <Row>({ sql }: Query<Row>, ...values: readonly SqlValue[]) =>
      prepare(sql).all(...values) as readonly Row[],
  };
  insertStore(database, { storeId, restoring });
  return database;
}

/** Applies a command in a transaction of its own at the next position. */
export function applyNext<K extends CatalogCommand["kind"]>(
  database: MemoryDatabase,
  command: Extract<CatalogCommand, { kind: K }>,
  manifest?: Manifest,
): CatalogAnswers[K] {
  const position = (readStore(database)?.position ?? 0) + 1;
  const attachments = manifest === undefined ? {} : { manifest };
  return database.raw.transaction(() => apply<K>(database, command, position, attachments))();
}
