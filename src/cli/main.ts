/**
 * The command line: arguments to a command, its answer or its error to text and an exit code.
 *
 *   Owns:    what is printed where, and the exit code.
 *   Doesn't: know any command's work, or the process it runs in.
 *   L1. stdout carries the answer only; with `--json` it is exactly one document, also on failure.
 *       Only a streamed answer that fails half-way leaves less: its exit code and stderr tell.
 *   L2. No npm package is loaded for `--version`, nor for the shell's completion.
 *   L3. What others wrote (data, names, messages) reaches a terminal without control characters.
 */
import { exitDone } from "./exit-code.ts";
import type { Program, Terminal } from "./program.ts";
import { version } from "./version.ts";

/** Runs one command line, program name left out, and returns its exit code. Doesn't throw. */
export async function runCommandLine(
  program: Program,
  args: readonly string[],
  terminal: Terminal,
): Promise<number> {
  if (args.length === 1 && (args[0] === "--version" || args[0] === "-V")) {
    await terminal.out.write(`hakiri ${version}\n`);
    return exitDone;
  }
  if (args[0] === "__complete") {
    const { printCandidates } = await import("./completion/print-candidates.ts");
    return printCandidates(program, args.slice(1), terminal);
  }
  const { perform } = await import("./perform.ts");
  return perform(program, args, terminal);
}
