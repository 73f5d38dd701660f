/** Words of a command line to the typed values that a command's code is given. */
import { usageError } from "../../core/error.ts";
import type { Command, CommandInput } from "../command.ts";
import { didYouMean } from "./did-you-mean.ts";
import type { ListOption, OperandSpec, OptionSpec, OptionSpecs } from "./input.ts";
import { flagOf, operandText, placeholderOf } from "./spelling.ts";

/** The most values of one option, and the most operands of one command. */
export const valuesMax = 1000;

/** What was typed for an option: for each time its value, empty for one that takes none. */
export type RawOptions = ReadonlyMap<string, readonly string[]>;

/** The values for a command's operands and options. Throws `usage.` errors. */
export function readInput(
  command: Command,
  words: readonly string[],
  raw: RawOptions,
): CommandInput {
  return { operands: readOperands(command, words), options: readOptions(command.options, raw) };
}

/** The values for options; absent ones have their default, or what their kind has for none. */
export function readOptions(specs: OptionSpecs, raw: RawOptions): CommandInput["options"] {
  return Object.fromEntries(
    Object.entries(specs).map(([name, spec]) => [
      name,
      readOption(flagOf(name), spec, raw.get(name) ?? []),
    ]),
  );
}

/** A command as it is typed: `hakiri ingest SOURCE_URI [OPTION]...`. */
export function usageOf(command: Command): string {
  const operands = Object.entries(command.operands).map(([name, spec]) => operandText(name, spec));
  return ["hakiri", command.name, ...operands, "[OPTION]..."].join(" ");
}

function readOperands(command: Command, words: readonly string[]): CommandInput["operands"] {
  const hint = `usage: ${usageOf(command)}`;
  if (words.length > valuesMax) {
    throw usageError("too_many", `expected at most ${valuesMax} operands, got more`, hint);
  }
  let rest = words;
  const entries = Object.entries(command.operands).map(([name, spec]) => {
    const repeats = spec.arity === "any" || spec.arity === "many";
    const own = repeats ? rest : rest.slice(0, 1);
    rest = rest.slice(own.length);
    if (own.length === 0 && (spec.arity === "one" || spec.arity === "many")) {
      const message = `expected ${placeholderOf(name)}, ${spec.description}, got nothing`;
      throw usageError("missing_operand", message, hint);
    }
    for (const word of own) refuseUnknown(word, name, spec);
    return [name, repeats ? own : own[0]] as const;
  });
  if (rest.length === 0) return Object.fromEntries(entries);
  throw usageError("excess_operand", `expected no more operands, got '${rest[0]}'`, hint);
}

function refuseUnknown(word: string, name: string, { choices }: OperandSpec): void {
  if (choices === undefined || choices.includes(word)) return;
  throw usageError(
    "unknown_choice",
    `expected ${placeholderOf(name)} to be one of ${choices.join(", ")}, got '${word}'`,
    didYouMean(word, choices, "type one of these"),
  );
}

function readOption(
  flag: string,
  spec: OptionSpec,
  raw: readonly string[],
): CommandInput["options"][string] {
  if (raw.length > valuesMax) {
    throw usageError("too_many", `expected ${flag} at most ${valuesMax} times`, "name fewer");
  }
  const last = raw.at(-1);
  switch (spec.kind) {
    case "boolean":
      return last !== undefined;
    case "string":
      for (const value of raw) refuseEmpty(flag, spec.value, value);
      return spec.repeated === true ? raw : (last ?? spec.default);
    case "integer":
      return last === undefined ? spec.default : readInteger(flag, spec, last);
    case "list":
      return readList(flag, spec, raw);
    case "choice":
      return last === undefined ? spec.default : readChoice(flag, spec.choices, last);
  }
}

function refuseEmpty(flag: string, placeholder: string, value: string): void {
  if (value !== "") return;
  throw usageError(
    "invalid_value",
    `expected ${flag} ${placeholder}, got an empty text`,
    `give a value, or leave ${flag} out`,
  );
}

function readInteger(
  flag: string,
  { min, max }: { readonly min: number; readonly max: number },
  text: string,
): number {
  const value = /^-?\d{1,16}$/u.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max) return value;
  const range = max === Number.MAX_SAFE_INTEGER ? `${min} or more` : `${min} to ${max}`;
  throw usageError(
    "invalid_value",
    `expected a whole number for ${flag}, ${range}, got '${text}'`,
    `for example ${flag} ${Math.max(min, Math.min(max, 10))}`,
  );
}

function readChoice(flag: string, choices: readonly string[], text: string): string {
  if (choices.includes(text)) return text;
  throw usageError(
    "unknown_choice",
    `expected ${flag} to be one of ${choices.join(", ")}, got '${text}'`,
    didYouMean(text, choices, "type one of these"),
  );
}

function readList(flag: string, spec: ListOption, raw: readonly string[]): readonly string[] {
  const items: string[] = [];
  for (const text of raw) {
    for (const item of itemsOf(text)) {
      if (item === undefined || item === "") {
        throw usageError(
          "invalid_value",
          `expected ${flag} ${spec.value},..., texts between commas, got '${text}'`,
          `put one with a comma or a quote in double quotes: ${flag} 'id,"last, first"'`,
        );
      }
      if (items.push(item) > valuesMax) {
        throw usageError("too_many", `expected at most ${valuesMax} of ${flag}`, "name fewer");
      }
    }
  }
  return items;
}

/** The items of one CSV record; the last is undefined where the text is none. */
function* itemsOf(text: string): Generator<string | undefined, void> {
  const item = /\s*(?:"(?<quoted>(?:[^"]|"")*)"\s*|(?<bare>[^",]*))(?<end>,|$)/uy;
  for (;;) {
    const groups = item.exec(text)?.groups;
    if (groups === undefined) {
      yield undefined;
      return;
    }
    const { quoted, bare } = groups;
    yield quoted === undefined ? bare?.trim() : quoted.replaceAll('""', '"');
    if (groups["end"] === "") return;
  }
}
