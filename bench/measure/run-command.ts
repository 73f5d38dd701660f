// Runs one command to its end and measures it: wall time, CPU time and peak memory of its tree.
//
//   Owns:      the command's process group, from spawn until nothing of it is left.
//   Doesn't:   repeat, compare or judge (interleave, statistics, figure).
//
//   R1. One command at a time: CPU time is what *all* children of this process gained meanwhile.
//   R2. Nothing in the command's group survives the call.
//   R3. Wall time ends when the first process ends, not when its pipes close.
//
// Wall time includes this process's own spawn call, 1.7-2.5 ms here for `true`, equally for every
// subject, so a ratio of two short commands is drawn towards 1. Polling memory costs this process
// CPU on another core but none to the command's own account.

import type { ChildProcess } from "node:child_process";

import { type BoundedText, collectText } from "./bounded-text.ts";
import { type CpuTime, cpuTimeBetween, readChildCpuTime } from "./child-cpu-time.ts";
import { type CommandOptions, endGroup, signalGroup, startGroup } from "./process-group.ts";
import { readProcessMemory } from "./process-memory.ts";
import { listProcessTree } from "./process-tree.ts";

/** How to run and measure one command. */
export type RunOptions = CommandOptions & {
  /** The command's group is killed after this time, and the run says `isTimedOut`. */
  readonly deadlineMs: number;
  /** Text for stdin, which is then closed; default none. */
  readonly stdin?: string;
  /** Milliseconds between two looks at the tree's memory; 0 looks never. Default 5. */
  readonly memoryEveryMs?: number;
  /** Bytes kept of stdout and of stderr each; default 1 MiB. */
  readonly outputBytesMax?: number;
};

/** One command's run. */
export type MeasuredRun = CpuTime & {
  /** Null when a signal ended it. */
  readonly exitCode: number | null;
  /** Null when it exited by itself. */
  readonly signal: NodeJS.Signals | null;
  readonly isTimedOut: boolean;
  /** From before the spawn until its exit was seen, by a monotonic clock. */
  readonly wallMs: number;
  /**
   * The larger of the highest sum of RSS over the tree at one look and the highest VmHWM of one
   * process. A process that lives or grows only between two looks is missed. Null when no look
   * found it alive.
   */
  readonly peakTreeRssBytes: number | null;
  /** First bytes of its output, and how many came in all. */
  readonly stdout: string;
  readonly stdoutBytes: number;
  readonly stderr: string;
  readonly stderrBytes: number;
};

const DEFAULT_MEMORY_EVERY_MS = 5;
const DEFAULT_OUTPUT_BYTES_MAX = 1024 * 1024;
/** Time for the pipes to close once the group is dead: only a process that left it holds them. */
const CLOSE_DEADLINE_MS = 1000;

let isRunning = false;

/**
 * Runs one command to its end, or to its deadline, and measures it.
 *
 * A bad exit code is a result, not an error. CPU time counts every process of the tree that was
 * waited for by its parent; children left behind are killed and not counted. Throws Error when the
 * command can't be started, on another platform than Linux, and while another run is under way.
 */
export async function runMeasured(
  command: readonly string[],
  options: RunOptions,
): Promise<MeasuredRun> {
  if (isRunning) {
    throw new Error(
      "bench: expected one measured command at a time, came a second: await the first",
    );
  }
  isRunning = true;
  try {
    return await measure(command, options);
  } finally {
    isRunning = false;
  }
}

