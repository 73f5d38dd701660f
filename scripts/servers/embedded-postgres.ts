/**
 * A throwaway PostgreSQL 18 from npm: its own data folder, a free port on loopback and a Unix
 * socket; gone without a trace when it is stopped or when the process that started it dies.
 *
 * Nothing in it is meant to last: it doesn't sync its files. The system tests have the programs of
 * another PostgreSQL take its place, by a variable.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { constants } from "node:fs";
import { chmod, chown, cp, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import {
  placePrograms,
  programEnvironment,
  runnerOfPrograms,
  runProgram,
} from "./postgres-program.ts";
import { watchServer, type Watchdog } from "./postgres-watchdog.ts";

/** How a server is to be. */
export interface PostgresOptions {
  /** Of the superuser `postgres`; without one the default `hba` asks nobody for a password. */
  readonly password?: string;
  /** Lines of postgresql.conf, by their names. */
  readonly settings?: Readonly<Record<string, string | number | boolean>>;
  /** Lines of pg_hba.conf, in order; by default all are trusted, or asked by SCRAM. */
  readonly hba?: readonly string[];
  /** What it begins with: a copy of another server's data, see `startStandby`. */
  readonly backup?: {
    readonly dataFolder: string;
    /** Texts of files beside it, by name. */
    readonly files: Readonly<Record<string, string>>;
  };
  /** PEM texts; with them the server offers TLS. `authority` verifies clients' certificates. */
  readonly tls?: {
    readonly certificate: string;
    readonly key: string;
    readonly authority?: string;
  };
}

/** How a server ends: `fast` rolls back what runs, `immediate` is a crash that is recovered. */
export type StopMode = "fast" | "immediate";

/** A running server. */
export interface EmbeddedPostgres extends AsyncDisposable {
  readonly host: "127.0.0.1";
  readonly port: number;
  /** The folder of its Unix socket: what libpq takes as a host. */
  readonly socketFolder: string;
  /** The superuser, and the name of the database that every server has. */
  readonly user: "postgres";
  readonly database: "postgres";
  readonly password: string;
  /** `postgres://postgres[:password]@127.0.0.1:port/postgres`. */
  readonly url: string;
  /** The folder with postgresql.conf and pg_hba.conf. */
  readonly dataFolder: string;
  /** Of the postmaster. */
  processId(): number;
  /** What it logged last, at most 1 MiB. */
  log(): string;
  /** Makes it read its configuration files again; it answers before that has happened. */
  reload(): void;
  /** Ends it and starts it again on the same port and data. */
  restart(mode: StopMode): Promise<void>;
  /** Ends it and removes all of it; idempotent. */
  stop(): Promise<void>;
}

const logCharsMax = 1024 * 1024;
const startsMax = 5;
/** Data folders as initdb leaves them, one a password: a copy takes a tenth of initdb's time. */
const templates = new Map<string, Promise<string>>();
const programs: { made: Promise<Programs> | null; uses: number } = { made: null, uses: 0 };

interface Programs {
  readonly folder: string;
  readonly watchdog: Watchdog;
}

/** Starts a server and waits until it takes connections. */
export async function startPostgres(options: PostgresOptions = {}): Promise<EmbeddedPostgres> {
  programs.uses += 1;
  programs.made ??= makePrograms();
  const { folder: home } = await programs.made;
  const folder = await ownedFolder("hakiri-pg-");
  const server = new Server({ home, folder, options });
  try {
    await server.prepare();
    await server.start();
  } catch (error) {
    await server.stop();
    throw error;
  }
  return server;
}

interface Layout {
  readonly home: string;
  readonly folder: string;
  readonly options: PostgresOptions;
}

class Server implements EmbeddedPostgres {
  readonly host = "127.0.0.1";
  readonly user = "postgres";
  readonly database = "postgres";
  readonly password: string;
  readonly socketFolder: string;
  readonly dataFolder: string;
  port = 0;
  readonly #layout: Layout;
  readonly #watchdog: Watchdog;
  #process: ChildProcess | null = null;
  #log = "";
  #isStopped = false;

  constructor(layout: Layout) {
    this.#layout = layout;
    this.password = layout.options.password ?? "";
    this.socketFolder = layout.folder;
    this.dataFolder = join(layout.folder, "data");
    this.#watchdog = watchServer(join(this.dataFolder, "postmaster.pid"), layout.folder);
  }

  get url(): string {
    const secret = this.password === "" ? "" : `:${encodeURIComponent(this.password)}`;
    return `postgres://${this.user}${secret}@${this.host}:${this.port}/${this.database}`;
  }

  async prepare(): Promise<void> {
    const { home, options } = this.#layout;
    const { backup } = options;
    await cp(backup?.dataFolder ?? (await templateOf(home, this.password)), this.dataFolder, {
      recursive: true,
      mode: constants.COPYFILE_FICLONE,
      filter: (path) => !/^postmaster\.(?:pid|opts)$/u.test(basename(path)),
    });
    for (const [name, text] of Object.entries(backup?.files ?? {})) await this.#write(name, text);
    await this.#write("pg_hba.conf", `${(options.hba ?? this.#defaultHba()).join("\n")}\n`);
    if (options.tls !== undefined) {
      await this.#write("server.crt", options.tls.certificate);
      await this.#write("server.key", options.tls.key);
      if (options.tls.authority !== undefined) await this.#write("ca.crt", options.tls.authority);
    }
    await this.#write("postgresql.auto.conf", this.#settings());
    await ownAll(this.dataFolder);
    await chmod(this.dataFolder, 0o700);
  }

