/**
 * The command line: arguments to a command, its answer or its error to text and an exit code.
 *
 *   Owns:    what is printed where, and the exit code.
 *   Doesn't: know any command's work, or the process it runs in.
 *   L1. stdout carries the answer only; with `--json` it is exactly one document, also on failure.
 *   L2. No npm package is loaded for `--version`.
 */
import type { Program, Terminal } from "./program.ts";
import { version } from "./version.ts";

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
