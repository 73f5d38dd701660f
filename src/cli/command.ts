/**
 * What a command is to the command line: its words, its input, and a loader for the code behind it.
 * Each profile passes its own table of these, so that its bundle carries only what they reach.
 */
import type { HakiriError } from "../core/error.ts";
import type { Json } from "../core/json.ts";
import type { InputOf, OperandSpecs, OptionSpecs } from "./arguments/input.ts";
import type { ProgressSink } from "./progress/event.ts";

/** The headings of `hakiri --help`, in their order. */
export const commandGroups = [
  "Bring data in",
  "Ask the data",
  "Pipelines and runs",
  "Look after the store",
  "Connectors",
  "Agents and cluster",
  "This installation",
] as const;

/** The heading that a command stands under. */
export type CommandGroup = (typeof commandGroups)[number];

/** What a command answers in one piece: for people, for programs, and for the shell. */
export interface WholeAnswer {
  /** For a terminal; whole lines, the last one ended too. */
  readonly text: string;
  /** The one document that `--json` prints. */
  readonly document: Json;
  /** 0 where the command did its work; a failed check answers in full and then exits otherwise. */
  readonly exitCode: number;
  /** Why it isn't 0, for stderr; the document says it in a way of its own. */
  readonly error?: HakiriError;
}

/**
 * An answer too large to hold. Its pieces go to stdout as they come, the next one asked for when
 * the last is written, and the iterator is closed early when the reader goes away. With `--json`
 * the pieces must be one document, which the command sees to. Exits with 0 when it ends; when it
 * throws, the error goes to stderr, and to stdout only where no piece was written before.
 */
export interface StreamedAnswer {
  readonly pieces: AsyncIterable<string | Uint8Array>;
}

/** What a command answers. */
export type Answer = WholeAnswer | StreamedAnswer;

/** What a command knows of stdout. */
export interface TerminalInfo {
  readonly isTty: boolean;
  /** Width in cells; null where nothing cuts a line, as in a file. */
  readonly columns: number | null;
  /** Whether colours are wanted on stdout. */
  readonly hasColor: boolean;
}

/** What a command gets besides its input. */
export interface CommandContext {
  /** Aborted by the first SIGINT or SIGTERM: clean up, then answer or throw; it exits with 130. */
  readonly signal: AbortSignal;
  /** The working folder, absolute. */
  readonly cwd: string;
  /** `--project` as an absolute path; undefined where it wasn't given. */
  readonly project: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Opens what is typed or piped in, in pieces; undefined where nothing can be. Once. */
  readonly input: (() => AsyncIterable<Uint8Array>) | undefined;
  readonly terminal: TerminalInfo;
  /** Takes progress and notes for stderr; never throws, and never after the answer. */
  readonly progress: ProgressSink;
  /** Whether only the answer's document will be printed. */
  readonly asJson: boolean;
}

/** The code of a command. Throws `HakiriError` for a failure it foresees. */
export type CommandRun<Input = CommandInput> = (
  input: Input,
  context: CommandContext,
) => Promise<Answer>;

/** The input of a command whose specs are known only while it runs. */
export interface CommandInput {
  readonly operands: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly options: Readonly<
    Record<string, boolean | number | string | readonly string[] | undefined>
  >;
}

/** One command of a profile. */
export interface Command {
  /** One or two words: `ingest`, `pipeline list`. */
  readonly name: string;
  readonly group: CommandGroup;
  /** One line, as `--help` lists it: a verb and no full stop. */
  readonly summary: string;
  /** More of it, whole sentences; shown by the command's own help. */
  readonly details?: string;
  /** By their camelCase names, in the order they are typed; only the last may be repeated. */
  readonly operands: OperandSpecs;
  /** By their camelCase names: `primaryKey` is typed `--primary-key`. */
  readonly options: OptionSpecs;
  /** Commands as they would be typed, shown below the help. */
  readonly examples: readonly string[];
  /** A heavy command loads native libraries: a process that lives on runs it in a child. */
  readonly weight: "light" | "heavy";
  /** Loads the code; nothing of it is loaded before. */
  readonly load: () => Promise<CommandRun>;
}

/** A command as it is written: its code is given the values that its specs promise. */
export type CommandSpec<Operands extends OperandSpecs, Options extends OptionSpecs> = Omit<
  Command,
  "operands" | "options" | "load"
> & {
  readonly operands: Operands;
  readonly options: Options;
  readonly load: () => Promise<CommandRun<InputOf<Operands, Options>>>;
};

/** The command of this spec; the compiler holds its code against its operands and options. */
export function defineCommand<
  const Operands extends OperandSpecs,
  const Options extends OptionSpecs,
>(spec: CommandSpec<Operands, Options>): Command {
  // The parser gives each command exactly the values of its own specs, which no type here can say.
  return spec as unknown as Command;
}
