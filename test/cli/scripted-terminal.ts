/** A terminal for tests: it keeps what is written, and its clock is turned by hand. */
import { runCommandLine } from "../../src/cli/main.ts";
import type { Command } from "../../src/cli/command.ts";
import type { Output, Program, Terminal } from "../../src/cli/program.ts";

/** What may differ from a pipe without variables. */
export interface Scene {
  readonly env?: Readonly<Record<string, string>>;
  readonly isTty?: boolean;
  readonly columns?: number;
  readonly signal?: AbortSignal;
  /** What is piped in. */
  readonly input?: string;
  /** Stands for stdout instead of the one that keeps all. */
  readonly out?: Output;
  readonly profilesOf?: ReadonlyMap<string, readonly string[]>;
}

/** A terminal, its screen and its clock. */
export interface ScriptedTerminal {
  readonly terminal: Terminal;
  readonly stdout: () => string;
  readonly stderr: () => string;
  /** Lets that much time pass; every tick that falls due in it is called. */
  readonly pass: (ms: number) => void;
  /** How many ticks are set up and not stopped. */
  readonly tickers: () => number;
}

/** A terminal for this scene. */
export function scriptedTerminal(scene: Scene = {}): ScriptedTerminal {
  const out: string[] = [];
  const err: string[] = [];
  const timers = new Set<{ dueMs: number; everyMs: number; tick: () => void }>();
  let nowMs = 1000;
  const output = (kept: string[]): Output => ({
    isTty: scene.isTty ?? false,
    columns: () => (scene.isTty === true ? (scene.columns ?? 80) : null),
    write: async (piece) => {
      kept.push(typeof piece === "string" ? piece : Buffer.from(piece).toString());
      return true;
    },
  });
  const every = (everyMs: number, tick: () => void): (() => void) => {
    const timer = { dueMs: nowMs + everyMs, everyMs, tick };
    timers.add(timer);
    return () => timers.delete(timer);
  };
  const pass = (ms: number): void => {
    const endMs = nowMs + ms;
    for (;;) {
      const [next] = [...timers].toSorted((a, b) => a.dueMs - b.dueMs);
      if (next === undefined || next.dueMs > endMs) break;
      nowMs = next.dueMs;
      next.dueMs += next.everyMs;
      next.tick();
    }
    nowMs = endMs;
  };
  return {
    terminal: {
      out: scene.out ?? output(out),
      err: output(err),
      env: scene.env ?? {},
      ...(scene.input !== undefined && { input: () => piecesOf(scene.input ?? "") }),
      cwd: "/projects",
      signal: scene.signal ?? new AbortController().signal,
      clock: { monotonicMs: () => nowMs, every },
    },
    stdout: () => out.join(""),
    stderr: () => err.join(""),
    pass,
    tickers: () => timers.size,
  };
}

/** Small ones, so that characters are cut. */
async function* piecesOf(text: string): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += 5) yield bytes.subarray(at, at + 5);
}

/** A program of profile core with these commands. */
function programWith(commands: readonly Command[], scene: Scene = {}): Program {
  return {
    profile: "core",
    commands: async () => commands,
    profilesOf: scene.profilesOf ?? new Map(),
    runtime: { node: "26.0.0", platform: "linux-x64" },
    pipelineNames: async () => [],
  };
}

/** What a command line came to. */
export interface Typed {
  readonly exitCode: number;
  readonly out: string;
  readonly err: string;
}

/** Runs a command line of a program with these commands. */
export async function typeLine(
  commands: readonly Command[],
  args: readonly string[],
  scene: Scene = {},
): Promise<Typed> {
  const { terminal, stdout, stderr } = scriptedTerminal(scene);
  const exitCode = await runCommandLine(programWith(commands, scene), args, terminal);
  return { exitCode, out: stdout(), err: stderr() };
}
