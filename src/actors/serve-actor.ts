/**
 * The actor's side, in its own thread: begins its behaviour, and hands messages to it.
 *
 *   Owns:    the order start, messages, stop.
 *   Doesn't: end its thread; who started it does so after `stopped` or `fatal`.
 *   B1. No message is handled before the behaviour has begun, and none after `stop` ran.
 *   B2. What a behaviour throws that is no answer is said once, as `fatal`, and is the last word.
 */
import { serialize } from "node:v8";
import type { Transferable } from "node:worker_threads";
import type { Clock } from "../core/ports/clock.ts";
import {
  actorStopping,
  errorRecordOf,
  isAbort,
  messageTooBig,
  notTransferable,
} from "./actor-error.ts";
import type { Dialogue } from "./actor-handle.ts";
import { Conversation, type ActorRef, type MessageContext } from "./conversation.ts";
import type { FromActor, ToActor } from "./protocol.ts";

/** The port to the owner, as far as it is used; `parentPort` of a worker is one. */
export interface ActorPort {
  postMessage(message: FromActor, transfer: readonly Transferable[]): void;
  on(event: "message", listener: (message: ToActor) => void): unknown;
  off(event: "message", listener: (message: ToActor) => void): unknown;
}

/** What a behaviour knows of its surroundings for as long as it lives. */
export interface ActorContext<D extends Dialogue> {
  /** The owner, to tell and to ask. */
  readonly owner: ActorRef<D["ownerMessage"], D["ownerReply"]>;
  /** Aborts when the actor is told to stop, or stops itself. */
  readonly signal: AbortSignal;
  /** Ends the actor in order, as if its owner had told it to stop. Idempotent. */
  stop(): void;
}

/** What a behaviour answers with. */
export interface ActorHandlers<D extends Dialogue> {
  /** Answers one message; a HakiriError thrown at an ask is its answer, all else a crash. */
  handle(message: D["message"], context: MessageContext): D["reply"] | Promise<D["reply"]>;
  /** The last act, once no message is in hand: closes what is open. Only when stopped in order. */
  stop?(): Promise<void> | void;
}

/** Begins an actor: takes what it starts with, and returns its handlers. */
export type Behaviour<D extends Dialogue> = (
  data: D["data"],
  context: ActorContext<D>,
) => ActorHandlers<D> | Promise<ActorHandlers<D>>;

/**
 * Serves one actor on `port`, until it ends. `port` is `parentPort`; null, in a thread that no
 * owner started, is a defect.
 */
export function serveActor<D extends Dialogue>(
  port: ActorPort | null,
  behaviour: Behaviour<D>,
  clock: Clock,
): void {
  if (port === null) throw new Error("expected a worker thread, came the main thread");
  const begin = (first: ToActor): void => {
    port.off("message", begin);
    if (first.type !== "start") throw new Error(`expected start, came ${first.type}`);
    const actor = new ServedActor<D>({ port, start: first, behaviour, clock });
    port.on("message", (message) => actor.receive(message));
  };
  port.on("message", begin);
}

interface Serving<D extends Dialogue> {
  readonly port: ActorPort;
  readonly start: Extract<ToActor, { type: "start" }>;
  readonly behaviour: Behaviour<D>;
  readonly clock: Clock;
}

class ServedActor<D extends Dialogue> {
  readonly #serving: Serving<D>;
  readonly #conversation: Conversation;
  readonly #handlers: Promise<ActorHandlers<D>>;
  readonly #stopping = new AbortController();

  constructor(serving: Serving<D>) {
    this.#serving = serving;
    this.#conversation = new Conversation({
      post: (message, transfer) => this.#post(message, transfer),
      handle: async (message, context) => (await this.#handlers).handle(message, context),
      crashed: (thrown) => this.#die(thrown),
      clock: serving.clock,
      bounds: serving.start.bounds,
    });
    this.#handlers = this.#begin();
  }

  receive(message: ToActor): void {
    switch (message.type) {
      case "start":
        throw new Error("expected one start, came a second");
      case "stop":
        this.#stop();
        break;
      case "tell":
      case "ask":
      case "reply":
      case "failure":
      case "withdraw":
      case "taken":
        this.#conversation.receive(message);
        break;
    }
  }

  async #begin(): Promise<ActorHandlers<D>> {
    try {
      const handlers = await this.#serving.behaviour(this.#serving.start.data, {
        owner: this.#conversation,
        signal: this.#stopping.signal,
        stop: () => this.#stop(),
      });
      this.#post({ type: "started" }, []);
      return handlers;
    } catch (thrown) {
      // The behaviour never begins: messages wait until the thread is ended.
      if (!isAbort(thrown, this.#stopping.signal)) this.#die(thrown);
      else this.#post({ type: "stopped", unhandled: this.#conversation.waiting }, []);
      return await new Promise<never>(() => undefined);
    }
  }

  #stop(): void {
    if (this.#stopping.signal.aborted) return;
    this.#stopping.abort(actorStopping());
    this.#finish().catch((thrown: unknown) => this.#die(thrown));
  }

  async #finish(): Promise<void> {
    const handlers = await this.#handlers;
    const unhandled = await this.#conversation.stop();
    await handlers.stop?.();
    this.#post({ type: "stopped", unhandled }, []);
  }

  #die(thrown: unknown): void {
    this.#post({ type: "fatal", error: errorRecordOf(thrown) }, []);
  }

  #post(message: FromActor, transfer: readonly Transferable[]): void {
    const bytesMax = this.#serving.start.messageBytesMax;
    if (bytesMax !== null) {
      if (transfer.length > 0) throw notTransferable();
      const sizeBytes = serialize(message).byteLength;
      if (sizeBytes > bytesMax) throw messageTooBig(sizeBytes, bytesMax);
    }
    this.#serving.port.postMessage(message, transfer);
  }
}
