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
  // A reader that went away (`hakiri ... | head`) is no failure, and its pipe has no place for one.
  process.stdout.on("error", exitQuietlyWhenClosed);
  process.stderr.on("error", exitQuietlyWhenClosed);
  process.exitCode = await runCommandLine(program, process.argv.slice(2), {
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
  });
}

function exitQuietlyWhenClosed(error: NodeJS.ErrnoException): void {
  if (error.code === "EPIPE") process.exit();
  throw error;
}
