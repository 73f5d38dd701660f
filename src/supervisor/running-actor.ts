/** An actor that can be ended for certain, wherever its thread runs, and what starts such. */
import type { ActorEnd } from "../actors/actor-exit.ts";
import type { ActorHandle, ActorSpec, Dialogue } from "../actors/actor-handle.ts";
import type { Clock } from "../core/ports/clock.ts";
import { climb, rungsOf, type LadderTimes, type RungAction } from "./ladder.ts";

/** An actor under a ladder. */
export interface RunningActor<D extends Dialogue> extends Pick<
  ActorHandle<D>,
  "id" | "ref" | "started" | "exited" | "stop"
> {
  /** Climbs the whole ladder, and resolves with how the actor ended. Idempotent. */
  end(): Promise<ActorEnd>;
  /** Climbs the ladder from `terminate()`; `exited` tells when it is over. Idempotent. */
  kill(): void;
}

/** Where an actor is started. */
export interface StartOptions {
  /** In an executor of its own, which no other enters meanwhile. Means nothing among threads. */
  readonly isIsolated?: boolean;
}

/** Starts actors, in threads of this process (`ThreadActors`) or of executors (`Executors`). */
export interface ActorRunner {
  /**
   * Starts an actor, and resolves once its thread is on its way; `started` tells of its behaviour.
   * Rejects with Transient `actors.full` where no more may run, `actors.closed` after `close`,
   * `executor.not_started` and `executor.gone`, and with Permanent `actor.message_too_big`.
   */
  start<D extends Dialogue>(spec: ActorSpec<D>, options?: StartOptions): Promise<RunningActor<D>>;
  /** Ends every actor by its ladder, and what hosts them; starts are refused from now on. */
  close(): Promise<void>;
}

/** What a ladder may do beyond ending a thread, and when. */
export interface LadderMeans {
  readonly clock: Clock;
  readonly times: LadderTimes;
  /** Kills the process that hosts the actor; undefined where that is this process. */
  readonly killHost: (() => void) | undefined;
}

/** Puts an actor under a ladder. */
export function underLadder<D extends Dialogue>(
  handle: ActorHandle<D>,
  means: LadderMeans,
): RunningActor<D> {
  const take = (action: RungAction): void => {
    switch (action) {
      case "cancel":
        handle.stop();
        break;
      case "terminate":
        handle.terminate();
        break;
      case "kill":
        means.killHost?.();
        break;
      case "give_up":
        handle.giveUp({ kind: "stuck" });
        break;
    }
  };
  const mayKill = means.killHost !== undefined;
  const begun = new Set<"cancel" | "terminate">();
  const begin = (from: "cancel" | "terminate"): void => {
    if (begun.has(from)) return;
    begun.add(from);
    void climb(rungsOf({ from, mayKill }, means.times), take, handle.exited, means.clock);
  };
  return {
    id: handle.id,
    ref: handle.ref,
    started: handle.started,
    exited: handle.exited,
    stop: () => handle.stop(),
    end: () => {
      begin("cancel");
      return handle.exited;
    },
    kill: () => begin("terminate"),
  };
}
