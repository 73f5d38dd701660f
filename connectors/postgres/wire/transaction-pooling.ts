/**
 * Finds out whether a pooler hands the transactions of one connection to several sessions: then
 * parameters, snapshots and cancellations would be somebody else's.
 *
 *   T1. Nothing is set before this is known: it would stay in sessions that others are given next.
 *   T2. Two connections that show the same session share it, and one that shows another session
 *       after a transaction has none of its own. A pool with sessions to spare may hide the second
 *       by handing them out in turn, so that more than one other transaction is held open.
 */
import type { Clock, HakiriError } from "../../../src/connector.ts";
import { placeOf, type ConnectOptions } from "./connect-options.ts";
import { endpointError } from "./connection-error.ts";
import type { PgConnection } from "./connection.ts";

/** T2: of two sessions in turn, the second other connection has the first one's. */
const othersMax = 2;

/** How long another session is waited for: a session pool that is used up has none. */
const patienceMs = 2000;

/** Opens another connection by the same way, with nothing set. */
export type OpenPlain = () => Promise<PgConnection>;

/** Throws Permanent `postgres.transaction_pooling`. The connection is in no transaction. */
export async function refuseTransactionPooling(
  connection: PgConnection,
  { clock, endpoint }: Pick<ConnectOptions, "clock" | "endpoint">,
  openPlain: OpenPlain,
): Promise<void> {
  const others: PgConnection[] = [];
  try {
    const own = await sessionOf(connection, "");
    while (others.length < othersMax) {
      const other = await openPlain();
      others.push(other);
      const held = await heldSession(other, clock);
      if (held === null) return;
      if (held === own || (await sessionOf(connection, "")) !== own) {
        throw transactionPooling({ endpoint });
      }
    }
  } finally {
    for (const other of others) {
      // A pooler throws a session away that is left in a transaction.
      await other.query("ROLLBACK").catch(() => undefined);
      await other.close();
    }
  }
}

async function sessionOf(
  connection: PgConnection,
  before: string,
  signal?: AbortSignal,
): Promise<string | null> {
  const sql = `${before}SELECT pg_catalog.pg_backend_pid()`;
  const { rows } = await connection.query(sql, signal);
  return rows[0]?.[0] ?? null;
}

/** The session of a transaction that stays open; null where none was to be had. */
async function heldSession(connection: PgConnection, clock: Clock): Promise<string | null> {
  const patience = new AbortController();
  const timer = clock.schedule(patienceMs, () => patience.abort(new Impatient()));
  try {
    return await sessionOf(connection, "BEGIN; ", patience.signal);
  } catch (error) {
    if (error instanceof Impatient) return null;
    throw error;
  } finally {
    timer.cancel();
  }
}

class Impatient extends Error {}

function transactionPooling({ endpoint }: Pick<ConnectOptions, "endpoint">): HakiriError {
  return endpointError(endpoint, {
    kind: "Permanent",
    code: "postgres.transaction_pooling",
    message:
      `expected a session of its own for each connection to ${placeOf(endpoint)}, got a pooler ` +
      "that gives each transaction another one (transaction pooling)",
    hint:
      "connect to the server itself, often on port 5432, or to a pool in session mode " +
      "(pool_mode = session)",
  });
}
