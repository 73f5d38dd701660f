/** Pages of help, made from the table of commands: a text for people, a document for programs. */
import { commandGroups, type Command, type WholeAnswer } from "../command.ts";
import { exitCodes, exitDone } from "../exit-code.ts";
import { globalOptions } from "../arguments/global-options.ts";
import type { OptionSpec, OptionSpecs } from "../arguments/input.ts";
import type { Program } from "../program.ts";
import { usageOf } from "../arguments/read-input.ts";
import { operandText, optionText } from "../arguments/spelling.ts";
import { version } from "../version.ts";
import { commandDocument, optionDocuments } from "./help-document.ts";
import { fill, listing, type Entry } from "./layout.ts";

/** What a page on several commands is made of. */
export interface HelpSubject {
  readonly program: Program;
  readonly commands: readonly Command[];
  /** The first word of a group of commands; empty for all. */
  readonly group: string;
}

/** The page on all commands, or on a group's, by their headings. `columns` null is wide. */
export function groupHelp(subject: HelpSubject, columns: number | null): WholeAnswer {
  const { program, commands, group } = subject;
  const own = commands.filter(({ name }) => group === "" || name.startsWith(`${group} `));
  const purpose = "Pulls records from databases, APIs and files into a local store of tables.";
  const lists = commandGroups.flatMap((heading) => {
    const entries = own.filter((command) => command.group === heading).map(commandEntry);
    return entries.length === 0 ? [] : [section(heading, listing(entries, columns))];
  });
  const usage = `Usage: hakiri ${group === "" ? "" : `${group} `}COMMAND [OPTION]...`;
  const text = sections([
    ...(group === "" ? [fill(purpose, columns)] : []),
    usage,
    ...lists,
    section("Options of every command", listing(optionEntries(globalOptions), columns)),
    fill(
      `Profile ${program.profile}, version ${version}. Type 'hakiri help COMMAND' for more on one.`,
      columns,
    ),
  ]);
  const document = {
    profile: program.profile,
    version,
    commands: own.map(commandDocument),
    options: optionDocuments(globalOptions),
    exit_codes: exitCodes.map((row) => ({ ...row })),
  };
  return { text, document, exitCode: exitDone };
}

/** The page on one command. */
export function commandHelp(command: Command, columns: number | null): WholeAnswer {
  const { operands, options, details, examples } = command;
  const operandEntries = Object.entries(operands).map(([name, spec]): Entry => [
    operandText(name, spec),
    withNotes(spec.description, spec.choices === undefined ? [] : [oneOf(spec.choices)]),
  ]);
  const text = sections([
    `Usage: ${usageOf(command)}`,
    fill(`${sentence(command.summary)}${details === undefined ? "" : ` ${details}`}`, columns),
    ...(operandEntries.length > 0 ? [section("Operands", listing(operandEntries, columns))] : []),
    ...(Object.keys(options).length > 0
      ? [section("Options", listing(optionEntries(options), columns))]
      : []),
    section("Examples", examples.map((example) => `  ${example}`).join("\n")),
    section("Options of every command", listing(optionEntries(globalOptions), columns)),
  ]);
  return { text, document: commandDocument(command), exitCode: exitDone };
}

/** The page on exit codes. */
export function exitCodesHelp(columns: number | null): WholeAnswer {
  const entries = exitCodes.map(({ code, meaning }): Entry => [String(code), meaning]);
  return {
    text: sections([section("Exit codes", listing(entries, columns))]),
    document: exitCodes.map((row) => ({ ...row })),
    exitCode: exitDone,
  };
}

function commandEntry({ name, operands, summary }: Command): Entry {
  const words = Object.entries(operands).map(([operand, spec]) => operandText(operand, spec));
  return [[name, ...words].join(" "), summary];
}

function optionEntries(options: OptionSpecs): readonly Entry[] {
  return Object.entries(options).map(([name, spec]) => [
    optionText(name, spec),
    withNotes(spec.description, optionNotes(spec)),
  ]);
}

function optionNotes(spec: OptionSpec): readonly string[] {
  switch (spec.kind) {
    case "boolean":
    case "list":
      return [];
    case "integer":
      return [rangeText(spec), ...defaultNotes(spec)];
    case "string":
      return spec.repeated === true ? ["may be repeated"] : defaultNotes(spec);
    case "choice":
      return defaultNotes(spec);
  }
}

function rangeText({ min, max }: { readonly min: number; readonly max: number }): string {
  return max === Number.MAX_SAFE_INTEGER ? `${min} or more` : `${min} to ${max}`;
}

function defaultNotes(spec: { readonly default?: string | number }): readonly string[] {
  return spec.default === undefined ? [] : [`default ${spec.default}`];
}

function withNotes(description: string, notes: readonly string[]): string {
  return notes.length === 0 ? description : `${description} (${notes.join(", ")})`;
}

function oneOf(choices: readonly string[]): string {
  return `one of ${choices.join(", ")}`;
}

function sentence(summary: string): string {
  return `${summary.slice(0, 1).toUpperCase()}${summary.slice(1)}.`;
}

function section(heading: string, body: string): string {
  return `${heading}:\n${body}`;
}

function sections(parts: readonly string[]): string {
  return `${parts.join("\n\n")}\n`;
}
