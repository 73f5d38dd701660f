// Starts a long-lived process, talks to it by lines, and reads its memory when it has gone idle.
//
//   Owns:      the process and its group, until `stop`, which every caller must await.
//   Doesn't:   know what the process says; the caller names the lines that it waits for.
//
//   I1. Every wait has a deadline, and ends early when the process does.
//   I2. One wait per stream at a time; it starts after the line that the last one found.

import { setTimeout as delay } from "node:timers/promises";
import type { ChildProcess } from "node:child_process";

import { type LineQueue, queueLines } from "./line-queue.ts";
import { type CommandOptions, endGroup, signalGroup, startGroup } from "./process-group.ts";
import { type TreeMemory, readTreeMemory } from "./process-memory.ts";
import { type Spread, median, spread } from "./statistics.ts";

/** Which output stream a line is awaited on. */
type OutputStream = "stdout" | "stderr";

/** A running process and what one may do with it. */
export type IdleProcess = AsyncDisposable & {
  readonly pid: number;
  /** Writes a line to its stdin; the newline is added. */
  readonly writeLine: (line: string) => void;
  /**
   * Resolves with the next line that matches. Lines before it are skipped for good. Rejects with an
   * Error that quotes the process's last lines when the deadline passes or the process ends.
   */
  readonly waitForLine: (match: RegExp, options: WaitOptions) => Promise<string>;
  /** Leaves it alone for `idleMs`, then reads the tree's memory `samples` times. */
  readonly readIdleMemory: (options: IdleMemoryOptions) => Promise<IdleMemory>;
  /** SIGTERM to the process, SIGKILL to its whole group after the deadline. Idempotent. */
  readonly stop: (options?: { readonly deadlineMs?: number }) => Promise<StoppedProcess>;
};

/** How long to wait for a line, and where; the stream defaults to stdout. */
type WaitOptions = { readonly deadlineMs: number; readonly stream?: OutputStream };

/** How to read idle memory. Defaults: 5 samples, 200 ms apart, with PSS. */
type IdleMemoryOptions = {
  readonly idleMs: number;
  readonly samples?: number;
  readonly everyMs?: number;
};

/** Medians over the samples, field by field; `rssSpreadBytes` says how far they lay apart. */
type IdleMemory = TreeMemory & {
  readonly samples: number;
  readonly rssSpreadBytes: Spread;
};

/** How it ended. */
type StoppedProcess = {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  /** It ignored SIGTERM until the deadline. */
  readonly isKilled: boolean;
};

const STOP_DEADLINE_MS = 5000;
const DEFAULT_SAMPLES = 5;
const DEFAULT_EVERY_MS = 200;

/**
 * Starts a long-lived command. It is up when a line that it prints says so: `waitForLine`.
 *
 * Throws Error when it can't be started, and on another platform than Linux.
 */
export async function startIdle(
  command: readonly string[],
  options: CommandOptions = {},
): Promise<IdleProcess> {
  const child = startGroup(command, options);
  const pid = await startedPid(child, command);
  const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const lines = {
    stdout: queueLines(child.stdout, exited),
    stderr: queueLines(child.stderr, exited),
  };
  child.stdin.on("error", () => {});
  const stop = async (stopOptions: { readonly deadlineMs?: number } = {}) => {
    const isKilled = await endProcess(child, {
      pid,
      exited,
      deadlineMs: stopOptions.deadlineMs ?? STOP_DEADLINE_MS,
    });
    return { exitCode: child.exitCode, signal: child.signalCode, isKilled };
  };
  return {
    pid,
    writeLine: (line) => void child.stdin.write(`${line}\n`),
    waitForLine: async (match, wait) => {
      const found = await lines[wait.stream ?? "stdout"].next(match, wait.deadlineMs);
      if (found !== null) return found;
      const ended = child.exitCode ?? child.signalCode;
      throw new Error(
        `bench: expected a line like ${match} from ${command.join(" ")}, came ` +
          (ended === null ? `none within ${wait.deadlineMs} ms` : `its end (${ended})`) +
          quote("stdout", lines.stdout) +
          quote("stderr", lines.stderr),
      );
    },
    readIdleMemory: (memoryOptions) => readIdleMemory(pid, memoryOptions),
    stop,
    [Symbol.asyncDispose]: async () => void (await stop()),
  };
}

async function startedPid(child: ChildProcess, command: readonly string[]): Promise<number> {
  if (child.pid !== undefined) return child.pid;
  return await new Promise<number>((_, reject) => {
    child.once("error", (cause) => {
      reject(new Error(`bench: can't start ${command.join(" ")}: ${cause.message}`, { cause }));
    });
  });
}

function quote(name: OutputStream, lines: LineQueue): string {
  const last = lines.last();
  return last.length === 0 ? `; ${name} was empty` : `; last of ${name}:\n${last.join("\n")}`;
}

async function readIdleMemory(pid: number, options: IdleMemoryOptions): Promise<IdleMemory> {
  const samples = options.samples ?? DEFAULT_SAMPLES;
  const readings: TreeMemory[] = [];
  await delay(options.idleMs);
  while (readings.length < samples) {
    if (readings.length > 0) await delay(options.everyMs ?? DEFAULT_EVERY_MS);
    const memory = readTreeMemory(pid, { withPss: true });
    if (memory === null) {
      throw new Error(`bench: expected process ${pid} to stay up while idle, came its end`);
    }
    readings.push(memory);
  }
  const middle = (field: (memory: TreeMemory) => number): number => median(readings.map(field));
  const pssBytes = readings.map((memory) => memory.pssBytes).filter((bytes) => bytes !== null);
  return {
    rssBytes: middle((memory) => memory.rssBytes),
    anonBytes: middle((memory) => memory.anonBytes),
    fileBytes: middle((memory) => memory.fileBytes),
    shmemBytes: middle((memory) => memory.shmemBytes),
    peakRssBytes: middle((memory) => memory.peakRssBytes),
    pssBytes: pssBytes.length === samples ? median(pssBytes) : null,
    processes: middle((memory) => memory.processes),
    samples,
    rssSpreadBytes: spread(readings.map((memory) => memory.rssBytes)),
  };
}

/** Ends the process, then what it left in its group; true when it had to be killed. */
async function endProcess(
  child: ChildProcess,
  of: { readonly pid: number; readonly exited: Promise<void>; readonly deadlineMs: number },
): Promise<boolean> {
  let isKilled = false;
  child.kill("SIGTERM");
  const timer = setTimeout(() => {
    isKilled = true;
    signalGroup(of.pid, "SIGKILL");
  }, of.deadlineMs);
  await of.exited;
  clearTimeout(timer);
  endGroup(of.pid);
  return isKilled;
}
