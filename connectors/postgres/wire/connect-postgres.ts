/** Opens a connection: socket, TLS, authentication, and the parameters of the session. */
import type { ConnectOptions } from "./connect-options.ts";
import { connectTimedOut } from "./connection-error.ts";
import { Connection, type PgConnection } from "./connection.ts";
import { openSession } from "./open-session.ts";
import type { PgSocket } from "./pg-socket.ts";
import { refuseTransactionPooling, type OpenPlain } from "./transaction-pooling.ts";

/**
 * Connects. Rejects with a HakiriError that says whom it tried to reach and what to check, or with
 * the signal's reason. Nothing is left open then.
 */
export async function connectPostgres(
  options: ConnectOptions,
  signal: AbortSignal,
): Promise<PgConnection> {
  signal.throwIfAborted();
  const sockets: PgSocket[] = [];
  let stop: { readonly reason: unknown } | null = null;
  const giveUp = (reason: unknown): void => {
    stop ??= { reason };
    for (const socket of sockets) socket.destroy(reason);
  };
  const onAbort = (): void => {
    giveUp(signal.reason);
  };
  const { connectTimeoutMs, clock, endpoint } = options;
  const deadline = clock.schedule(connectTimeoutMs, () => {
    giveUp(connectTimedOut(endpoint, connectTimeoutMs / 1000));
  });
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    const session = await openSession(options, (socket) => {
      sockets.push(socket);
      if (stop !== null) socket.destroy(stop.reason);
    });
    const connection = new Connection(options, session);
    await setParameters(connection, options, {
      processId: session.cancelKey?.processId ?? null,
      openPlain: () => connectPlain(options, signal),
    });
    return connection;
  } catch (error) {
    for (const socket of sockets) socket.destroy();
    throw reasonOf(stop) ?? error;
  } finally {
    deadline.cancel();
    signal.removeEventListener("abort", onAbort);
  }
}

/** Another connection of the same kind, with nothing set. */
function connectPlain(options: ConnectOptions, signal: AbortSignal): Promise<PgConnection> {
  return connectPostgres({ ...options, session: {} }, signal);
}

interface Way {
  /** Of the session, as it was told at the login; null where it wasn't. */
  readonly processId: number | null;
  readonly openPlain: OpenPlain;
}

/** Where another process answers than the one that was told, there is a pooler between. */
async function setParameters(
  connection: PgConnection,
  options: ConnectOptions,
  { processId, openPlain }: Way,
): Promise<void> {
  const sql = sessionSql(options.session);
  if (sql === null) return;
  const isItself = processId === null ? "false" : `pg_catalog.pg_backend_pid() = ${processId}`;
  const { rows } = await connection.query(`${sql} WHERE ${isItself}`);
  if (rows.length > 0) return;
  if (options.isPoolerChecked !== true) {
    await refuseTransactionPooling(connection, options, openPlain);
  }
  await connection.query(sql);
}

/** The compiler believes that a closure never ran. */
function reasonOf(stop: { readonly reason: unknown } | null): unknown {
  return stop?.reason;
}

/** One for all, which takes a WHERE; in the startup message poolers refuse parameters. */
function sessionSql(parameters: Readonly<Record<string, string>>): string | null {
  const calls = Object.entries(parameters).map(
    ([name, value]) => `pg_catalog.set_config(${literal(name)}, ${literal(value)}, false)`,
  );
  return calls.length === 0 ? null : `SELECT ${calls.join(", ")}`;
}

function literal(text: string): string {
  return `E'${text.replaceAll("\\", "\\\\").replaceAll("'", "''")}'`;
}