  async start(): Promise<void> {
    for (let tries = 1; ; tries += 1) {
      if (this.port === 0 || tries > 1) this.port = await freePort();
      const from = this.#log.length;
      if (await this.#isUp()) return;
      const said = this.#log.slice(from);
      // Somebody took the port between our look at it and the server's.
      const isTaken = said.includes("Address already in use");
      if (!isTaken || tries === startsMax) throw new Error(`postgres didn't start:\n${said}`);
    }
  }

  processId(): number {
    const pid = this.#process?.pid;
    if (pid === undefined) throw new Error("the server doesn't run");
    return pid;
  }

  log(): string {
    return this.#log;
  }

  reload(): void {
    process.kill(this.processId(), "SIGHUP");
  }

  async restart(mode: StopMode): Promise<void> {
    await this.#end(mode);
    await this.start();
  }

  async stop(): Promise<void> {
    if (this.#isStopped) return;
    this.#isStopped = true;
    await this.#end("fast");
    await rm(this.#layout.folder, { recursive: true, force: true });
    await this.#watchdog.dismiss();
    await leavePrograms();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  #defaultHba(): readonly string[] {
    const method = this.password === "" ? "trust" : "scram-sha-256";
    return [
      `local all all ${method}`,
      `host all all 127.0.0.1/32 ${method}`,
      `host all all ::1/128 ${method}`,
      `local replication all ${method}`,
      `host replication all 127.0.0.1/32 ${method}`,
    ];
  }

  #settings(): string {
    const { tls, settings } = this.#layout.options;
    const all: Record<string, string | number | boolean> = {
      listen_addresses: this.host,
      unix_socket_directories: this.socketFolder,
      fsync: "off",
      log_line_prefix: "%p %u@%d ",
      ...(tls !== undefined && { ssl: "on" }),
      ...(tls?.authority !== undefined && { ssl_ca_file: "ca.crt" }),
      ...settings,
    };
    const lines = Object.entries(all).map(
      ([name, value]) => `${name} = '${String(value).replaceAll("'", "''")}'`,
    );
    return `${lines.join("\n")}\n`;
  }

  async #write(name: string, text: string): Promise<void> {
    await writeFile(join(this.dataFolder, name), text, { mode: 0o600 });
  }

  /** Whether the server that was just started takes connections; false where it ended. */
  async #isUp(): Promise<boolean> {
    const { home } = this.#layout;
    const args = ["-D", this.dataFolder, "-p", String(this.port)];
    const child = spawn(join(home, "bin", "postgres"), args, {
      ...runnerOfPrograms(),
      cwd: this.dataFolder,
      env: programEnvironment,
      stdio: ["ignore", "ignore", "pipe"],
      detached: true,
    });
    this.#process = child;
    const up = new Promise<boolean>((resolve, reject) => {
      let seen = "";
      child.stderr.setEncoding("utf8").on("data", (text: string) => {
        this.#log = `${this.#log}${text}`.slice(-logCharsMax);
        if (seen.length < logCharsMax) seen += text;
        if (seen.includes("database system is ready to accept")) resolve(true);
      });
      child.once("error", reject);
      child.once("close", () => resolve(false));
    });
    const isUp = await up;
    if (!isUp) this.#process = null;
    return isUp;
  }

  async #end(mode: StopMode): Promise<void> {
    const child = this.#process;
    this.#process = null;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const closed = once(child, "close");
    child.kill(mode === "fast" ? "SIGINT" : "SIGQUIT");
    const patience = setTimeout(() => child.kill("SIGQUIT"), 20_000);
    await closed;
    clearTimeout(patience);
  }
}

async function makePrograms(): Promise<Programs> {
  const folder = await ownedFolder("hakiri-pg-programs-");
  const watchdog = watchServer("/dev/null", folder);
  await placePrograms(folder);
  return { folder, watchdog };
}

/** The last server takes the programs and the templates with it. */
async function leavePrograms(): Promise<void> {
  programs.uses -= 1;
  if (programs.uses > 0 || programs.made === null) return;
  const { made } = programs;
  programs.made = null;
  templates.clear();
  const { folder, watchdog } = await made;
  await rm(folder, { recursive: true, force: true });
  await watchdog.dismiss();
}

function templateOf(home: string, password: string): Promise<string> {
  const known = templates.get(password);
  if (known !== undefined) return known;
  const made = makeTemplate(home, password);
  templates.set(password, made);
  return made;
}

async function makeTemplate(home: string, password: string): Promise<string> {
  const folder = join(home, `template-${templates.size}`);
  const passwordFile = `${folder}.password`;
  await writeFile(passwordFile, `${password === "" ? "unused" : password}\n`, { mode: 0o600 });
  await ownOne(passwordFile);
  runProgram(join(home, "bin", "initdb"), [
    `--pgdata=${folder}`,
    `--pwfile=${passwordFile}`,
    "--username=postgres",
    "--auth=trust",
    "--encoding=UTF8",
    "--locale=C",
    "--no-sync",
    "--no-instructions",
  ]);
  await rm(passwordFile);
  return folder;
}

/** A throwaway folder that the programs' user owns. */
async function ownedFolder(prefix: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), prefix));
  await ownOne(folder);
  return folder;
}

async function ownOne(path: string): Promise<void> {
  const { uid, gid } = runnerOfPrograms();
  if (uid !== undefined && gid !== undefined) await chown(path, uid, gid);
}

async function ownAll(folder: string): Promise<void> {
  if (runnerOfPrograms().uid === undefined) return;
  await ownOne(folder);
  const entries = await readdir(folder, { recursive: true });
  for (const entry of entries) await ownOne(join(folder, entry));
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (typeof address !== "object" || address === null) throw new Error("expected a port");
  return address.port;
}
