/**
 * What starts threads for actors: the port with two adapters, this process (`thread-host.ts`) and
 * an executor process (`executor-process.ts`).
 */
import type { Transferable } from "node:worker_threads";
import type { ActorEnd } from "./actor-exit.ts";
import type { FromActor, ThreadLimits, ToActor } from "./protocol.ts";

/** The thread that an actor asks for. */
export interface ThreadSpec {
  /** Names the actor in errors and exits; unique among those that run at once. */
  readonly id: string;
  /** The module that the thread runs; it calls `serveActor`. */
  readonly entry: URL;
  /** The thread's whole environment; nothing is inherited. */
  readonly env: Readonly<Record<string, string>>;
  readonly limits: ThreadLimits;
}

/** Who hears of a thread. */
export interface ThreadEvents {
  /** The actor said something; never called after `ended`. */
  readonly message: (message: FromActor) => void;
  /** The thread has ended, in whatever form; called exactly once. */
  readonly ended: (end: ActorEnd) => void;
}

/** A thread that was started. */
export interface HostedThread {
  /**
   * Sends to the actor; does nothing once the thread has ended. Throws `actor.message_too_big` and
   * `actor.not_transferable` where the way leads through another process.
   */
  post(message: ToActor, transfer: readonly Transferable[]): void;
  /** Ends the thread from outside; a call that is stuck in native code goes on. Idempotent. */
  terminate(): void;
}

/** Starts threads. */
export interface ActorHost {
  /** Most bytes of a message's structured clone; null where messages stay in this process. */
  readonly messageBytesMax: number | null;
  /** Starts a thread. Throws where that is refused at once; later failures come as `ended`. */
  start(spec: ThreadSpec, events: ThreadEvents): HostedThread;
}
