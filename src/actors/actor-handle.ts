/**
 * The owner's side of one actor: what it is asked, what it asks, and how it ended.
 *
 *   Owns:    the conversation with one actor and the knowledge of its end.
 *   Doesn't: know where its thread runs, nor decide when it must end; its supervisor does.
 *   A1. `exited` resolves exactly once, however the actor ends, and never rejects.
 *   A2. When `exited` resolves, every pending ask of the actor has failed with `actor.exited`, and
 *       the owner's handler is done with every tell that had arrived.
 *   A3. What the owner's handler throws at a tell, or throws that is no HakiriError, ends the
 *       actor: nobody else would hear of it.
 */
import type { Transferable } from "node:worker_threads";
import type { Clock } from "../core/ports/clock.ts";
import { actorExited, errorRecordOf } from "./actor-error.ts";
import type { ActorEnd, ActorExit } from "./actor-exit.ts";
import type { ActorHost, HostedThread, ThreadSpec } from "./actor-host.ts";
import { Conversation, type ActorRef, type MessageContext } from "./conversation.ts";
import type { ConversationBounds, FromActor } from "./protocol.ts";

/**
 * The types of what an actor and its owner say. Both are of one release, so neither side checks
 * what comes. Everything must be what structured clone carries.
 */
export interface Dialogue {
  /** What the actor starts with. */
  readonly data: unknown;
  /** What the owner says to the actor, and what the actor replies. */
  readonly message: unknown;
  readonly reply: unknown;
  /** What the actor says to its owner, and what the owner replies. */
  readonly ownerMessage: unknown;
  readonly ownerReply: unknown;
}

/** How many messages may wait where nothing else is said. */
const defaultBounds: ConversationBounds = { mailboxMax: 64, asksMax: 64 };

/** An actor to start. */
export interface ActorSpec<D extends Dialogue> extends ThreadSpec {
  readonly data: D["data"];
  /** Buffers of `data` to move; not across a process. */
  readonly transfer?: readonly Transferable[];
  /** Answers what the actor says, one message at a time. `exited` waits for it to settle. */
  readonly handle: (
    message: D["ownerMessage"],
    context: MessageContext,
  ) => D["ownerReply"] | Promise<D["ownerReply"]>;
  readonly clock: Clock;
  /** `defaultBounds` where left out. */
  readonly bounds?: ConversationBounds;
}

/** An actor that was started. */
export interface ActorHandle<D extends Dialogue> {
  readonly id: string;
  readonly ref: ActorRef<D["message"], D["reply"]>;
  /** Resolves once the actor's behaviour has begun; rejects with `actor.exited` if it never is. */
  readonly started: Promise<void>;
  /** Resolves once the actor has ended. */
  readonly exited: Promise<ActorEnd>;
  /** Tells the actor to stop, which aborts its signals. It may take its time. Idempotent. */
  stop(): void;
  /** Ends its thread from outside. A native call that is stuck goes on. Idempotent. */
  terminate(): void;
  /** Reports the actor as ended in this way though its thread may run on. Idempotent. */
  giveUp(exit: ActorExit): void;
}

/** Starts an actor. Throws what `host.start` throws, and `actor.message_too_big` for its data. */
export function startActor<D extends Dialogue>(
  host: ActorHost,
  spec: ActorSpec<D>,
): ActorHandle<D> {
  return new OwnedActor<D>(host, spec);
}

class OwnedActor<D extends Dialogue> implements ActorHandle<D> {
  readonly id: string;
  readonly ref: ActorRef<D["message"], D["reply"]>;
  readonly started: Promise<void>;
  readonly exited: Promise<ActorEnd>;
  readonly #conversation: Conversation;
  readonly #thread: HostedThread;
  readonly #start = Promise.withResolvers<void>();
  readonly #exit = Promise.withResolvers<ActorEnd>();
  #failure: ActorExit | undefined;
  #state: "running" | "stopping" | "ended" = "running";

  constructor(host: ActorHost, spec: ActorSpec<D>) {
    this.id = spec.id;
    this.started = this.#start.promise;
    // Who only watches `exited` learns the same there.
    this.started.catch(() => undefined);
    this.exited = this.#exit.promise;
    const bounds = spec.bounds ?? defaultBounds;
    this.#conversation = new Conversation({
      post: (message, transfer) => this.#thread.post(message, transfer),
      handle: (message, context) => spec.handle(message, context),
      crashed: (thrown) => this.#fail(thrown),
      clock: spec.clock,
      bounds,
    });
    this.ref = this.#conversation;
    this.#thread = host.start(spec, {
      message: (message) => this.#receive(message),
      ended: (end) => void this.#end(end),
    });
    this.#begin(host, spec, bounds);
  }

  stop(): void {
    if (this.#state !== "running") return;
    this.#state = "stopping";
    this.#thread.post({ type: "stop" }, []);
  }

  terminate(): void {
    if (this.#state !== "ended") this.#thread.terminate();
  }

  giveUp(exit: ActorExit): void {
    void this.#end({ exit, output: "" });
  }

  #begin(host: ActorHost, spec: ActorSpec<D>, bounds: ConversationBounds): void {
    const { messageBytesMax } = host;
    try {
      const start = { type: "start", data: spec.data, bounds, messageBytesMax } as const;
      this.#thread.post(start, spec.transfer ?? []);
    } catch (error) {
      this.#thread.terminate();
      throw error;
    }
  }

  #receive(message: FromActor): void {
    if (this.#state === "ended") return;
    switch (message.type) {
      case "started":
        this.#start.resolve();
        break;
      case "stopped":
      case "fatal":
        throw new Error(`a host let ${message.type} pass, which ends a thread`);
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

  #fail(thrown: unknown): void {
    this.#failure ??= { kind: "handler_failed", error: errorRecordOf(thrown) };
    this.terminate();
  }

  async #end(end: ActorEnd): Promise<void> {
    if (this.#state === "ended") return;
    this.#state = "ended";
    const exit = this.#failure ?? end.exit;
    const error = actorExited(this.id, exit);
    this.#start.reject(error);
    await this.#conversation.end(error);
    // A tell that had arrived may have failed only now.
    this.#exit.resolve({ exit: this.#failure ?? exit, output: end.output });
  }
}
