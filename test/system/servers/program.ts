/** The machine's programs that the tests call: where they are, which package brings them. */
import { execFile, type ExecFileException } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { delimiter, isAbsolute, join } from "node:path";

import type { User } from "./user.ts";

/** A program and the Debian package that brings it. */
export interface Program {
  /** Looked up on the PATH, or an absolute path. */
  readonly name: string;
  /** A line of `.ci/debian-packages`. */
  readonly package: string;
}

/** Debian keeps Postgres's programs off the PATH, one folder per version. */
const postgresFolder = "/usr/lib/postgresql/15/bin";

const outputTailBytes = 8_000;

/** Every program that a system test calls. */
export const programs = {
  initdb: { name: `${postgresFolder}/initdb`, package: "postgresql-15" },
  postgres: { name: `${postgresFolder}/postgres`, package: "postgresql-15" },
  pg_isready: { name: `${postgresFolder}/pg_isready`, package: "postgresql-client-15" },
  psql: { name: `${postgresFolder}/psql`, package: "postgresql-client-15" },
  pg_basebackup: { name: `${postgresFolder}/pg_basebackup`, package: "postgresql-client-15" },
  pgbouncer: { name: "pgbouncer", package: "pgbouncer" },
  radosgw: { name: "radosgw", package: "radosgw" },
  "radosgw-admin": { name: "radosgw-admin", package: "ceph-common" },
  ceph: { name: "ceph", package: "ceph-common" },
  "ceph-authtool": { name: "ceph-authtool", package: "ceph-common" },
  monmaptool: { name: "monmaptool", package: "ceph-base" },
  "ceph-mon": { name: "ceph-mon", package: "ceph-mon" },
  "ceph-osd": { name: "ceph-osd", package: "ceph-osd" },
  etcd: { name: "etcd", package: "etcd-server" },
  ip: { name: "ip", package: "iproute2" },
  nft: { name: "nft", package: "nftables" },
  nsenter: { name: "nsenter", package: "util-linux" },
  setpriv: { name: "setpriv", package: "util-linux" },
  unshare: { name: "unshare", package: "util-linux" },
  clang: { name: "clang", package: "clang" },
  "wasm-ld": { name: "wasm-ld", package: "lld" },
  mount: { name: "mount", package: "mount" },
  sh: { name: "sh", package: "dash" },
  "dpkg-query": { name: "dpkg-query", package: "dpkg" },
  git: { name: "git", package: "git" },
} as const satisfies Record<string, Program>;

/**
 * Returns the absolute path of a program.
 * @throws Error that says what was expected where and which package to install.
 */
export function findProgram(program: Program): string {
  const { name } = program;
  const path = process.env["PATH"] ?? "";
  const candidates = isAbsolute(name)
    ? [name]
    : path.split(delimiter).map((folder) => join(folder, name));
  const found = candidates.find(isExecutable);
  if (found !== undefined) return found;
  const where = isAbsolute(name) ? name : `${name} on the PATH (${path})`;
  throw new Error(
    `expected ${where}; install with apt-get install ${program.package}, or all with .ci/install`,
  );
}

/** How to run a program. */
export interface RunOptions {
  /** Absent: where the tests run. */
  readonly cwd?: string;
  /** The whole environment but PATH and the locale; absent: nothing more. */
  readonly env?: Readonly<Record<string, string>>;
  /** Whom to run as; absent: who runs the tests. */
  readonly user?: User;
  /** What the program reads from its standard input; absent: nothing. */
  readonly input?: string;
  /** A command that runs the program inside something, such as a host's namespace. */
  readonly enter?: readonly string[];
  /** Killed after this; default 60,000. */
  readonly deadlineMs?: number;
}

/**
 * Runs a program to its end and returns what it wrote to its standard output, at most 64 MiB.
 * @throws Error when it is missing, fails or passes its deadline, with the end of what it wrote.
 */
export async function runProgram(
  program: Program,
  args: readonly string[],
  options: RunOptions = {},
): Promise<Buffer> {
  const [file = "", ...rest] = [...(options.enter ?? []), findProgram(program), ...args];
  return new Promise((resolve, reject) => {
    const child = execFile(
      file,
      rest,
      {
        ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
        ...options.user,
        env: plainEnvironment(options.env),
        encoding: "buffer",
        maxBuffer: 64 * 1024 * 1024,
        timeout: options.deadlineMs ?? 60_000,
        killSignal: "SIGKILL",
      },
      (error, stdout, stderr) => {
        if (error === null) resolve(stdout);
        else reject(describeFailure(program, { error, stdout, stderr }));
      },
    );
    // A program that ends without reading its input closes the pipe; how it ended is what counts.
    child.stdin?.on("error", () => undefined);
    child.stdin?.end(options.input ?? "");
  });
}

/**
 * Returns an environment with the PATH, one locale and `more`, so that nothing of the caller's
 * (PGHOST, AWS_PROFILE, CEPH_ARGS) reaches a server.
 */
export function plainEnvironment(
  more: Readonly<Record<string, string>> = {},
): Record<string, string> {
  return { PATH: process.env["PATH"] ?? "", LC_ALL: "C.UTF-8", ...more };
}

interface Failure {
  readonly error: ExecFileException;
  readonly stdout: Buffer;
  readonly stderr: Buffer;
}

function describeFailure(program: Program, { error, stdout, stderr }: Failure): Error {
  const how = error.signal ?? error.code ?? error.message;
  const tails = [stdout, stderr].map((text) => text.subarray(-outputTailBytes).toString().trim());
  return new Error([`${program.name} failed (${how})`, ...tails].join("\n"), { cause: error });
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
