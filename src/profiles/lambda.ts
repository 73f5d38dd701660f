/**
 * Entry of profile core for event-driven hosts: one event is one command line.
 *
 *   H1. The process that answers events stays small: a heavy command runs in a child, whose memory
 *       goes back to the system when it exits.
 *   H2. An event is bounded before it is looked at further.
 */
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { bufferedTerminal } from "../cli/buffered-terminal.ts";
import { exitDefect } from "../cli/exit-code.ts";
import { runCommandLine } from "../cli/main.ts";
import { processClock } from "./process-clock.ts";
import { programOf } from "./start.ts";

/** One command line, as it would be typed after `hakiri`. */
export interface Event {
  /** At most 64 arguments, each of at most 16 KiB of UTF-8 without a zero byte. */
  readonly args: readonly string[];
}

/** What the host says of the event's time, in Lambda's words. */
export interface Context {
  readonly getRemainingTimeInMillis: () => number;
}

/** What the command line would have answered. */
export interface Reply {
  readonly exitCode: number;
  /** At most 4 MiB. */
  readonly stdout: string;
  readonly stderr: string;
}

const argsMax = 64;
const argBytesMax = 16 * 1024;
const replyBytesMax = 4 * 1024 * 1024;
/** Lambda's own limit, for a host that names none. */
const deadlineMs = 15 * 60 * 1000;
/** What is left of the host's time to answer once the child has been ended. */
const answerMs = 1000;
const program = programOf("core", async () => (await import("./core-commands.ts")).coreCommands);

/** Runs the event's command line. Doesn't throw: a failure is a reply with its exit code. */
export async function handler(event: unknown, context?: Context): Promise<Reply> {
  const args = argsOf(event);
  if (args === undefined) {
    const expected = `expected an event {"args": ["--version"]}, at most ${argsMax} strings`;
    return failed(2, `${expected} of at most ${argBytesMax} bytes each, none with a zero byte`);
  }
  const isHeavy = (await program.commands()).some(
    ({ weight, name }) =>
      weight === "heavy" && name.split(" ").every((word) => args.includes(word)),
  );
  const remainingMs = context?.getRemainingTimeInMillis() ?? deadlineMs;
  return isHeavy ? inChild(args, Math.max(1, remainingMs - answerMs)) : inProcess(args);
}

/** The event's arguments, or undefined where it is not an event within bounds. */
function argsOf(event: unknown): readonly string[] | undefined {
  if (typeof event !== "object" || event === null || !("args" in event)) return undefined;
  const { args } = event;
  if (!Array.isArray(args) || args.length > argsMax) return undefined;
  return args.every(isArgument) ? args : undefined;
}

function isArgument(arg: unknown): arg is string {
  return typeof arg === "string" && Buffer.byteLength(arg) <= argBytesMax && !arg.includes("\0");
}

function failed(exitCode: number, message: string): Reply {
  return { exitCode, stdout: "", stderr: `hakiri: ${message}\n` };
}

async function inProcess(args: readonly string[]): Promise<Reply> {
  const { terminal, stdout, stderr } = bufferedTerminal({
    env: process.env,
    cwd: process.cwd(),
    // A light command is done before a host would cancel it, and Lambda's never does.
    signal: new AbortController().signal,
    clock: processClock,
    bytesMax: replyBytesMax,
  });
  const exitCode = await runCommandLine(program, args, terminal);
  return { exitCode, stdout: stdout(), stderr: stderr() };
}

function inChild(args: readonly string[], timeoutMs: number): Promise<Reply> {
  const entry = fileURLToPath(new URL("./core.ts", import.meta.url));
  const options = { maxBuffer: replyBytesMax, timeout: timeoutMs, killSignal: "SIGKILL" } as const;
  return new Promise<Reply>((resolve) => {
    execFile(process.execPath, [entry, ...args], options, (error, stdout, stderr) => {
      if (error === null) return resolve({ exitCode: 0, stdout, stderr });
      if (typeof error.code === "number") return resolve({ exitCode: error.code, stdout, stderr });
      const ended = `the child that ran the command ended by ${error.code ?? error.signal}`;
      resolve({ exitCode: exitDefect, stdout, stderr: `${stderr}hakiri: ${ended}\n` });
    });
  }).catch((error: unknown) => failed(exitDefect, `no child could be started: ${String(error)}`));
}
