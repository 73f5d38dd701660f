/**
 * The command line: arguments to a command, its answer or its error to text and an exit code.
 *
 *   Owns:    what is printed where, and the exit code.
 *   Doesn't: know any command's work, or the process it runs in.
 *   L1. stdout carries the answer only; with `--json` it is exactly one document, also on failure.
 *   L2. Nothing but this file and `version.ts` is loaded for `--version`.
 */
import type { Command } from "./command.ts";
import { version } from "./version.ts";

/** Where the command line writes. */
export interface Terminal {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
}

/** A profile as the command line sees it. */
export interface Program {
  /** `core`, `full` or `coord`. */
  readonly profile: string;
  readonly commands: readonly Command[];
  /** Node's version and the platform, as `--version --json` tells them. */
  readonly runtime: { readonly node: string; readonly platform: string };
}

/** Runs one command line, program name left out, and returns its exit code. Doesn't throw. */
export async function runCommandLine(
  program: Program,
  args: readonly string[],
  terminal: Terminal,
): Promise<number> {
  if (args.length === 1 && (args[0] === "--version" || args[0] === "-V")) {
    terminal.out(`hakiri ${version}\n`);
    return 0;
  }
  const { parseAndRun } = await import("./parse.ts");
  return parseAndRun(program, args, terminal);
}
