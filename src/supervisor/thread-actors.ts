/**
 * Actors in threads of this process: the runner of a one-shot `hakiri run`.
 *
 *   Owns:    how many run at once, and the ladder of each.
 *   Doesn't: end this process: a ladder that ends in `stuck` tells the caller to.
 */
import { startActor, type ActorSpec, type Dialogue } from "../actors/actor-handle.ts";
import { threadHost } from "../actors/thread-host.ts";
import type { Clock } from "../core/ports/clock.ts";
import { defaultLadderTimes, type LadderTimes } from "./ladder.ts";
import { actorsClosed, actorsFull } from "./runner-error.ts";
import { underLadder, type ActorRunner, type RunningActor } from "./running-actor.ts";

/** How actors run in this process. */
export interface ThreadActorsOptions {
  readonly clock: Clock;
  /** Most that run at once; a stuck one counts for as long as this process lives. */
  readonly actorsMax: number;
  /** `defaultLadderTimes` where left out. */
  readonly ladder?: LadderTimes;
}

/** Runs actors in this process. */
export class ThreadActors implements ActorRunner {
  readonly #options: ThreadActorsOptions;
  readonly #running = new Set<{ end(): Promise<unknown> }>();
  #isClosed = false;

  constructor(options: ThreadActorsOptions) {
    this.#options = options;
  }

  async start<D extends Dialogue>(spec: ActorSpec<D>): Promise<RunningActor<D>> {
    const { clock, actorsMax, ladder: times = defaultLadderTimes } = this.#options;
    if (this.#isClosed) throw actorsClosed();
    if (this.#running.size >= actorsMax) throw actorsFull(actorsMax);
    const handle = startActor(threadHost, spec);
    const actor = underLadder(handle, { clock, times, killHost: undefined });
    this.#running.add(actor);
    void actor.exited.then(({ exit }) => {
      if (exit.kind !== "stuck") this.#running.delete(actor);
    });
    return actor;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([...this.#running].map((actor) => actor.end()));
  }
}
