/** Arguments to a command by commander, which knows options, help texts and near misses. */
import { Command as Parser, CommanderError } from "commander";
import { HakiriError, usageError } from "../core/error.ts";
import type { Answer, Command } from "./command.ts";
import { exitDefect, exitCodeOf, exitDone } from "./exit-code.ts";
import type { Program, Terminal } from "./program.ts";
import { version } from "./version.ts";

/** Parses and runs one command line; see `runCommandLine`. */
export async function parseAndRun(
  program: Program,
  args: readonly string[],
  terminal: Terminal,
): Promise<number> {
  const asJson = wantsJson(args);
  try {
    const answer = await answerOf(program, args);
    terminal.out(asJson ? `${JSON.stringify(answer.document)}\n` : answer.text);
    return answer.exitCode;
  } catch (error) {
    return report(error, asJson, terminal);
  }
}

async function answerOf(program: Program, args: readonly string[]): Promise<Answer> {
  let help = "";
  let answer: Answer | undefined;
  const parser = parserOf(program, (text) => (help += text));
  for (const command of program.commands) {
    addCommand(parser, command, async (operands) => {
      answer = await (await command.load())(operands);
    });
  }
  try {
    await parser.parseAsync(args, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (!helpCodes.has(error.code)) throw asUsageError(error, program);
  }
  if (answer !== undefined) return answer;
  if (parser.opts()["version"] === true) return versionAnswer(program);
  return { text: help, document: { help }, exitCode: exitDone };
}

/** Help was asked for, or no command was named, which commander treats as an error. */
const helpCodes: ReadonlySet<string> = new Set(["commander.helpDisplayed", "commander.help"]);

function parserOf(program: Program, write: (text: string) => void): Parser {
  return new Parser("hakiri")
    .description(
      "Pulls records from databases, APIs and files into a local store of Parquet tables.",
    )
    .usage("COMMAND [OPTION]...")
    .option("-V, --version", "print the version")
    .option("--json", "print one JSON document on stdout, also for an error")
    .helpOption("-h, --help", "print this help, or a command's with its name before it")
    .helpCommand(false)
    .configureOutput({ writeOut: write, writeErr: write, outputError: () => undefined })
    .addHelpText("after", `\nProfile ${program.profile}, version ${version}.`)
    .exitOverride();
}

function addCommand(
  parser: Parser,
  command: Command,
  run: (operands: readonly string[]) => Promise<void>,
): void {
  const examples = command.examples.map((example) => `  ${example}`).join("\n");
  parser
    .command(command.name)
    .summary(command.summary)
    .description(`${command.summary}.`)
    .argument(`[${command.operand.name}...]`, command.operand.description)
    .option("--json", "print one JSON document on stdout, also for an error")
    .addHelpText("after", `\nExamples:\n${examples}`)
    .action((operands: string[]) => run(operands));
}

function versionAnswer(program: Program): Answer {
  const document = { version, profile: program.profile, ...program.runtime };
  return { text: `hakiri ${version}\n`, document, exitCode: exitDone };
}

/** Commander's texts start with `error: ` and may carry a near miss on a second line. */
function asUsageError(error: CommanderError, program: Program): HakiriError {
  const [message = "", ...rest] = error.message.replace(/^error: /, "").split("\n");
  const nearMiss = rest.join(" ").replace(/^\((.*)\)$/, "$1");
  const names = program.commands.map((command) => command.name).join(", ");
  return usageError(
    error.code.replace(/^commander\./, "").replaceAll(/[A-Z]/g, (l) => `_${l.toLowerCase()}`),
    error.code === "commander.unknownCommand"
      ? `expected a command of profile ${program.profile} (${names}), got ${message.slice("unknown command ".length)}`
      : message,
    nearMiss === "" ? "type 'hakiri --help' to see commands and options" : nearMiss,
  );
}

/** Before the arguments are parsed, since a failure to parse them is reported as asked too. */
function wantsJson(args: readonly string[]): boolean {
  const end = args.indexOf("--");
  return (end < 0 ? args : args.slice(0, end)).includes("--json");
}

function report(error: unknown, asJson: boolean, terminal: Terminal): number {
  const failure = error instanceof HakiriError ? error : defect(error);
  if (asJson) terminal.out(`${JSON.stringify({ error: failure.toRecord() })}\n`);
  const hint = failure.hint === "" ? "" : `  ${failure.hint}\n`;
  terminal.err(`hakiri: ${failure.message}\n${hint}`);
  return failure.code.startsWith("defect.") ? exitDefect : exitCodeOf(failure);
}

/** A bare stack trace helps nobody at a terminal: the message is kept, and where to report it. */
function defect(error: unknown): HakiriError {
  const message = error instanceof Error ? error.message : String(error);
  return new HakiriError(
    {
      kind: "Permanent",
      code: "defect.unforeseen",
      message: `an unforeseen error, which is a defect of hakiri: ${message}`,
      hint: "please report it with the command you typed and the output of 'hakiri doctor'",
    },
    { cause: error },
  );
}
