/**
 * One side of the talk between an actor and its owner; both sides are made of this.
 *
 *   Owns:    this side's mailbox, the asks it made, and the room it knows of in the other mailbox.
 *   Doesn't: know how messages travel, nor when the actor starts or ends: its owner says so.
 *   K1. A sender knows how many of its messages wait on the other side, so a full mailbox refuses
 *       at once, at the sender, and no more than the bound are ever under way.
 *   K2. Every ask that arrives is answered once, by a reply or a failure, unless it was withdrawn
 *       or the other side is gone.
 *   K3. A HakiriError thrown at an ask is its answer. Anything else that a handler throws is a
 *       crash, except what it throws because its signal was aborted.
 *   K4. After `end`, no ask is pending and none can be made. Tells that had arrived are still
 *       handled, since they were said; asks are not, since nobody waits for them.
 *   K5. After `stop`, the message in hand is finished, and no other is handled.
 */
import type { Transferable } from "node:worker_threads";
import { HakiriError } from "../core/error.ts";
import type { Clock } from "../core/ports/clock.ts";
import { actorStopping, askCancelled, errorRecordOf, isAbort, mailboxFull } from "./actor-error.ts";
import { Mailbox } from "./mailbox.ts";
import { PendingAsks, type AskLimit } from "./pending-asks.ts";
import type { ConversationBounds, PeerMessage } from "./protocol.ts";

/** How an ask is made: its limit, and the buffers that move with it. */
export type AskOptions = AskLimit & { readonly transfer?: readonly Transferable[] };

/** The other side, as messages are sent to it. */
export interface ActorRef<Message, Reply> {
  /**
   * Sends a message and waits for nothing. Throws `actor.mailbox_full`, `actor.exited`, and across
   * a process `actor.message_too_big` and `actor.not_transferable`. Buffers of `transfer` are
   * empty on this side after.
   */
  tell(message: Message, transfer?: readonly Transferable[]): void;
  /**
   * Sends a message and resolves with its reply. Rejects with the error that the other side threw,
   * with what `tell` throws, and with `actor.asks_full`, `actor.deadline`, `actor.cancelled`,
   * `actor.stopping`.
   */
  ask(message: Message, options: AskOptions): Promise<Reply>;
}

/** What a handler knows besides its message. */
export interface MessageContext {
  /** Aborts when nobody wants the result any more: withdrawn, told to stop, or the asker gone. */
  readonly signal: AbortSignal;
  /** Moves these buffers with the reply: they are empty here after. Not across a process. */
  transfer(buffers: readonly Transferable[]): void;
}

/** How one side is made. */
export interface ConversationOptions {
  /** Sends to the other side; throws a HakiriError where the message can't be carried. */
  readonly post: (message: PeerMessage, transfer: readonly Transferable[]) => void;
  /** Answers a message: what it returns is the reply to an ask, and ignored after a tell. */
  readonly handle: (message: unknown, context: MessageContext) => unknown;
  /** Hears what a handler threw that is no answer; nothing is handled after. */
  readonly crashed: (thrown: unknown) => void;
  readonly clock: Clock;
  readonly bounds: ConversationBounds;
}

type Item =
  | { readonly kind: "tell"; readonly body: unknown }
  | { readonly kind: "ask"; readonly body: unknown; readonly ask: number }
  | { readonly kind: "stop"; readonly stopped: () => void };

interface InHand {
  readonly ask: number | undefined;
  readonly controller: AbortController;
}

/** One side of a talk. */
export class Conversation implements ActorRef<unknown, unknown> {
  readonly #options: ConversationOptions;
  readonly #mailbox: Mailbox<Item>;
  readonly #pending: PendingAsks;
  /** Asks that arrived and wait in the mailbox; bounded by its capacity. */
  readonly #wanted = new Set<number>();
  #inHand: InHand | undefined;
  #sent = 0;
  #takenThere = 0;
  #takenHere = 0;
  #unhandled = 0;
  #state: "open" | "stopped" | { readonly endedBy: HakiriError } = "open";
  #hasCrashed = false;

