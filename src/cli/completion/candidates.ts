/** What may stand in the place of an unfinished word, by the table of commands. */
import type { Command } from "../command.ts";
import { wordsAfter } from "../arguments/command-words.ts";
import { globalOptions } from "../arguments/global-options.ts";
import type {
  Completes,
  ProjectNames,
  OperandSpec,
  OptionSpec,
  OptionSpecs,
} from "../arguments/input.ts";
import { flagOf } from "../arguments/spelling.ts";

/** A word, and what it means, empty where it speaks for itself. */
export interface Candidate {
  readonly word: string;
  readonly meaning: string;
}

/** All that may stand there. */
export interface Candidates {
  readonly words: readonly Candidate[];
  /** What the shell shall complete besides. */
  readonly also: Completes | "words";
  /** What else fits that the table of commands doesn't know; `namedCandidates` picks it out. */
  readonly names?: ProjectNames;
}

/** The candidates with those of these names that fit the last word. */
export function namedCandidates(
  found: Candidates,
  words: readonly string[],
  names: readonly string[],
): Candidates {
  const current = words.at(-1) ?? "";
  const [flag, value] = splitFlag(current);
  const typed = value ?? current;
  const prefix = value === undefined ? "" : `${flag}=`;
  const more = names.filter((name) => name.startsWith(typed));
  const added = more.map((name) => ({ word: prefix + name, meaning: "" }));
  return { ...found, words: [...found.words, ...added] };
}

/** The candidates for the last of these words, which may be empty. */
export function candidatesOf(commands: readonly Command[], words: readonly string[]): Candidates {
  const current = words.at(-1) ?? "";
  const line = readLine(commands, words.slice(0, -1));
  if (line.pending !== undefined) return starting(current, valuesOf(line.pending), "");
  const [flag, value] = splitFlag(current);
  if (!line.isOperandsOnly && value !== undefined) {
    const spec = line.options.get(flag);
    return spec === undefined ? nothing : starting(value, valuesOf(spec), `${flag}=`);
  }
  if (!line.isOperandsOnly && current.startsWith("-")) {
    return starting(current, { words: flagCandidates(line), also: "words" }, "");
  }
  const command = commands.find(({ name }) => name === line.path);
  if (command === undefined) return starting(current, nextWords(commands, line.path), "");
  return starting(current, operandValues(command, line.operandCount), "");
}

const nothing: Candidates = { words: [], also: "words" };

/** What was typed before the unfinished word. */
interface Line {
  /** The words of the command's name so far. */
  readonly path: string;
  readonly operandCount: number;
  /** By flag, long and short. */
  readonly options: ReadonlyMap<string, OptionSpec>;
  readonly typedFlags: ReadonlySet<string>;
  /** The option whose value is being typed. */
  readonly pending: OptionSpec | undefined;
  /** Whether a `--` was typed. */
  readonly isOperandsOnly: boolean;
}

function readLine(commands: readonly Command[], words: readonly string[]): Line {
  let path = "";
  let operandCount = 0;
  let options = flagsOf(globalOptions);
  let pending: OptionSpec | undefined;
  let isOperandsOnly = false;
  const typedFlags = new Set<string>();
  for (const word of words) {
    if (pending !== undefined) pending = undefined;
    else if (word === "--" && !isOperandsOnly) isOperandsOnly = true;
    else if (word.startsWith("-") && !isOperandsOnly) {
      const [flag, value] = splitFlag(word);
      const spec = options.get(flag);
      typedFlags.add(flag);
      if (spec !== undefined && spec.kind !== "boolean" && value === undefined) pending = spec;
    } else if (commands.some(({ name }) => name === path)) operandCount += 1;
    else {
      path = path === "" ? word : `${path} ${word}`;
      const command = commands.find(({ name }) => name === path);
      options = flagsOf({ ...command?.options, ...globalOptions });
    }
  }
  return { path, operandCount, options, typedFlags, pending, isOperandsOnly };
}

function flagsOf(specs: OptionSpecs): ReadonlyMap<string, OptionSpec> {
  return new Map(
    Object.entries(specs).flatMap(([name, spec]) => [
      [flagOf(name), spec] as const,
      ...(spec.short === undefined ? [] : [[`-${spec.short}`, spec] as const]),
    ]),
  );
}

/** `--flag=value` in two; the value is undefined where there is none. */
function splitFlag(word: string): readonly [flag: string, value?: string] {
  const at = word.startsWith("--") ? word.indexOf("=") : -1;
  return at < 0 ? [word] : [word.slice(0, at), word.slice(at + 1)];
}

function flagCandidates({ options, typedFlags }: Line): readonly Candidate[] {
  return [...options]
    .filter(([flag, spec]) => flag.startsWith("--") && (repeats(spec) || !typedFlags.has(flag)))
    .map(([word, { description }]) => ({ word, meaning: description }));
}

function repeats(spec: OptionSpec): boolean {
  return spec.kind === "list" || (spec.kind === "string" && spec.repeated === true);
}

function nextWords(commands: readonly Command[], path: string): Candidates {
  const words = wordsAfter(commands, path).map((word) => {
    const name = path === "" ? word : `${path} ${word}`;
    return { word, meaning: commands.find((command) => command.name === name)?.summary ?? "" };
  });
  return { words, also: "words" };
}

function operandValues({ operands }: Command, count: number): Candidates {
  const specs = Object.values(operands);
  const last = specs.at(-1);
  const isRepeated = last?.arity === "any" || last?.arity === "many";
  const spec = specs[count] ?? (isRepeated ? last : undefined);
  return spec === undefined ? nothing : valuesOf(spec);
}

function valuesOf(spec: OptionSpec | OperandSpec): Candidates {
  const choices = "choices" in spec ? (spec.choices ?? []) : [];
  const also = "completes" in spec ? spec.completes : undefined;
  const words = choices.map((word) => ({ word, meaning: "" }));
  const names = "names" in spec ? spec.names : undefined;
  return { words, also: also ?? "words", ...(names === undefined ? {} : { names }) };
}

function starting(current: string, { words, ...rest }: Candidates, prefix: string): Candidates {
  const fitting = words.filter(({ word }) => word.startsWith(current));
  return { ...rest, words: fitting.map(({ word, meaning }) => ({ word: prefix + word, meaning })) };
}
