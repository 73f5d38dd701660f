/**
 * The queue of one actor, and the loop that hands its messages over one by one.
 *
 *   Owns:    the order of messages, and whether one is being handled.
 *   Doesn't: know threads, senders, or what a message means.
 *   M1. At most one message is being handled at any instant.
 *   M2. Messages are handled in the order they came; those put ahead come before all that wait,
 *       in their own order.
 *   M3. At most `capacity` messages wait, and `aheadMax` put ahead. One more is refused with an
 *       error; none is dropped.
 *   M4. A handler that throws crashes the mailbox: the owner hears it once, nothing is handled
 *       after, and what waits stays for `close` to return.
 */
import { actorStopping, mailboxFull } from "./actor-error.ts";

/** Most messages that wait ahead of the others. */
export const aheadMax = 16;

/** How a mailbox is made. */
export interface MailboxOptions<T> {
  /** Most messages that wait, besides the one being handled; at least 1. */
  readonly capacity: number;
  /** Handles one message; never called for a second before the first one's promise settles. */
  readonly handle: (message: T) => Promise<void> | void;
  /** Hears what a handler threw. */
  readonly crashed: (thrown: unknown) => void;
}

/** A bounded queue whose messages are handled one at a time. */
export class Mailbox<T extends object> {
  readonly #options: MailboxOptions<T>;
  readonly #ahead: T[] = [];
  readonly #waiting: T[] = [];
  #state: "open" | "closed" | "crashed" = "open";
  #draining: Promise<void> | undefined;

  constructor(options: MailboxOptions<T>) {
    if (!(Number.isSafeInteger(options.capacity) && options.capacity >= 1)) {
      throw new RangeError(`expected a capacity of at least 1, came ${options.capacity}`);
    }
    this.#options = options;
  }

  /** How many messages wait, not counting the one being handled. */
  get waiting(): number {
    return this.#ahead.length + this.#waiting.length;
  }

  /** Queues a message. Throws `actor.mailbox_full`, and `actor.stopping` after `close`. */
  put(message: T): void {
    this.#add(this.#waiting, message, this.#options.capacity);
  }

  /** Queues a message before those that wait, as system messages go. Throws as `put`. */
  putAhead(message: T): void {
    this.#add(this.#ahead, message, aheadMax);
  }

  /** Takes no message any more, and returns those that wait, never to be handled. */
  close(): readonly T[] {
    if (this.#state === "open") this.#state = "closed";
    return [...this.#ahead.splice(0), ...this.#waiting.splice(0)];
  }

  /** Resolves once nothing waits and nothing is being handled, or a handler crashed. */
  idle(): Promise<void> {
    return this.#draining ?? Promise.resolve();
  }

  #add(queue: T[], message: T, lengthMax: number): void {
    if (this.#state !== "open") throw actorStopping();
    if (queue.length >= lengthMax) throw mailboxFull(lengthMax);
    queue.push(message);
    this.#draining ??= this.#drain();
  }

  async #drain(): Promise<void> {
    // The sender goes on first: putting a message never runs a handler.
    await Promise.resolve();
    try {
      for (let next = this.#next(); next !== undefined; next = this.#next()) {
        await this.#options.handle(next);
      }
    } catch (thrown) {
      this.#state = "crashed";
      this.#options.crashed(thrown);
    } finally {
      this.#draining = undefined;
    }
  }

  #next(): T | undefined {
    return this.#ahead.shift() ?? this.#waiting.shift();
  }
}
