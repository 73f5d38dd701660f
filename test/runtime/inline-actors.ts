/**
 * Run actors in the test's own thread: the same messages by structured clone, the same ladder, and
 * no thread to start. For what doesn't depend on where an actor lives.
 */
import type { ActorEnd } from "../../src/actors/actor-exit.ts";
import { startActor, type ActorSpec, type Dialogue } from "../../src/actors/actor-handle.ts";
import type {
  ActorHost,
  HostedThread,
  ThreadEvents,
  ThreadSpec,
} from "../../src/actors/actor-host.ts";
import type { FromActor, ToActor } from "../../src/actors/protocol.ts";
import { serveActor } from "../../src/actors/serve-actor.ts";
import type { Clock } from "../../src/core/ports/clock.ts";
import { systemClock } from "../../src/platform/system-clock.ts";
import { runActor } from "../../src/runtime/actor/run-actor.ts";
import type { RunDialogue } from "../../src/runtime/protocol.ts";
import { defaultLadderTimes } from "../../src/supervisor/ladder.ts";
import {
  underLadder,
  type ActorRunner,
  type RunningActor,
} from "../../src/supervisor/running-actor.ts";
import { directedMeans } from "./fixtures/means.ts";
import { socketVariable } from "./sources/direction.ts";

/** Runs run actors here. */
export class InlineActors implements ActorRunner {
  readonly #clock: Clock;
  /** Every actor so far, the latest last. */
  readonly started: RunningActor<Dialogue>[] = [];

  constructor(clock: Clock = systemClock) {
    this.#clock = clock;
  }

  async start<D extends Dialogue>(spec: ActorSpec<D>): Promise<RunningActor<D>> {
    const actor = underLadder(startActor(inlineHost, spec), {
      clock: this.#clock,
      times: defaultLadderTimes,
      killHost: undefined,
    });
    // The tests look at what every actor has.
    this.started.push(actor as unknown as RunningActor<Dialogue>);
    return actor;
  }

  async close(): Promise<void> {
    await Promise.all(this.started.map((actor) => actor.end()));
  }
}

const inlineHost: ActorHost = {
  messageBytesMax: 64 * 1024 - 512,
  start: (spec, events) => new InlineThread(spec, events),
};

class InlineThread implements HostedThread {
  readonly #events: ThreadEvents;
  readonly #listeners = new Set<(message: ToActor) => void>();
  #hasEnded = false;

  constructor(spec: ThreadSpec, events: ThreadEvents) {
    this.#events = events;
    const socketPath = spec.env[socketVariable];
    if (socketPath === undefined) throw new Error(`expected ${socketVariable}`);
    const port = {
      postMessage: (message: FromActor) => this.#say(structuredClone(message)),
      on: (_: "message", listener: (message: ToActor) => void) => this.#listeners.add(listener),
      off: (_: "message", listener: (message: ToActor) => void) => this.#listeners.delete(listener),
    };
    serveActor<RunDialogue>(port, runActor(directedMeans(socketPath)), systemClock);
  }

  post(message: ToActor): void {
    const copy = structuredClone(message);
    setImmediate(() => {
      if (!this.#hasEnded) for (const listener of [...this.#listeners]) listener(copy);
    });
  }

  /** What the actor does goes on, unheard, as in a thread that is stuck. */
  terminate(): void {
    this.#end({ exit: { kind: "terminated" }, output: "" });
  }

  #say(message: FromActor): void {
    setImmediate(() => {
      if (this.#hasEnded) return;
      if (message.type === "stopped")
        this.#end({ exit: { kind: "stopped", unhandled: 0 }, output: "" });
      else if (message.type === "fatal") {
        this.#end({ exit: { kind: "thrown", error: message.error }, output: "" });
      } else this.#events.message(message);
    });
  }

  #end(end: ActorEnd): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#events.ended(end);
  }
}
