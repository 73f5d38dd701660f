/**
 * One server process of a test: started, ready, watched, stopped.
 *
 * Owns the process and its log. The folder, the port and what "ready" means are the caller's.
 * S1 The process that was started is the server itself: no shell and no launcher stays between, so
 *    its process id is the one to signal.
 * S2 It gets the stop signal when the thread that started it dies in whatever way, a kill included.
 * S3 A server that ends before it is ready fails the start at once, with the end of its log.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { waitUntil } from "./deadline.ts";
import { findProgram, plainEnvironment, programs, type Program } from "./program.ts";
import type { User } from "./user.ts";

const logTailLines = 30;
const killDeadlineMs = 10_000;

/** What to start and how to tell that it's ready. */
export interface ServerOptions {
  /** Names the log file and the server in messages. */
  readonly name: string;
  readonly program: Program;
  readonly args: readonly string[];
  /** Its working folder, where the log goes too. */
  readonly folder: string;
  /** The whole environment but PATH and the locale; absent: nothing more. */
  readonly env?: Readonly<Record<string, string>>;
  /** Whom it runs as; absent: who runs the tests. */
  readonly user?: User;
  /** A command that runs it inside something, such as a host's namespace. It execs, not forks. */
  readonly enter?: readonly string[];
  /** Asked until it is true; an error is "not yet". */
  readonly isReady: (signal: AbortSignal, pid: number) => boolean | Promise<boolean>;
  /** Default 60,000. */
  readonly readyDeadlineMs?: number;
  /** Asks it to end; default SIGTERM. */
  readonly stopSignal?: "SIGTERM" | "SIGINT" | "SIGKILL";
  /** Until it is killed; default 20,000. */
  readonly stopDeadlineMs?: number;
}

/** A server that was ready when it was handed out. */
export interface Server extends AsyncDisposable {
  readonly name: string;
  readonly pid: number;
  isRunning(): boolean;
  /** The last 30 lines that it wrote; empty once its folder is gone. */
  logTail(): string;
  /** Sends a signal, such as SIGSTOP; nothing to a server that has ended. */
  signal(signal: NodeJS.Signals): void;
  /** Kills it as a crash would and waits for its end. */
  kill(): Promise<void>;
  /** Asks it to end, kills it at the deadline, waits for its end; does nothing the second time. */
  stop(): Promise<void>;
}

/**
 * Starts a server and waits until it's ready.
 * @throws Error with the end of its log, when its program is missing, it ends early or passes its
 *   deadline. Nothing of it runs on then.
 */
export async function startServer(options: ServerOptions): Promise<Server> {
  const child = spawnServer(options);
  const server = watch(child, options);
  const ended = new AbortController();
  child.once("exit", (code, signal) => {
    ended.abort(new Error(`${options.name} ended with ${signal ?? `exit code ${code}`}`));
  });
  try {
    await waitUntil(
      `${options.name} to be ready`,
      (signal) => options.isReady(signal, server.pid),
      { deadlineMs: options.readyDeadlineMs ?? 60_000, signal: ended.signal },
    );
    return server;
  } catch (cause) {
    await server.kill();
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`${options.name} didn't start: ${why}\n${server.logTail()}`, { cause });
  }
}

function spawnServer(options: ServerOptions): ChildProcess {
  const { user, stopSignal = "SIGTERM" } = options;
  const as =
    user === undefined ? [] : [`--reuid=${user.uid}`, `--regid=${user.gid}`, "--clear-groups"];
  // S1: setpriv and what `enter` holds replace themselves by the next. S2: --pdeathsig.
  const command = [
    ...(options.enter ?? []),
    findProgram(programs.setpriv),
    ...as,
    `--pdeathsig=${stopSignal.slice("SIG".length)}`,
    "--",
    findProgram(options.program),
    ...options.args,
  ];
  const [file = "", ...args] = command;
  const log = openSync(logPath(options), "a");
  try {
    return spawn(file, args, {
      cwd: options.folder,
      env: plainEnvironment(options.env),
      stdio: ["ignore", log, log],
    });
  } finally {
    closeSync(log);
  }
}

function watch(child: ChildProcess, options: ServerOptions): Server {
  const { name, stopSignal = "SIGTERM", stopDeadlineMs = 20_000 } = options;
  const { pid } = child;
  // Nothing but a failed spawn emits it, and that shows in the missing process id.
  child.once("error", () => undefined);
  if (pid === undefined) throw new Error(`${name} didn't start: ${child.spawnfile} can't be run`);
  const isRunning = () => child.exitCode === null && child.signalCode === null;
  const end = (deadlineMs: number) =>
    waitUntil(`${name} (process ${pid}) to end`, () => !isRunning(), { deadlineMs });

  const kill = async () => {
    child.kill("SIGKILL");
    await end(killDeadlineMs);
  };
  const stop = async () => {
    if (!isRunning()) return;
    child.kill(stopSignal);
    // A stopped process takes no other signal before it goes on.
    child.kill("SIGCONT");
    await end(stopDeadlineMs).catch(kill);
  };
  return {
    name,
    pid,
    isRunning,
    logTail: () => readLogTail(options),
    signal: (signal) => void child.kill(signal),
    kill,
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

function readLogTail(options: ServerOptions): string {
  try {
    return readFileSync(logPath(options), "utf8")
      .trimEnd()
      .split("\n")
      .slice(-logTailLines)
      .join("\n");
  } catch {
    return "";
  }
}

function logPath(options: ServerOptions): string {
  return join(options.folder, `${options.name}.log`);
}
