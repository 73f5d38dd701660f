/**
 * Watches one executor: kills it when it holds too much memory, and asks whether it answers.
 *
 * `resourceLimits` of a thread count its JavaScript heap only; buffers and native memory, where an
 * ingestion engine keeps its data, are seen in the resident set of the process alone.
 *
 *   W1. Samples never overlap: the next is due `everyMs` after the last has its answer.
 *   W2. An executor whose memory can't be read `failuresMax` times in a row is killed: unwatched it
 *       could take the whole machine.
 */
import { errorRecordOf } from "../actors/actor-error.ts";
import type { KillCause } from "../actors/executor-exit.ts";
import type { ExecutorProcess } from "../actors/executor-process.ts";
import type { ErrorRecord } from "../core/error.ts";
import type { Clock } from "../core/ports/clock.ts";
import type { RssProbe } from "./resident-memory.ts";

/** Most samples in a row that may fail. */
export const failuresMax = 5;

/** What one sample found. */
export type MemorySample =
  | { readonly kind: "read"; readonly rssBytes: number }
  /** The process is gone. */
  | { readonly kind: "gone" }
  | { readonly kind: "failed"; readonly error: ErrorRecord };

/** What a sample leads to. */
export type Verdict =
  /** Sample again, with so many failures in a row. */
  | { readonly kind: "watch"; readonly failures: number }
  | { readonly kind: "kill"; readonly cause: KillCause };

/** Judges a sample, after `failures` that failed in a row. */
export function judge(sample: MemorySample, failures: number, rssBytesMax: number): Verdict {
  switch (sample.kind) {
    case "gone":
      return { kind: "watch", failures: 0 };
    case "read": {
      const { rssBytes } = sample;
      if (rssBytes <= rssBytesMax) return { kind: "watch", failures: 0 };
      return { kind: "kill", cause: { kind: "over_memory", rssBytes, rssBytesMax } };
    }
    case "failed":
      if (failures + 1 < failuresMax) return { kind: "watch", failures: failures + 1 };
      return { kind: "kill", cause: { kind: "unwatched", error: sample.error } };
  }
}

/** How an executor is watched. */
export interface WatchOptions {
  readonly clock: Clock;
  readonly probe: RssProbe;
  readonly rssBytesMax: number;
  readonly everyMs: number;
  /** Kills the executor. */
  readonly kill: (cause: KillCause) => void;
}

/** Watches an executor until its process is gone. */
export async function watchExecutor(
  executor: ExecutorProcess,
  options: WatchOptions,
): Promise<void> {
  const { clock, everyMs, rssBytesMax } = options;
  const gone = executor.exited.then(() => true);
  let failures = 0;
  for (;;) {
    const { promise: due, resolve } = Promise.withResolvers<boolean>();
    const timer = clock.schedule(everyMs, () => resolve(false));
    const isGone = await Promise.race([gone, due]);
    timer.cancel();
    if (isGone || executor.pid === undefined) return;
    executor.ping();
    const verdict = judge(await sampleOf(options.probe, executor.pid), failures, rssBytesMax);
    if (verdict.kind === "kill") return options.kill(verdict.cause);
    failures = verdict.failures;
  }
}

async function sampleOf(probe: RssProbe, pid: number): Promise<MemorySample> {
  try {
    const rssBytes = await probe(pid);
    return rssBytes === null ? { kind: "gone" } : { kind: "read", rssBytes };
  } catch (error) {
    return { kind: "failed", error: errorRecordOf(error) };
  }
}
