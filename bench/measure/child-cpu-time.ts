// CPU time of all child processes that this process has reaped, and of all that those reaped.
//
// Node offers getrusage only for itself. Three ways were tried on Node 26.10, Linux 6.18:
//   - cutime in /proc/self/stat: ticks of 10 ms, a third of a `node -e 0`;
//   - the `time` keyword of bash around the command: 1 ms steps, and a bash per run (2.6 ms of wall
//     time more, for which one must then subtract or trust the wall clock of bash);
//   - getrusage(RUSAGE_CHILDREN) through node:ffi: microseconds, no wrapper, 3 us a call.
// The last is used. node:ffi is experimental (Node prints a warning once): this file is the only
// one that imports it, and bash is the way back.
//
// Not seen: a process still running, and one whose parent died before it or ignores SIGCHLD, since
// init or the kernel reaps it then.

import { dlopen } from "node:ffi";

import { requireLinux } from "./require-linux.ts";

/** CPU time spent, in milliseconds with a resolution of 1 us. */
export type CpuTime = {
  /**
   * Time in user code. On kernels that account by ticks (most) the *split* between user and system
   * is an estimate from 1-10 ms ticks; the sum is exact.
   */
  readonly userMs: number;
  /** Time in the kernel; see `userMs`. */
  readonly systemMs: number;
  /** userMs + systemMs. */
  readonly cpuMs: number;
};

// getrusage(2): RUSAGE_CHILDREN, and struct rusage as 64-bit words: two timevals, then 14 longs.
const RUSAGE_CHILDREN = -1;
const RUSAGE_WORDS = 18;

/**
 * Reads the CPU time of all reaped descendants since this process started; it only grows, so a
 * caller takes the difference of two readings.
 *
 * Throws Error on another platform than Linux, and when the call fails.
 */
export function readChildCpuTime(): CpuTime {
  requireLinux();
  getrusage ??= bindGetrusage();
  const words = new BigInt64Array(RUSAGE_WORDS);
  const status = getrusage(RUSAGE_CHILDREN, Buffer.from(words.buffer));
  if (status !== 0) throw new Error(`bench: expected 0 from getrusage, came ${status}`);
  const userMs = timevalMs(words[0], words[1]);
  const systemMs = timevalMs(words[2], words[3]);
  return { userMs, systemMs, cpuMs: userMs + systemMs };
}

/** The CPU time spent between two readings. */
export function cpuTimeBetween(before: CpuTime, after: CpuTime): CpuTime {
  const userMs = after.userMs - before.userMs;
  const systemMs = after.systemMs - before.systemMs;
  return { userMs, systemMs, cpuMs: userMs + systemMs };
}

type Getrusage = (who: number, usage: Buffer) => number;

let getrusage: Getrusage | null = null;

function bindGetrusage(): Getrusage {
  // A null path means the symbols already linked into node itself, which include libc's.
  const library = dlopen(null, {
    getrusage: { arguments: ["int32", "buffer"], return: "int32" },
  });
  return library.functions.getrusage;
}

function timevalMs(seconds: bigint | undefined, microseconds: bigint | undefined): number {
  return Number(seconds ?? 0n) * 1000 + Number(microseconds ?? 0n) / 1000;
}
