/**
 * One state of the database for all reads of a run: a transaction that exports its snapshot and
 * stays open, in the control process, while the reads import it.
 *
 *   S1. What is held back is told before the snapshot is taken: a transaction that begins between
 *       the two may commit rows that the snapshot lacks.
 */
import { HakiriError, type SourceSession } from "../../src/connector.ts";
import { z } from "zod";
import type { Connections } from "./connections.ts";
import type { PgConnection } from "./wire/connection.ts";

/** What the reads of a run share. */
export interface SharedState {
  /** As `pg_export_snapshot` calls it; null where each statement has its own. */
  readonly snapshot: string | null;
  /** See `oldestTransaction`; null where nothing is held back. */
  readonly heldBackAt: string | null;
}

const token = z.strictObject({
  snapshot: z
    .string()
    .regex(/^[0-9A-Fa-f-]{1,64}$/u)
    .nullable(),
  heldBackAt: z.string().max(64).nullable(),
});

/** The state of a session's token. */
export function readToken(text: string): SharedState {
  return token.parse(JSON.parse(text));
}

const begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

/** Opens a session. */
export async function openSharedSnapshot(
  connections: Connections,
  options: { readonly holdsBack: boolean; readonly signal: AbortSignal },
): Promise<SourceSession> {
  const { holdsBack, signal } = options;
  const connection = await connections.take(signal);
  try {
    // S1.
    const heldBackAt = holdsBack ? await oldestTransaction(connection, signal) : null;
    await connection.query(begin, signal);
    const { rows } = await connection.query("SELECT pg_catalog.pg_export_snapshot()", signal);
    const snapshot = rows[0]?.[0] ?? null;
    return {
      token: JSON.stringify({ snapshot, heldBackAt } satisfies SharedState),
      lost: connection.lost.then(({ message }) => message),
      close: () => connections.drop(connection),
    };
  } catch (error) {
    await connections.drop(connection);
    throw error;
  }
}

/** Begins a read's transaction in the shared state. Throws Transient `postgres.snapshot_lost`. */
export async function beginRead(
  connection: PgConnection,
  { snapshot }: SharedState,
  signal: AbortSignal,
): Promise<void> {
  if (snapshot === null) return void (await connection.query(begin, signal));
  try {
    await connection.query(`${begin}; SET TRANSACTION SNAPSHOT '${snapshot}'`, signal);
  } catch (error) {
    if (!(error instanceof HakiriError) || error.kind !== "Permanent") throw error;
    throw new HakiriError({
      kind: "Transient",
      code: "postgres.snapshot_lost",
      message: `expected the snapshot that the run's reads share, but it is gone: ${error.message}`,
      hint: "run it again; it needs the same server for all of its connections, no pooler between",
      cause: error.toRecord(),
    });
  }
}

/** As `oldestTransaction` answers where nobody knows when one began. */
export const unknownStart = "-infinity";

/**
 * The start of the oldest transaction that may still commit rows, as text; the moment itself where
 * there is none, and `unknownStart` where one is prepared: the server forgets when it began. Throws
 * Permanent `postgres.cannot_hold_back` where the server doesn't tell it.
 */
export async function oldestTransaction(
  connection: PgConnection,
  signal: AbortSignal,
): Promise<string> {
  const { rows } = await connection.query(
    "SELECT pg_catalog.pg_is_in_recovery(), " +
      "pg_catalog.pg_has_role('pg_read_all_stats', 'USAGE'), " +
      "CASE WHEN EXISTS (SELECT FROM pg_catalog.pg_prepared_xacts " +
      `WHERE database = pg_catalog.current_database()) THEN '${unknownStart}' ` +
      "ELSE least(pg_catalog.now(), (SELECT pg_catalog.min(xact_start) " +
      "FROM pg_catalog.pg_stat_activity WHERE datname = pg_catalog.current_database() " +
      "AND pid <> pg_catalog.pg_backend_pid() AND backend_type <> 'autovacuum worker'))" +
      "::pg_catalog.text END",
    signal,
  );
  const [isStandby, seesAll, oldest = null] = rows[0] ?? [];
  if (isStandby === "f" && seesAll === "t" && oldest !== null) return oldest;
  throw new HakiriError({
    kind: "Permanent",
    code: "postgres.cannot_hold_back",
    message:
      isStandby === "t"
        ? "expected a primary for late_commits = hold_back, got a standby, which doesn't know the " +
          "transactions that run on its primary"
        : "expected the right to see when transactions began, for late_commits = hold_back",
    hint:
      isStandby === "t"
        ? "read from the primary, or use late_commits = lag with a lag"
        : "GRANT pg_read_all_stats TO the user, or use late_commits = lag with a lag",
  });
}
