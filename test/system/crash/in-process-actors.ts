/**
 * Actors in the thread of the test, so that one recorder of a filesystem sees every call of theirs
 * and of the control process in one order. What they say is copied as between threads.
 */
import type { ActorEnd } from "../../../src/actors/actor-exit.ts";
import type { ActorHost, ThreadEvents } from "../../../src/actors/actor-host.ts";
import { startActor, type ActorSpec, type Dialogue } from "../../../src/actors/actor-handle.ts";
import type { FromActor, ToActor } from "../../../src/actors/protocol.ts";
import { serveActor, type ActorPort } from "../../../src/actors/serve-actor.ts";
import { encodePart } from "../../../src/context/stage/encode-part.ts";
import { systemClock } from "../../../src/platform/system-clock.ts";
import { systemRandom } from "../../../src/platform/system-random.ts";
import type { RunActorMeans } from "../../../src/runtime/actor/means.ts";
import { runActor } from "../../../src/runtime/actor/run-actor.ts";
import type { ActorPlace } from "../../../src/runtime/control/run-request.ts";
import type { RunDialogue } from "../../../src/runtime/protocol.ts";
import { defaultLadderTimes } from "../../../src/supervisor/ladder.ts";
import { underLadder, type RunningActor } from "../../../src/supervisor/running-actor.ts";

/** What of a run actor's means a test replaces. */
export type OwnMeans = Pick<RunActorMeans, "openSource" | "openFilesystem"> &
  Partial<RunActorMeans>;

/** A place whose run actors live in this thread. */
export function inProcessPlace(means: OwnMeans): ActorPlace {
  const behaviour = runActor({
    encode: encodePart,
    clock: systemClock,
    random: systemRandom,
    ...means,
  });
  const host = hostOf((port) => serveActor<RunDialogue>(port, behaviour, systemClock));
  return {
    runner: {
      start: async <D extends Dialogue>(spec: ActorSpec<D>): Promise<RunningActor<D>> => {
        const ladder = { clock: systemClock, times: defaultLadderTimes, killHost: undefined };
        return underLadder(startActor(host, spec), ladder);
      },
      close: async () => undefined,
    },
    // Nothing is loaded: the behaviour is here.
    entry: new URL(import.meta.url),
    env: {},
    limits: { oldGenerationMb: 256 },
    startMs: 30_000,
  };
}

function hostOf(serve: (port: ActorPort) => void): ActorHost {
  return {
    messageBytesMax: null,
    start: (_spec, events) => {
      const listeners = new Set<(message: ToActor) => void>();
      const owner = new Owner(events);
      serve({
        postMessage: (message) => owner.hear(structuredClone(message)),
        on: (_event, listener) => listeners.add(listener),
        off: (_event, listener) => listeners.delete(listener),
      });
      return {
        post: (message) => {
          const copy = structuredClone(message);
          queueMicrotask(() => {
            for (const listener of listeners.values().toArray()) listener(copy);
          });
        },
        terminate: () => owner.end({ kind: "terminated" }),
      };
    },
  };
}

/** Hears an actor until its last word. */
class Owner {
  readonly #events: ThreadEvents;
  #hasEnded = false;

  constructor(events: ThreadEvents) {
    this.#events = events;
  }

  hear(message: FromActor): void {
    queueMicrotask(() => {
      if (this.#hasEnded) return;
      if (message.type === "stopped") this.end({ kind: "stopped", unhandled: message.unhandled });
      else if (message.type === "fatal") this.end({ kind: "thrown", error: message.error });
      else this.#events.message(message);
    });
  }

  end(exit: ActorEnd["exit"]): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#events.ended({ exit, output: "" });
  }
}
