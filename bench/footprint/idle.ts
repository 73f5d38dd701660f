/**
 * Resident memory of idle processes: core's handler, full's process tree, coord's leader of three.
 * Each process is started as a user's would be, does its work, is left alone, and is then read.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { startIdle } from "../measure/idle-process.ts";
import { idleMb } from "./budgets.ts";
import type { FootprintFigure } from "./figure.ts";
import type { Unpacked } from "./unpack.ts";

/** How an idle figure is taken. */
export interface IdleOptions {
  /** How long the process is left alone before it is read. */
  readonly idleMs: number;
  /** Flags for node, before the script. */
  readonly nodeFlags?: readonly string[];
}

const deadlineMs = 120_000;

/** Answers events and then stays up, as a Lambda's runtime would, at no cost of its own. */
export const handlerHost = `
  const [folder, ...events] = process.argv.slice(2);
  const { handler } = await import(folder + "/lib/lambda.js");
  for (const args of events) {
    const reply = await handler({ args: args.split(" ") });
    if (reply.exitCode !== 0) throw new Error(reply.stderr + reply.stdout);
  }
  setInterval(() => {}, 2 ** 30);
  (await import("node:fs")).writeSync(1, "idle\\n");
`;

/** Runs a profile's own entry with the given arguments and then stays up. */
export const commandHost = `
  const [folder, ...args] = process.argv.slice(2);
  process.argv.splice(2, Infinity, ...args);
  process.stdout.write = (...args) => (args.findLast((arg) => typeof arg === "function")?.(), true);
  await import(folder + "/lib/hakiri.js");
  if (process.exitCode !== 0) throw new Error("expected 'hakiri " + args.join(" ") + "' to exit 0");
  setInterval(() => {}, 2 ** 30);
  (await import("node:fs")).writeSync(1, "idle\\n");
`;

/** Core's handler: after one light event, and after a heavy one whose work a child did. */
export async function coreIdle(
  core: Unpacked,
  options: IdleOptions,
): Promise<readonly FootprintFigure[]> {
  const events = ["--version", "doctor duckdb-copy parquet"];
  const handlerUp = await hosted(core, handlerHost, events.slice(0, 1), options);
  const afterRun = await hosted(core, handlerHost, events, options);
  return [
    idleFigure("core", "idle RSS, handler up", handlerUp, idleMb.core),
    idleFigure("core", "idle RSS, after a run in a child", afterRun, idleMb.core),
  ];
}

/** The tree of full, once what an idle daemon needs has worked (catalog, MCP, tokens); then all. */
export async function fullIdle(
  full: Unpacked,
  options: IdleOptions,
): Promise<readonly FootprintFigure[]> {
  const daemon = await hosted(full, commandHost, ["doctor", "sqlite", "mcp", "tokens"], options);
  const all = await hosted(full, commandHost, ["doctor"], options);
  return [
    idleFigure("full", "idle RSS of the tree, daemon's libraries", daemon, idleMb.full),
    idleFigure("full", "idle RSS of the tree, everything touched in it", all),
  ];
}

/** Everything that core carries, touched in one process. */
export async function coreTouched(core: Unpacked, options: IdleOptions): Promise<FootprintFigure> {
  const all = await hosted(core, commandHost, ["doctor"], options);
  return idleFigure("core", "idle RSS, everything touched in one process", all);
}

/** How the three coordinators of a figure talk, and on which SQLite. */
export interface CoordVariant {
  readonly tls: boolean;
  readonly sqlite: "better-sqlite3" | "node:sqlite";
  /** Whether the leader gives memory back once it is idle. */
  readonly memory: "trim" | "keep";
}