async function measure(command: readonly string[], options: RunOptions): Promise<MeasuredRun> {
  const outputBytesMax = options.outputBytesMax ?? DEFAULT_OUTPUT_BYTES_MAX;
  const cpuBefore = readChildCpuTime();
  const startedAt = process.hrtime.bigint();
  const child = startGroup(command, options);
  const exited = exitOf(child, command);
  const { pid } = child;
  if (pid === undefined) {
    await exited;
    throw new Error("bench: expected a failed start to say why, came nothing");
  }

  const closed = new Promise<void>((resolve) => child.once("close", resolve));
  const stdout = collectText(child.stdout, outputBytesMax);
  const stderr = collectText(child.stderr, outputBytesMax);
  // A command may end without reading its stdin; that is its own affair.
  child.stdin.on("error", () => {});
  child.stdin.end(options.stdin ?? "");

  let isTimedOut = false;
  const deadline = setTimeout(() => {
    isTimedOut = true;
    signalGroup(pid, "SIGKILL");
  }, options.deadlineMs);
  const watch = watchPeak(pid, options.memoryEveryMs ?? DEFAULT_MEMORY_EVERY_MS);
  try {
    const endedAt = await exited;
    const cpu = cpuTimeBetween(cpuBefore, readChildCpuTime());
    endGroup(pid);
    await closeWithin(closed, () => {
      child.stdout.destroy();
      child.stderr.destroy();
    });
    return {
      exitCode: child.exitCode,
      signal: child.signalCode,
      isTimedOut,
      wallMs: Number(endedAt - startedAt) / 1e6,
      ...cpu,
      peakTreeRssBytes: watch.peakBytes(),
      ...outputOf(stdout, stderr),
    };
  } finally {
    clearTimeout(deadline);
    watch.stop();
  }
}

/** When the first process ended, by the monotonic clock; rejects when it never started. */
function exitOf(child: ChildProcess, command: readonly string[]): Promise<bigint> {
  return new Promise((resolve, reject) => {
    child.once("exit", () => resolve(process.hrtime.bigint()));
    child.once("error", (cause) => {
      reject(new Error(`bench: can't start ${command.join(" ")}: ${cause.message}`, { cause }));
    });
  });
}

function outputOf(stdout: BoundedText, stderr: BoundedText) {
  return {
    stdout: stdout.text(),
    stdoutBytes: stdout.sizeBytes(),
    stderr: stderr.text(),
    stderrBytes: stderr.sizeBytes(),
  };
}

async function closeWithin(closed: Promise<unknown>, giveUp: () => void): Promise<void> {
  const timer = setTimeout(giveUp, CLOSE_DEADLINE_MS);
  await closed;
  clearTimeout(timer);
}

type PeakWatch = { readonly peakBytes: () => number | null; readonly stop: () => void };

function watchPeak(pid: number, everyMs: number): PeakWatch {
  let peakBytes: number | null = null;
  const look = (): void => {
    const memory = readTreePeak(pid);
    if (memory !== null) peakBytes = Math.max(peakBytes ?? 0, memory);
  };
  if (everyMs === 0) return { peakBytes: () => null, stop: () => {} };
  look();
  const timer = setInterval(look, everyMs);
  return { peakBytes: () => peakBytes, stop: () => clearInterval(timer) };
}

function readTreePeak(rootPid: number): number | null {
  let sumBytes = 0;
  let highestBytes = 0;
  for (const pid of listProcessTree(rootPid)) {
    const memory = readProcessMemory(pid);
    if (memory === null) continue;
    sumBytes += memory.rssBytes;
    // The kernel's own high-water mark misses nothing of this process between two looks.
    highestBytes = Math.max(highestBytes, memory.peakRssBytes);
  }
  const peakBytes = Math.max(sumBytes, highestBytes);
  return peakBytes === 0 ? null : peakBytes;
}

/** As `runMeasured`. Throws Error with the end of what it said unless it exits with 0. */
export async function runSucceeding(
  command: readonly string[],
  options: RunOptions,
): Promise<MeasuredRun> {
  const run = await runMeasured(command, options);
  if (run.exitCode === 0) return run;
  throw new Error(
    `bench: expected exit 0 from ${command.join(" ")}, came ${run.exitCode ?? run.signal}\n` +
      run.stderr.slice(0, 2000),
  );
}
