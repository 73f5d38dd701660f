/** A throwaway PostgreSQL 15 on loopback, with logical decoding on and trust authentication. */
import { mkdir, writeFile, chown } from "node:fs/promises";
import { join } from "node:path";

import { waitUntil } from "./deadline.ts";
import { findFreePort } from "./port.ts";
import { findProgram, programs, runProgram } from "./program.ts";
import { startServer, type Server } from "./server.ts";
import { makeTemporaryFolder } from "./temporary-folder.ts";
import { findUser, isRoot, type User } from "./user.ts";

const host = "127.0.0.1";

/** A running Postgres. Its superuser and its database are both called `postgres`. */
export interface Postgres extends AsyncDisposable {
  /** A connection string for TCP, without a password. */
  readonly url: string;
  readonly host: string;
  readonly port: number;
  /** Holds the Unix socket, the log and the data; of the user that Postgres runs as. */
  readonly folder: string;
  readonly server: Server;
  /** Ends it as `pg_ctl restart -m immediate` does, without a checkpoint, and starts it again. */
  restart(): Promise<void>;
  /** Runs one command with psql over TCP and returns what it printed, unaligned, tuples only. */
  psql(command: string): Promise<Buffer>;
  /** Ends it as a fast shutdown does (clients are disconnected) and removes its folder. */
  stop(): Promise<void>;
}

/** What differs from the defaults. */
export interface PostgresOptions {
  /** Lines of postgresql.conf, values as written there: `{ max_wal_senders: "20" }`. */
  readonly settings?: Readonly<Record<string, string>>;
  /** The server that it follows as a hot standby, which has to outlive it; absent: none. */
  readonly primary?: Pick<Postgres, "host" | "port">;
}

/**
 * Makes a cluster and starts it: about a second. As root it runs as the user `postgres`, since
 * Postgres refuses root; otherwise as who runs the tests.
 * @throws Error that names the package when Postgres is not installed.
 */
export async function startPostgres(options: PostgresOptions = {}): Promise<Postgres> {
  // Asked for first: without the package there is no user `postgres` either.
  findProgram(programs.initdb);
  const user = isRoot() ? await findUser("postgres", programs.postgres.package) : undefined;
  await using undo = new AsyncDisposableStack();
  const folder = undo.use(await makeTemporaryFolder("postgres", user));
  const { primary } = options;
  const dataFolder = await (primary === undefined
    ? initialise(folder.path, user)
    : backUp(primary, folder.path, user));
  const port = await findFreePort();
  await writeSettings(dataFolder, {
    listen_addresses: `'${host}'`,
    port: String(port),
    unix_socket_directories: `'${folder.path}'`,
    wal_level: "logical",
    ...options.settings,
  });
  const start = () =>
    startServer({
      name: "postgres",
      program: programs.postgres,
      args: ["-D", dataFolder],
      folder: folder.path,
      ...(user === undefined ? {} : { user }),
      // A fast shutdown; SIGTERM would wait for every client to leave.
      stopSignal: "SIGINT",
      isReady: () => isReady(port),
    });
  let server = await start();
  undo.defer(() => server.stop());
  const url = `postgres://postgres@${host}:${port}/postgres`;
  const psqlOptions = ["--no-psqlrc", "--tuples-only", "--no-align"];
  const owned = undo.move();
  const stop = () => owned.disposeAsync();
  return {
    url,
    host,
    port,
    folder: folder.path,
    get server() {
      return server;
    },
    restart: async () => {
      // The signal of an immediate shutdown.
      server.signal("SIGQUIT");
      await waitUntil("Postgres to end", () => !server.isRunning());
      server = await start();
    },
    psql: (command) => runProgram(programs.psql, [...psqlOptions, `--command=${command}`, url]),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

async function initialise(folder: string, user: User | undefined): Promise<string> {
  const dataFolder = join(folder, "data");
  await mkdir(dataFolder, { mode: 0o700 });
  if (user !== undefined) await chown(dataFolder, user.uid, user.gid);
  await runProgram(
    programs.initdb,
    ["-D", dataFolder, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"],
    { cwd: folder, ...(user === undefined ? {} : { user }) },
  );
  return dataFolder;
}

/** With the settings of a standby, which follows from where the copy began. */
async function backUp(
  primary: Pick<Postgres, "host" | "port">,
  folder: string,
  user: User | undefined,
): Promise<string> {
  const dataFolder = join(folder, "data");
  await runProgram(
    programs.pg_basebackup,
    [
      `--host=${primary.host}`,
      `--port=${primary.port}`,
      "--username=postgres",
      `--pgdata=${dataFolder}`,
      "--write-recovery-conf",
      "--checkpoint=fast",
      "--wal-method=stream",
      "--no-sync",
    ],
    { cwd: folder, ...(user === undefined ? {} : { user }) },
  );
  return dataFolder;
}

/** The last value of a setting counts, so those of initdb's file are overridden. */
async function writeSettings(dataFolder: string, settings: Record<string, string>): Promise<void> {
  const lines = Object.entries(settings).map(([name, value]) => `${name} = ${value}\n`);
  await writeFile(join(dataFolder, "postgresql.conf"), lines.join(""), { flag: "a" });
}

async function isReady(port: number): Promise<boolean> {
  // Fails until then: a failure of a ready check is "not yet".
  await runProgram(programs.pg_isready, ["--quiet", "-h", host, "-p", String(port)]);
  return true;
}
