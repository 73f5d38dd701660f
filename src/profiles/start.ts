/** Runs a profile's command line on this process: its arguments, its streams, its exit code. */
import { runCommandLine } from "../cli/main.ts";
import type { Program } from "../cli/program.ts";
import type { Command } from "../cli/command.ts";

/** The program of a profile on this Node. */
export function programOf(profile: string, commands: readonly Command[]): Program {
  const platform = `${process.platform}-${process.arch}`;
  return { profile, commands, runtime: { node: process.versions.node, platform } };
}

/** Runs this process's command line. The process ends by itself, once its output is written. */
export async function start(program: Program): Promise<void> {
  // stdout carries answers only, and libraries that greet on it (biscuit-wasm) don't know that.
  globalThis.console.log = () => undefined;
  process.stdout.on("error", forgiveClosedPipe);
  process.stderr.on("error", forgiveClosedPipe);
  process.exitCode = await runCommandLine(program, process.argv.slice(2), {
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
  });
}

/** A reader that went away (`hakiri ... | head`) is no failure; the command still ends its work. */
function forgiveClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== "EPIPE") throw error;
}