/** Memory of a leader of three after 10,000 commands. */
export async function coordLeader(
  coord: Unpacked,
  variant: CoordVariant,
  options: IdleOptions,
): Promise<IdleBytes> {
  const folder = mkdtempSync(join(coord.env["TMPDIR"] ?? "/tmp", "coord-"));
  const node = join(coord.folder, "bin/node");
  const common = [node, ...(options.nodeFlags ?? []), join(coord.folder, "lib/coord-load.js")];
  const flags = [
    "--sqlite",
    variant.sqlite,
    ...(variant.tls ? ["--tls"] : []),
    ...(variant.memory === "keep" ? ["--keep-memory"] : []),
  ];
  const pem = variant.tls ? certificate(folder) : [];
  const start = (role: string, amount: string): ReturnType<typeof startIdle> =>
    startIdle([...common, role, folder, amount, ...pem, ...flags], { env: coord.env });
  await using leader = await start("leader", "10000");
  const port = (await leader.waitForLine(/^port \d+$/, { deadlineMs })).slice("port ".length);
  await using followers = new AsyncDisposableStack();
  for (let joined = 0; joined < 2; joined++) followers.use(await start("follower", port));
  await leader.waitForLine(/^done$/, { deadlineMs });
  const memory = await leader.readIdleMemory({ idleMs: options.idleMs });
  // The figure of a leader that could give nothing back is another one, and has its own name.
  if (variant.memory === "trim") await leader.waitForLine(/"kind":"trimmed"/, { deadlineMs });
  return memory;
}

/** The gated figure of coord and, beside it, the one with mutual TLS. */
export async function coordIdle(
  coord: Unpacked,
  options: IdleOptions,
): Promise<readonly FootprintFigure[]> {
  const variant: CoordVariant = { tls: false, sqlite: "better-sqlite3", memory: "trim" };
  const plain = await coordLeader(coord, variant, options);
  const tls = await coordLeader(coord, { ...variant, tls: true }, options);
  const kept = await coordLeader(coord, { ...variant, memory: "keep" }, options);
  return [
    idleFigure("coord", "idle RSS, leader of three", plain, idleMb.coord),
    idleFigure("coord", "idle RSS, leader of three with TLS", tls),
    idleFigure("coord", "idle RSS, leader of three that gives nothing back", kept),
  ];
}

/** What is read of an idle process tree. */
export interface IdleBytes {
  readonly rssBytes: number;
  readonly anonBytes: number;
  readonly fileBytes: number;
}

/** One figure of idle memory, its anonymous and file-backed parts beside it. */
function idleFigure(
  profile: string,
  name: string,
  memory: IdleBytes,
  budget?: number,
): FootprintFigure {
  const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(1);
  const detail = `anon ${megabytes(memory.anonBytes)}, file ${megabytes(memory.fileBytes)}`;
  const figure: FootprintFigure = {
    profile,
    name,
    value: memory.rssBytes / 1e6,
    unit: "MB",
    detail,
  };
  return budget === undefined ? figure : { ...figure, budget };
}

/** Memory of one process that runs `host` with the release's folder and these arguments. */
export async function hosted(
  { folder, env }: Unpacked,
  host: string,
  args: readonly string[],
  options: IdleOptions,
): Promise<IdleBytes> {
  const node = join(folder, "bin/node");
  // A file rather than `-e`: worker threads inherit node's flags, and refuse `--input-type`.
  const script = join(mkdtempSync(join(dirname(folder), "host-")), "host.mjs");
  writeFileSync(script, host);
  const command = [node, ...(options.nodeFlags ?? []), script, folder, ...args];
  await using idle = await startIdle(command, { env });
  await idle.waitForLine(/^idle$/, { deadlineMs });
  return await idle.readIdleMemory({ idleMs: options.idleMs });
}

/** A self-signed certificate and its key for the loopback, as paths. */
function certificate(folder: string): readonly string[] {
  const files = [join(folder, "cert.pem"), join(folder, "key.pem")] as const;
  const subject = ["-subj", "/CN=localhost", "-days", "1", "-nodes"];
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"];
  try {
    execFileSync(
      "openssl",
      ["req", "-x509", ...key, ...subject, "-out", files[0], "-keyout", files[1]],
      { stdio: "pipe" },
    );
  } catch (cause) {
    throw new Error("expected 'openssl' to make a certificate; Debian's package is openssl", {
      cause,
    });
  }
  return files;
}
