/** From a command line to its exit code: the command's context, its answer, its failure. */
import { resolve } from "node:path";
import { allCommands } from "./all-commands.ts";
import { wantsColor } from "./text/color.ts";
import type { Answer, CommandContext, WholeAnswer } from "./command.ts";
import { exitDone } from "./exit-code.ts";
import type { GlobalValues } from "./arguments/global-options.ts";
import { commandHelp, groupHelp } from "./help/help-page.ts";
import { parse, type ParsedCommand } from "./arguments/parse.ts";
import type { ProgressSink } from "./progress/event.ts";
import { openProgress } from "./progress/open-progress.ts";
import type { Output, Program, Terminal } from "./program.ts";
import { reportError, tellError } from "./report-error.ts";
import { version } from "./version.ts";

/** Runs one command line; see `runCommandLine`. */
export async function perform(
  program: Program,
  args: readonly string[],
  terminal: Terminal,
): Promise<number> {
  let hasBegun = false;
  const out: Output = {
    ...terminal.out,
    write: (piece) => {
      hasBegun = true;
      return terminal.out.write(piece);
    },
  };
  let globals: Partial<GlobalValues> = { json: wantsJson(args) };
  try {
    const commands = await allCommands(program);
    const parsed = parse(program, commands, args);
    globals = parsed.globals;
    if (globals.version === true) return await print(versionAnswer(program), parsed.globals, out);
    if (parsed.kind === "command" && globals.help !== true) {
      const told = { ...terminal, out };
      const answer = await runCommand(parsed, told);
      if (answer.error !== undefined) await tellError(answer.error, { terminal, globals });
      return answer.exitCode;
    }
    const width = terminal.out.columns();
    const page =
      parsed.kind === "command"
        ? commandHelp(parsed.command, width)
        : groupHelp({ program, commands, group: parsed.name }, width);
    return await print(page, parsed.globals, out);
  } catch (error) {
    return reportError(error, { terminal, globals, hasBegun });
  }
}

/** Before the arguments are parsed, since a failure to parse them is reported as asked too. */
function wantsJson(args: readonly string[]): boolean {
  const end = args.indexOf("--");
  return (end < 0 ? args : args.slice(0, end)).includes("--json");
}

function versionAnswer(program: Program): Answer {
  const document = { version, profile: program.profile, ...program.runtime };
  return { text: `hakiri ${version}\n`, document, exitCode: exitDone };
}

/** What is left of an answer once it is printed. */
type Printed = Pick<WholeAnswer, "exitCode" | "error">;

async function runCommand(parsed: ParsedCommand, terminal: Terminal): Promise<Printed> {
  const { globals, command } = parsed;
  const { signal } = terminal;
  const input = parsed.input();
  const progress = openProgress(globals.quiet ? "none" : globals.progress, terminal);
  const note = (): void =>
    progress.sink({ type: "note", message: "interrupted: ending cleanly; once more ends at once" });
  signal.addEventListener("abort", note, { once: true });
  try {
    signal.throwIfAborted();
    const run = await command.load();
    const answer = await run(input, contextOf(globals, terminal, progress.sink));
    progress.close();
    const exitCode = await print(answer, globals, terminal.out, signal);
    return { ...answer, exitCode };
  } finally {
    signal.removeEventListener("abort", note);
    progress.close();
  }
}

function contextOf(
  globals: GlobalValues,
  { out, input, env, cwd, signal }: Terminal,
  progress: ProgressSink,
): CommandContext {
  const { isTty } = out;
  const hasColor = wantsColor(env, { isTty, noColor: globals.noColor });
  return {
    signal,
    cwd,
    project: globals.project === undefined ? undefined : resolve(cwd, globals.project),
    env,
    input,
    terminal: { isTty, columns: out.columns(), hasColor },
    progress,
    asJson: globals.json,
  };
}

async function print(
  answer: Answer,
  globals: GlobalValues,
  out: Output,
  signal?: AbortSignal,
): Promise<number> {
  if ("pieces" in answer) {
    for await (const piece of answer.pieces) {
      signal?.throwIfAborted();
      // Leaving the loop closes the iterator: who reads no further wants no more work done.
      if (!(await out.write(piece))) break;
    }
    return exitDone;
  }
  const text = globals.json ? `${JSON.stringify(answer.document)}\n` : answer.text;
  if (text !== "") await out.write(text);
  return answer.exitCode;
}
