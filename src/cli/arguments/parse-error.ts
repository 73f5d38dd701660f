/** The errors of a command line that names what isn't there. */
import type { CommanderError } from "commander";
import { usageError, type HakiriError } from "../../core/error.ts";
import type { Command } from "../command.ts";
import { didYouMean, didYouMeanFlag } from "./did-you-mean.ts";
import { globalOptions } from "./global-options.ts";
import { wordsAfter } from "./command-words.ts";
import type { Program } from "../program.ts";
import { flagOf } from "./spelling.ts";

/** A word where a command's name was expected. */
export interface UnknownWord {
  readonly program: Program;
  readonly commands: readonly Command[];
  /** The first word of a group of commands; empty for all. */
  readonly group: string;
  /** The unknown word and all after it. */
  readonly words: readonly string[];
}

/** The error for a word that is no command here: perhaps another profile has it. */
export function unknownWord({ program, commands, group, words }: UnknownWord): HakiriError {
  const [word = "", next = ""] = words;
  if (word.startsWith("-")) return unknownOption(word, group, Object.keys(globalOptions));
  const names = group === "" ? [`${word} ${next}`, word] : [`${group} ${word}`];
  const other = elsewhere(program, names);
  if (other !== undefined) {
    const profiles = other.profiles.join(" and ");
    return usageError(
      "other_profile",
      `'${other.name}' is in profile ${profiles}, this is ${program.profile}`,
      `install hakiri-${other.profiles[0]}, or type 'hakiri --help' to see what this one has`,
    );
  }
  const known = wordsAfter(commands, group);
  const where = group === "" ? `of profile ${program.profile}` : `'${group}'`;
  return usageError(
    "unknown_command",
    `expected a command ${where} (${known.join(", ")}), got '${word}'`,
    didYouMean(word, known, "type 'hakiri --help' to see commands and options"),
  );
}

/**
 * The error for what commander refused in a command that knows these options. Of commander's text
 * only what stands in quotes is taken.
 */
export function parserError(
  { code, message }: CommanderError,
  command: string,
  options: readonly string[],
): HakiriError {
  const [, quoted = ""] = /'(.*)'/su.exec(message) ?? [];
  if (code === "commander.unknownOption") return unknownOption(quoted, command, options);
  if (code !== "commander.optionMissingArgument") {
    throw new Error(`an error of the parser that can't be: ${code} ${message}`);
  }
  const [flag = ""] = /--[^ ]+/u.exec(quoted) ?? [];
  const hint = `type '${typed(command)} --help' to see what it takes`;
  return usageError("missing_value", `expected a value after ${flag}, got nothing`, hint);
}

function unknownOption(
  typedFlag: string,
  command: string,
  options: readonly string[],
): HakiriError {
  const [flag = ""] = typedFlag.split("=", 1);
  // An SQL text may begin with a comment.
  const otherwise = /\s/u.test(typedFlag)
    ? "put -- before a word that begins with a dash and is no option"
    : `type '${typed(command)} --help' to see its options`;
  return usageError(
    "unknown_option",
    `expected an option of '${typed(command)}', got '${typedFlag}'`,
    didYouMeanFlag(flag, options.map(flagOf), otherwise),
  );
}

function typed(command: string): string {
  return command === "" ? "hakiri" : `hakiri ${command}`;
}

/** The first of these names that some profile has, as a command or as a group of them. */
function elsewhere(
  { profilesOf }: Program,
  names: readonly string[],
): { readonly name: string; readonly profiles: readonly string[] } | undefined {
  for (const name of names) {
    const profiles = [...profilesOf]
      .filter(([known]) => known === name || known.startsWith(`${name} `))
      .flatMap(([, having]) => having);
    if (profiles.length > 0) return { name, profiles: [...new Set(profiles)] };
  }
  return undefined;
}
