/**
 * How an actor is ended: rung by rung, each with time to work before the next.
 *
 *   Owns:    the order of the rungs, and how long each may take.
 *   Doesn't: know how a rung is done; the actor's runner does.
 *   L1. The rungs are cancel, terminate, kill, give up, in this order; a ladder begins at one of
 *       the first two, and always ends in giving up.
 *   L2. No rung is taken once the actor has exited.
 *   L3. Its timers are outside of the actor's thread, so that nothing in it can hold them up.
 */
import type { Clock } from "../core/ports/clock.ts";
import { settledWithin } from "./settled-within.ts";

/** One way to end an actor, from the mildest to the last. */
export type RungAction =
  /** Tell it to stop. */
  | "cancel"
  /** End its thread; doesn't end a native call. */
  | "terminate"
  /** SIGKILL of its executor, with all that is in it. */
  | "kill"
  /** Report it as stuck: nothing more can be done from here. */
  | "give_up";

/** A rung, and how long it has to work. */
export interface Rung {
  readonly action: RungAction;
  readonly waitMs: number;
}

/** How long each rung has. */
export interface LadderTimes {
  readonly cancelMs: number;
  readonly terminateMs: number;
  readonly killMs: number;
}

/** 1 s after cancel, 2 s after `terminate()`, 5 s for the kernel to bury a killed process. */
export const defaultLadderTimes: LadderTimes = { cancelMs: 1000, terminateMs: 2000, killMs: 5000 };

/** What may be done to an actor. */
export interface LadderReach {
  readonly from: "cancel" | "terminate";
  /** Whether the actor lives in a process of its own kind that may be killed. */
  readonly mayKill: boolean;
}

/** The rungs of a ladder, in order. */
export function rungsOf(reach: LadderReach, times: LadderTimes): readonly Rung[] {
  const cancel: Rung = { action: "cancel", waitMs: times.cancelMs };
  const terminate: Rung = { action: "terminate", waitMs: times.terminateMs };
  const kill: Rung = { action: "kill", waitMs: times.killMs };
  return [
    ...(reach.from === "cancel" ? [cancel] : []),
    terminate,
    ...(reach.mayKill ? [kill] : []),
    { action: "give_up", waitMs: 0 },
  ];
}

/** Takes one rung after the other until `exited` resolves; the last one must make it resolve. */
export async function climb(
  rungs: readonly Rung[],
  take: (action: RungAction) => void,
  exited: Promise<unknown>,
  clock: Clock,
): Promise<void> {
  for (const rung of rungs) {
    take(rung.action);
    if (await settledWithin(exited, rung.waitMs, clock)) return;
  }
}