  constructor(options: ConversationOptions) {
    this.#options = options;
    this.#mailbox = new Mailbox<Item>({
      capacity: options.bounds.mailboxMax,
      handle: (item) => this.#handle(item),
      crashed: (thrown) => this.#crash(thrown),
    });
    this.#pending = new PendingAsks({
      clock: options.clock,
      asksMax: options.bounds.asksMax,
      withdrawn: (ask) => this.#post({ type: "withdraw", ask }),
    });
  }

  /** Messages that arrived and are not done with, the one in hand included. */
  get waiting(): number {
    return this.#mailbox.waiting + (this.#inHand === undefined ? 0 : 1);
  }

  tell(message: unknown, transfer: readonly Transferable[] = []): void {
    this.#admit();
    this.#options.post({ type: "tell", body: message }, transfer);
    this.#sent += 1;
  }

  async ask(message: unknown, options: AskOptions): Promise<unknown> {
    this.#admit();
    const { ask, reply } = this.#pending.open(options);
    try {
      this.#options.post({ type: "ask", ask, body: message }, options.transfer ?? []);
    } catch (error) {
      this.#pending.resolve(ask, undefined);
      throw error;
    }
    this.#sent += 1;
    return reply;
  }

  /** Takes in what the other side said. */
  receive(message: PeerMessage): void {
    switch (message.type) {
      case "tell":
        this.#put({ kind: "tell", body: message.body });
        break;
      case "ask":
        this.#put({ kind: "ask", body: message.body, ask: message.ask });
        break;
      case "reply":
        this.#pending.resolve(message.ask, message.body);
        break;
      case "failure":
        this.#pending.reject(message.ask, new HakiriError(message.error));
        break;
      case "withdraw":
        this.#wanted.delete(message.ask);
        if (this.#inHand?.ask === message.ask) this.#inHand.controller.abort(askCancelled(null));
        break;
      case "taken":
        this.#takenThere = message.count;
        break;
    }
  }

  /**
   * Aborts the signal of the message in hand, waits for its handler, and refuses what waits.
   * Resolves with the number of messages that were never handled. Called once.
   */
  async stop(): Promise<number> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#mailbox.putAhead({ kind: "stop", stopped: resolve });
    this.#inHand?.controller.abort(actorStopping());
    await promise;
    return this.#unhandled;
  }

  /** The other side is gone: fails what was asked of it, and resolves once nothing is in hand. */
  async end(error: HakiriError): Promise<void> {
    this.#state = { endedBy: error };
    this.#wanted.clear();
    this.#pending.rejectAll(error);
    if (this.#inHand?.ask !== undefined) this.#inHand.controller.abort(error);
    await this.#mailbox.idle();
  }

  #admit(): void {
    if (typeof this.#state === "object") throw this.#state.endedBy;
    const { mailboxMax } = this.#options.bounds;
    if (this.#sent - this.#takenThere >= mailboxMax) throw mailboxFull(mailboxMax);
  }

  #put(item: Exclude<Item, { kind: "stop" }>): void {
    if (this.#hasCrashed) return;
    if (this.#state !== "open") {
      this.#refuse(item);
      return;
    }
    try {
      this.#mailbox.put(item);
      if (item.kind === "ask") this.#wanted.add(item.ask);
    } catch (error) {
      // The sender's own count refuses before this, so the other side broke K1.
      this.#crash(new Error("the other side sent more than this mailbox holds", { cause: error }));
    }
  }

  #crash(thrown: unknown): void {
    if (this.#hasCrashed) return;
    this.#hasCrashed = true;
    this.#options.crashed(thrown);
  }

  async #handle(item: Item): Promise<void> {
    if (item.kind === "stop") {
      this.#state = this.#state === "open" ? "stopped" : this.#state;
      for (const rest of this.#mailbox.close()) if (rest.kind !== "stop") this.#refuse(rest);
      item.stopped();
      return;
    }
    this.#takenHere += 1;
    this.#post({ type: "taken", count: this.#takenHere });
    if (item.kind === "ask" && !this.#wanted.delete(item.ask)) return;
    const controller = new AbortController();
    this.#inHand = { ask: item.kind === "ask" ? item.ask : undefined, controller };
    try {
      await this.#answer(item, controller.signal);
    } finally {
      this.#inHand = undefined;
    }
  }

  async #answer(item: Exclude<Item, { kind: "stop" }>, signal: AbortSignal): Promise<void> {
    const transfer: Transferable[] = [];
    const context = {
      signal,
      transfer: (buffers: readonly Transferable[]) => void transfer.push(...buffers),
    };
    try {
      const body = await this.#options.handle(item.body, context);
      if (item.kind === "ask") this.#post({ type: "reply", ask: item.ask, body }, transfer);
    } catch (thrown) {
      const isAnswer = item.kind === "ask" && thrown instanceof HakiriError;
      if (!isAnswer && !isAbort(thrown, signal)) throw thrown;
      if (item.kind === "ask") {
        this.#fail(item.ask, thrown instanceof HakiriError ? thrown : signal.reason);
      }
    }
  }

  #refuse(item: Exclude<Item, { kind: "stop" }>): void {
    this.#unhandled += 1;
    if (item.kind === "ask") this.#fail(item.ask, actorStopping());
  }

  #fail(ask: number, thrown: unknown): void {
    this.#post({ type: "failure", ask, error: errorRecordOf(thrown) });
  }

  /** Nobody hears what is said after the end. */
  #post(message: PeerMessage, transfer: readonly Transferable[] = []): void {
    if (typeof this.#state !== "object") this.#options.post(message, transfer);
  }
}
