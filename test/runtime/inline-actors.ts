/**
 * Run actors in the test's own thread: the same messages by structured clone, the same ladder, and
 * no thread to start. For what doesn't depend on where an actor lives.
 */
import { serialize } from "node:v8";
import { messageTooBig } from "../../src/actors/actor-error.ts";
import type { ActorEnd, ActorExit } from "../../src/actors/actor-exit.ts";
import { startActor, type ActorSpec, type Dialogue } from "../../src/actors/actor-handle.ts";
import type {
  ActorHost,
  HostedThread,
  ThreadEvents,
  ThreadSpec,
} from "../../src/actors/actor-host.ts";
import {
  controlBytesMax,
  envelopeBytesMax,
  type FromActor,
  type ToActor,
} from "../../src/actors/protocol.ts";
import { serveActor } from "../../src/actors/serve-actor.ts";
import type { Clock } from "../../src/core/ports/clock.ts";
import { systemClock } from "../../src/platform/system-clock.ts";
import { runActor } from "../../src/runtime/actor/run-actor.ts";
import type { RunDialogue } from "../../src/runtime/protocol.ts";
import { actorsFull } from "../../src/supervisor/runner-error.ts";
import { defaultLadderTimes } from "../../src/supervisor/ladder.ts";
import {
  underLadder,
  type ActorRunner,
  type RunningActor,
  type StartOptions,
} from "../../src/supervisor/running-actor.ts";
import { directedMeans } from "./fixtures/means.ts";
import { socketVariable } from "./sources/direction.ts";

/** As in an executor. */
const messageBytesMax = controlBytesMax - envelopeBytesMax;

/** Runs run actors here. */
export class InlineActors implements ActorRunner {
  readonly #clock: Clock;
  readonly #threads: InlineThread[] = [];
  /** Every actor so far, the latest last. */
  readonly started: RunningActor<Dialogue>[] = [];
  /** Of each start, the refused ones included. */
  readonly options: StartOptions[] = [];
  /** So many starts are refused, since no more actors may run. */
  fullFor = 0;

  constructor(clock: Clock = systemClock) {
    this.#clock = clock;
  }

  async start<D extends Dialogue>(
    spec: ActorSpec<D>,
    options: StartOptions = {},
  ): Promise<RunningActor<D>> {
    this.options.push(options);
    if (this.fullFor > 0) {
      this.fullFor -= 1;
      throw actorsFull(this.started.length);
    }
    const host: ActorHost = {
      messageBytesMax,
      start: (threadSpec, events) => {
        const thread = new InlineThread(threadSpec, events);
        this.#threads.push(thread);
        return thread;
      },
    };
    const actor = underLadder(startActor(host, spec), {
      clock: this.#clock,
      times: defaultLadderTimes,
      killHost: undefined,
    });
    this.started.push(actor);
    return actor;
  }

  /** Ends the latest actor like this. What it does goes on, unheard. */
  endLatest(exit: ActorExit): void {
    this.#threads.at(-1)?.end({ exit, output: "" });
  }

  async close(): Promise<void> {
    await Promise.all(this.started.map((actor) => actor.end()));
  }
}

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
    const sizeBytes = serialize(message).byteLength;
    if (sizeBytes > messageBytesMax) throw messageTooBig(sizeBytes, messageBytesMax);
    const copy = structuredClone(message);
    setImmediate(() => {
      if (!this.#hasEnded) for (const listener of Array.from(this.#listeners)) listener(copy);
    });
  }

  /** What the actor does goes on, unheard, as in a thread that is stuck. */
  terminate(): void {
    this.end({ exit: { kind: "terminated" }, output: "" });
  }

  #say(message: FromActor): void {
    setImmediate(() => {
      if (this.#hasEnded) return;
      if (message.type === "stopped")
        this.end({ exit: { kind: "stopped", unhandled: 0 }, output: "" });
      else if (message.type === "fatal") {
        this.end({ exit: { kind: "thrown", error: message.error }, output: "" });
      } else this.#events.message(message);
    });
  }

  /** The first end counts. */
  end(end: ActorEnd): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#events.ended(end);
  }
}
