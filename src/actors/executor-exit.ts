/** What the death of an executor means for each actor in it. */
import type { ErrorRecord } from "../core/error.ts";
import type { ActorExit } from "./actor-exit.ts";

/** Why an executor was killed. */
export type KillCause =
  /** Nothing else ended this actor. */
  | { readonly kind: "stuck"; readonly actorId: string }
  | { readonly kind: "over_memory"; readonly rssBytes: number; readonly rssBytesMax: number }
  /** Its memory can't be read any more. */
  | { readonly kind: "unwatched"; readonly error: ErrorRecord }
  /** It was to end, and did not in time. */
  | { readonly kind: "ended" };

/** How an executor died. */
export type ExecutorDeath =
  | { readonly kind: "killed"; readonly cause: KillCause }
  | {
      readonly kind: "crashed";
      readonly exitCode: number | null;
      readonly signal: string | null;
      /** The thread that Node's report names; null where there is no report. */
      readonly threadId: number | null;
    };

/** An actor that was in an executor when it died. */
export interface HostedActor {
  readonly id: string;
  /** Null where the executor had not said it yet. */
  readonly threadId: number | null;
}

/** The exit of one of the actors that were in an executor when it died. */
export function exitByDeath(
  death: ExecutorDeath,
  actor: HostedActor,
  all: readonly HostedActor[],
): ActorExit {
  if (death.kind === "killed") return exitByKill(death.cause, actor, all.length === 1);
  const { exitCode, signal, threadId } = death;
  // One without a thread did nothing yet, and so is no suspect.
  const suspects = all.filter((one) => one.threadId !== null);
  const named = suspects.find((one) => one.threadId === threadId);
  const culprit = named ?? (suspects.length === 1 ? suspects[0] : undefined);
  if (culprit === undefined || culprit.id === actor.id) {
    return { kind: "executor_crashed", exitCode, signal, isOwn: culprit !== undefined };
  }
  return { kind: "executor_killed_for_other", otherId: culprit.id };
}

function exitByKill(cause: KillCause, actor: HostedActor, isAlone: boolean): ActorExit {
  switch (cause.kind) {
    case "stuck":
      return cause.actorId === actor.id
        ? { kind: "executor_killed" }
        : { kind: "executor_killed_for_other", otherId: cause.actorId };
    case "over_memory": {
      const { rssBytes, rssBytesMax } = cause;
      return { kind: "executor_over_memory", rssBytes, rssBytesMax, isAlone };
    }
    case "unwatched":
      return { kind: "executor_unwatched", error: cause.error };
    case "ended":
      return { kind: "executor_ended" };
  }
}

/** How Node begins the one line of a compact report (`--report-compact`). */
const reportStart = '{"header":{"reportVersion":';

/**
 * The thread that died, by the diagnostic report that Node writes to stderr at a fatal error, such
 * as an allocation that no heap limit stops; null where there is none.
 */
export function crashedThreadOf(stderr: string): number | null {
  const line = stderr.split("\n").findLast((text) => text.startsWith(reportStart));
  if (line === undefined) return null;
  const threadId = /"threadId":(\d+)/.exec(line)?.[1];
  return threadId === undefined ? null : Number(threadId);
}

/** What was written to stderr, without Node's report, which is long and meant for machines. */
export function withoutReport(stderr: string): string {
  return stderr
    .split("\n")
    .filter((text) => !text.startsWith(reportStart))
    .join("\n");
}
