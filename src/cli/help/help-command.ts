/** `hakiri help`: the pages of help, by command, group or topic. */
import { usageError } from "../../core/error.ts";
import { defineCommand, type Command, type WholeAnswer } from "../command.ts";
import { didYouMean } from "../arguments/did-you-mean.ts";
import type { Program } from "../program.ts";
import { commandHelp, exitCodesHelp, groupHelp } from "./help-page.ts";

const exitCodesTopic = "exit-codes";

/** The command; `others` are all commands but this one. */
export function helpCommand(program: Program, others: readonly Command[]): Command {
  const words = new Set(others.flatMap(({ name }) => name.split(" ")));
  const command: Command = defineCommand({
    name: "help",
    group: "This installation",
    summary: "print help on commands, or the meaning of exit codes",
    operands: {
      topic: {
        arity: "any",
        description: "a command's name, or exit-codes; all commands when there is none",
        choices: [...words, "help", exitCodesTopic],
      },
    },
    options: {},
    examples: ["hakiri help doctor", "hakiri help exit-codes", "hakiri help --json"],
    weight: "light",
    load:
      async () =>
      async ({ operands }, { terminal }) =>
        page({ program, commands: [...others, command] }, operands.topic, terminal.columns),
  });
  return command;
}

function page(
  { program, commands }: { readonly program: Program; readonly commands: readonly Command[] },
  topic: readonly string[],
  columns: number | null,
): WholeAnswer {
  const name = topic.join(" ");
  if (name === exitCodesTopic) return exitCodesHelp(columns);
  const command = commands.find((candidate) => candidate.name === name);
  if (command !== undefined) return commandHelp(command, columns);
  const isGroup = commands.some((candidate) => candidate.name.startsWith(`${name} `));
  if (isGroup || name === "") return groupHelp({ program, commands, group: name }, columns);
  const names = commands.map((candidate) => candidate.name);
  throw usageError(
    "unknown_topic",
    `expected the name of a command, got '${name}'`,
    didYouMean(name, names, "type 'hakiri help' to see all commands"),
  );
}
