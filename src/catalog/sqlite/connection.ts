/**
 * A connection to a catalog's file: durable at each commit, its statements prepared once.
 *
 * It owns transactions and what SQLite is told about durability. What the statements mean is
 * apply's and the queries' business.
 *
 * D1. A transaction that returned is on the disk: WAL with `synchronous = FULL`, read back on every
 *     open since SQLite forgets it, and on macOS with `fullfsync`.
 * D2. Writers take turns: `BEGIN IMMEDIATE`, so that none finds out at its end that it came late.
 */
import Database from "better-sqlite3";
import { HakiriError } from "../../core/error.ts";
import type { Query, SqlDatabase, SqlValue } from "../apply/sql-database.ts";
import { sqliteFault } from "./sqlite-fault.ts";

/** How long a connection waits for another one's transaction. */
export const busyTimeoutMs = 10_000;

/** An open database with transactions. Its errors are those of `sqliteFault`. */
export interface SqliteConnection extends SqlDatabase {
  /** Runs the work in a transaction of its own; rolls back and rethrows what it throws. */
  write<T>(work: () => T): T;
  /** Runs the work against one state of the database. */
  read<T>(work: () => T): T;
  /** Runs statements that give no rows and are never run again. */
  execute(sql: string): void;
  /** Copies the database, as of some moment between call and return, to a new file. */
  backupTo(path: string): Promise<void>;
  /** Frees it. Idempotent. */
  close(): void;
}

/** Opens a file that exists or that `mayCreate`. Throws what `sqliteFault` makes of a failure. */
export function openConnection(
  path: string,
  options: { readonly mayCreate: boolean; readonly busyTimeoutMs: number },
): SqliteConnection {
  return faulty(path, () => {
    const raw = new Database(path, {
      fileMustExist: !options.mayCreate,
      timeout: options.busyTimeoutMs,
    });
    try {
      makeDurable(raw, path);
      return connectionOf(raw, path);
    } catch (error) {
      raw.close();
      throw error;
    }
  });
}

/** D1. */
function makeDurable(raw: Database.Database, path: string): void {
  const mode: unknown = raw.pragma("journal_mode = wal", { simple: true });
  raw.pragma("synchronous = full");
  raw.pragma("foreign_keys = on");
  if (process.platform === "darwin") {
    raw.pragma("fullfsync = on");
    raw.pragma("checkpoint_fullfsync = on");
  }
  const synchronous: unknown = raw.pragma("synchronous", { simple: true });
  if (mode === "wal" && synchronous === 2) return;
  throw new HakiriError({
    kind: "Permanent",
    code: "catalog.not_durable",
    message:
      `expected a durable catalog in ${path}, ` +
      `but its disk allows journal mode ${String(mode)}, synchronous ${String(synchronous)}`,
    hint: "move the project to a local disk",
  });
}

function connectionOf(raw: Database.Database, path: string): SqliteConnection {
  const prepared = new Map<string, Database.Statement<SqlValue[]>>();
  const prepare = (sql: string): Database.Statement<SqlValue[]> => {
    const known = prepared.get(sql);
    if (known !== undefined) return known;
    const statement = raw.prepare<SqlValue[]>(sql);
    prepared.set(sql, statement);
    return statement;
  };
  const transaction = <T>(begin: string, work: () => T): T =>
    faulty(path, () => {
      prepare(begin).run();
      try {
        const result = work();
        prepare("commit").run();
        return result;
      } catch (error) {
        // SQLite itself rolled back where the disk failed.
        if (raw.inTransaction) prepare("rollback").run();
        throw error;
      }
    });
  return {
    run: (sql, ...values) => prepare(sql).run(...values).changes,
    // The type of a row is what the query promises.
    get: <Row>({ sql }: Query<Row>, ...values: readonly SqlValue[]) =>
      prepare(sql).get(...values) as Row | undefined,
    all: <Row>({ sql }: Query<Row>, ...values: readonly SqlValue[]) =>
      prepare(sql).all(...values) as readonly Row[],
    write: (work) => transaction("begin immediate", work), // D2
    read: (work) => transaction("begin", work),
    execute: (sql) => faulty(path, () => raw.exec(sql)),
    backupTo: async (target) => {
      await raw.backup(target).catch((error: unknown) => {
        throw sqliteFault(error, target);
      });
    },
    close: () => raw.close(),
  };
}

function faulty<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw sqliteFault(error, path);
  }
}
