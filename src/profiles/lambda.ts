/**
 * Entry of profile core for event-driven hosts: one event is one command line.
 *
 *   H1. The process that answers events stays small: a heavy command runs in a child, whose memory
 *       goes back to the system when it exits.
 *   H2. An event is bounded before it is looked at further.
 */
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { exitDefect } from "../cli/exit-code.ts";
import { runCommandLine } from "../cli/main.ts";
import { coreCommands } from "./core-commands.ts";
import { programOf } from "./start.ts";

/** One command line, as it would be typed after `hakiri`. */
export interface Event {
  /** At most 64 arguments of at most 16 KiB each. */
  readonly args: readonly string[];
}

/** What the command line would have answered. */
export interface Reply {
  readonly exitCode: number;
  /** At most 4 MiB. */
  readonly stdout: string;
  readonly stderr: string;
}

const argsMax = 64;
const argLengthMax = 16 * 1024;
const replyBytesMax = 4 * 1024 * 1024;
const program = programOf("core", coreCommands);

/** Runs the event's command line. Doesn't throw: a failure is a reply with its exit code. */
export async function handler(event: unknown): Promise<Reply> {
  if (!isEvent(event)) {
    const stderr = `hakiri: expected an event {"args": ["--version"]} with at most ${argsMax} strings\n`;
    return { exitCode: 2, stdout: "", stderr };
  }
  const heavy = program.commands.some(
    (command) => command.weight === "heavy" && event.args.includes(command.name),
  );
  return heavy ? inChild(event.args) : inProcess(event.args);
}

function isEvent(event: unknown): event is Event {
  if (typeof event !== "object" || event === null || !("args" in event)) return false;
  const { args } = event;
  return (
    Array.isArray(args) &&
    args.length <= argsMax &&
    args.every((arg) => typeof arg === "string" && arg.length <= argLengthMax)
  );
}

async function inProcess(args: readonly string[]): Promise<Reply> {
  let stdout = "";
  let stderr = "";
  const exitCode = await runCommandLine(program, args, {
    out: (text) => (stdout += text),
    err: (text) => (stderr += text),
  });
  return { exitCode, stdout, stderr };
}

function inChild(args: readonly string[]): Promise<Reply> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [fileURLToPath(new URL("./core.ts", import.meta.url)), ...args],
      { maxBuffer: replyBytesMax },
      (error, stdout, stderr) => {
        const exitCode =
          error === null ? 0 : typeof error.code === "number" ? error.code : exitDefect;
        resolve({ exitCode, stdout, stderr });
      },
    );
  });
}
