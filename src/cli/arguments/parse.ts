/** Arguments to a command and its input, by commander, which knows how options are written. */
import { Command as Parser, Option } from "commander";
import type { Command, CommandInput } from "../command.ts";
import { globalOptions, type GlobalValues } from "./global-options.ts";
import type { OptionSpecs } from "./input.ts";
import { parserError, unknownWord } from "./parse-error.ts";
import type { Program } from "../program.ts";
import { readInput, readOptions } from "./read-input.ts";
import { flagOf } from "./spelling.ts";

/** A command line that names a command. */
export interface ParsedCommand {
  readonly kind: "command";
  readonly command: Command;
  /** Reads operands and options as the command's specs say. Throws `usage.` errors. */
  readonly input: () => CommandInput;
  readonly globals: GlobalValues;
}

/** A command line that names none: `hakiri`, `hakiri pipeline`, or one with `--version`. */
export interface ParsedGroup {
  readonly kind: "group";
  /** The first word of a group of commands; empty for all. */
  readonly name: string;
  readonly globals: GlobalValues;
}

type Found = Omit<ParsedCommand, "globals"> | Omit<ParsedGroup, "globals">;

/** Understands one command line. Throws `HakiriError` with code `usage.*` where it can't. */
export function parse(
  program: Program,
  commands: readonly Command[],
  args: readonly string[],
): ParsedCommand | ParsedGroup {
  let found: Found | undefined;
  const root = parserOf("", globalOptions);
  const groups = new Map([["", root]]);
  for (const command of commands) {
    const [first = "", second] = command.name.split(" ");
    const parser = parserOf(command.name, command.options);
    parser.action((words: readonly string[]) => {
      const input = () => readInput(command, words, collected(parser, command.options));
      found = { kind: "command", command, input };
    });
    groupOf(groups, second === undefined ? "" : first).addCommand(parser);
  }
  for (const [name, group] of groups) {
    group.allowUnknownOption().action((words: readonly string[]) => {
      if (words.length > 0) throw unknownWord({ program, commands, group: name, words });
      found = { kind: "group", name };
    });
  }
  root.parse(args, { from: "user" });
  if (found === undefined) throw new Error("a command line was parsed to nothing");
  const globals = readOptions(globalOptions, collected(root, globalOptions));
  // The values were read by the very specs that the type is made of.
  return { ...found, globals: globals as unknown as GlobalValues };
}

/** The parser of a command or group with this full name, empty for the program itself. */
function parserOf(name: string, options: OptionSpecs): Parser {
  const parser = new Parser(name.split(" ").at(-1) ?? "")
    .argument("[words...]")
    .helpOption(false)
    .helpCommand(false)
    .showSuggestionAfterError(false)
    .configureOutput({ outputError: () => undefined })
    .exitOverride((error) => {
      throw parserError(error, name, Object.keys({ ...options, ...globalOptions }));
    });
  for (const option of optionsOf(options).values()) parser.addOption(option);
  return parser;
}

function groupOf(groups: Map<string, Parser>, name: string): Parser {
  const known = groups.get(name);
  if (known !== undefined) return known;
  const group = parserOf(name, {});
  groups.get("")?.addCommand(group);
  groups.set(name, group);
  return group;
}

/** Commander's options by the names of their specs. Every value is kept, as it was typed. */
function optionsOf(specs: OptionSpecs): ReadonlyMap<string, Option> {
  return new Map(
    Object.entries(specs).map(([name, spec]) => {
      const short = spec.short === undefined ? "" : `-${spec.short}, `;
      if (spec.kind === "boolean") return [name, new Option(`${short}${flagOf(name)}`)];
      const option = new Option(`${short}${flagOf(name)} <value>`);
      option.argParser((text, before?: readonly string[]) => [...(before ?? []), text]);
      return [name, option];
    }),
  );
}

/** What a parser collected, by the names of the specs. */
function collected(parser: Parser, specs: OptionSpecs): ReadonlyMap<string, readonly string[]> {
  const values: Readonly<Record<string, unknown>> = parser.opts();
  const raw = new Map<string, readonly string[]>();
  for (const [name, option] of optionsOf(specs)) {
    const value = values[option.attributeName()];
    // A flag such as --no-color is to commander a `color` that is false.
    if (value === !option.negate) raw.set(name, [""]);
    else if (Array.isArray(value)) raw.set(name, value as readonly string[]); // by optionsOf
  }
  return raw;
}
