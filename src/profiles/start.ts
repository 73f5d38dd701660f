/** Runs a profile's command line on this process: its arguments, its streams, its exit code. */
import { abortOnInterrupt } from "../cli/interrupt.ts";
import { runCommandLine } from "../cli/main.ts";
import { answerOutput, messageOutput } from "../cli/output.ts";
import type { Program, Terminal } from "../cli/program.ts";
import { processClock } from "./process-clock.ts";
import { profilesOf } from "./profiles-of.ts";
import { endIfStuck } from "./stuck-process.ts";

/** The program of a profile on this Node. */
export function programOf(profile: string, commands: Program["commands"]): Program {
  const platform = `${process.platform}-${process.arch}`;
  const runtime = { node: process.versions.node, platform };
  const pipelineNames = async (cwd: string): Promise<readonly string[]> =>
    (await import("./pipeline-names.ts")).pipelineNames(cwd);
  return { profile, commands, profilesOf, runtime, pipelineNames };
}

/** Runs this process's command line. The process ends by itself, once its output is written. */
export async function start(program: Program): Promise<void> {
  // stdout carries answers only, and libraries that greet on it (biscuit-wasm) don't know that.
  globalThis.console.log = () => undefined;
  const terminal: Terminal = {
    out: answerOutput(process.stdout),
    err: messageOutput(process.stderr),
    // Without an encoding its pieces are bytes; its type leaves that open.
    input: () => process.stdin as AsyncIterable<Uint8Array>,
    env: process.env,
    cwd: process.cwd(),
    signal: abortOnInterrupt(process, (delayMs, pass) => setTimeout(pass, delayMs).unref()),
    clock: processClock,
  };
  process.on("uncaughtException", (error) => void endByDefect(error, terminal));
  process.exitCode = await runCommandLine(program, process.argv.slice(2), terminal);
  await endIfStuck(process.exitCode);
}

/** An error that nobody waits for would end Node with a stack trace, and so it ends here. */
async function endByDefect(error: unknown, terminal: Terminal): Promise<void> {
  const { reportError } = await import("../cli/report-error.ts");
  process.exit(await reportError(error, { terminal, globals: {}, hasBegun: true }));
}
