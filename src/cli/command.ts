/**
 * What a command is to the command line: words for its help, and a loader for the code behind it.
 * Each profile passes its own table of these, so that its bundle carries only what they reach.
 */

/** JSON as a command answers it. */
export type Json =
  null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** What a command answers: for people, for programs, and for the shell. */
export interface Answer {
  /** For a terminal; whole lines, the last one ended too. */
  readonly text: string;
  /** The one document that `--json` prints. */
  readonly document: Json;
  /** 0 where the command did its work; a failed check answers in full and then exits otherwise. */
  readonly exitCode: number;
}

/** The code of a command. Throws `HakiriError` for a failure it foresees. */
export type CommandRun = (operands: readonly string[]) => Promise<Answer>;

/** One command of a profile. */
export interface Command {
  readonly name: string;
  /** One line, as `--help` lists it: a verb and no full stop. */
  readonly summary: string;
  /** The operand's name and what it means; it may be repeated and may be left out. */
  readonly operand: { readonly name: string; readonly description: string };
  /** Commands as they would be typed, shown below the help. */
  readonly examples: readonly string[];
  /** A heavy command loads native libraries: a process that lives on runs it in a child. */
  readonly weight: "light" | "heavy";
  /** Loads the code; nothing of it is loaded before. */
  readonly load: () => Promise<CommandRun>;
}
