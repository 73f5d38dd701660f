/** A throwaway PgBouncer on loopback in front of a server, which it reaches as it is reached. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { connect } from "node:net";
import { once } from "node:events";

import { findFreePort } from "./port.ts";
import { findProgram, programs } from "./program.ts";
import { startServer } from "./server.ts";
import { makeTemporaryFolder } from "./temporary-folder.ts";
import { findUser, isRoot } from "./user.ts";

const host = "127.0.0.1";

/** When a session goes back to the pool: at the end of a connection, a transaction, a statement. */
export type PoolMode = "session" | "transaction" | "statement";

/** A running pooler. */
export interface PgBouncer extends AsyncDisposable {
  readonly host: string;
  readonly port: number;
  /** Ends it and removes its folder. */
  stop(): Promise<void>;
}

/** How it pools. */
export interface PgBouncerOptions {
  readonly mode: PoolMode;
  /** Lines of its configuration, as `{ server_round_robin: "1" }`. */
  readonly settings?: Readonly<Record<string, string>>;
}

/**
 * Starts a pooler for every database of a server that trusts its users.
 * @throws Error that names the package when PgBouncer is not installed.
 */
export async function startPgBouncer(
  server: { readonly host: string; readonly port: number },
  { mode, settings = {} }: PgBouncerOptions,
): Promise<PgBouncer> {
  findProgram(programs.pgbouncer);
  // PgBouncer refuses to run as root, too.
  const user = isRoot() ? await findUser("postgres", programs.postgres.package) : undefined;
  await using undo = new AsyncDisposableStack();
  const folder = undo.use(await makeTemporaryFolder("pgbouncer", user));
  const port = await findFreePort();
  const all = {
    listen_addr: host,
    listen_port: String(port),
    unix_socket_dir: "",
    auth_type: "any",
    pool_mode: mode,
    ...settings,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name} = ${value}\n`);
  // Without passwords whoever asks is this user to the server.
  const databases = `[databases]\n* = host=${server.host} port=${server.port} user=postgres\n`;
  const path = join(folder.path, "pgbouncer.ini");
  await writeFile(path, `${databases}[pgbouncer]\n${lines.join("")}`);
  undo.use(
    await startServer({
      name: "pgbouncer",
      program: programs.pgbouncer,
      args: [path],
      folder: folder.path,
      ...(user === undefined ? {} : { user }),
      // At once; SIGINT would wait for those who are connected.
      stopSignal: "SIGTERM",
      isReady: () => isReady(port),
    }),
  );
  const owned = undo.move();
  const stop = () => owned.disposeAsync();
  return { host, port, stop, [Symbol.asyncDispose]: stop };
}

async function isReady(port: number): Promise<boolean> {
  const socket = connect({ host, port });
  try {
    await once(socket, "connect");
    return true;
  } finally {
    socket.destroy();
  }
}
