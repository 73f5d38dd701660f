/** What the completion scripts ask hakiri for. */
import { allCommands } from "../all-commands.ts";
import { exitDone } from "../exit-code.ts";
import type { Program, Terminal } from "../program.ts";
import { reportError } from "../report-error.ts";
import { candidatesOf, namedCandidates } from "./candidates.ts";

/**
 * Prints what may stand in the place of the last of these words, the ones before it being typed
 * already. The first line is `:files`, `:folders` or `:words`: what else the shell completes. Then
 * a line for each word, with its meaning behind a tab where it has one.
 */
export async function printCandidates(
  program: Program,
  words: readonly string[],
  terminal: Terminal,
): Promise<number> {
  try {
    const known = candidatesOf(await allCommands(program), words);
    const names = known.names === undefined ? [] : await program.pipelineNames(terminal.cwd);
    const { also, words: found } = namedCandidates(known, words, names);
    const lines = found.map(({ word, meaning }) => (meaning === "" ? word : `${word}\t${meaning}`));
    await terminal.out.write([`:${also}`, ...lines].map((line) => `${line}\n`).join(""));
    return exitDone;
  } catch (error) {
    return reportError(error, { terminal, globals: {}, hasBegun: true });
  }
}
