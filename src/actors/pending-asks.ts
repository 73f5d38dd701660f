/**
 * The asks of one side that wait for a reply.
 *
 *   Owns:    who waits, until when, and that each wait ends exactly once.
 *   Doesn't: send anything; it tells its owner which asks to withdraw.
 *   P1. Every ask ends: by its reply, its failure, its deadline, its signal, or `rejectAll`.
 *   P2. At most `asksMax` wait; one more is refused.
 *   P3. After an ask has ended, no timer and no listener of it is left.
 *   P4. A reply that comes after the end of its ask is late, not wrong. A reply to what was never
 *       asked is a defect.
 */
import type { HakiriError } from "../core/error.ts";
import type { Clock } from "../core/ports/clock.ts";
import { askCancelled, asksFull, deadlinePassed } from "./actor-error.ts";

/** How long to wait for a reply: until a deadline, until a signal, or the first of both. */
export type AskLimit =
  | { readonly deadlineMs: number; readonly signal?: AbortSignal }
  | { readonly deadlineMs?: undefined; readonly signal: AbortSignal };

interface Waiter {
  readonly resolve: (reply: unknown) => void;
  readonly reject: (error: HakiriError) => void;
  readonly release: () => void;
}

/** How a table of asks is made. */
export interface PendingAsksOptions {
  readonly clock: Clock;
  readonly asksMax: number;
  /** Hears of an ask that ended by its deadline or its signal, after it has. */
  readonly withdrawn: (ask: number) => void;
}

/** The table of pending asks. */
export class PendingAsks {
  readonly #options: PendingAsksOptions;
  readonly #waiters = new Map<number, Waiter>();
  #last = 0;

  constructor(options: PendingAsksOptions) {
    this.#options = options;
  }

  /** How many asks wait. */
  get size(): number {
    return this.#waiters.size;
  }

  /**
   * Begins to wait under a new number. Throws `actor.asks_full`, and `actor.cancelled` where the
   * signal is aborted already.
   */
  open(limit: AskLimit): { readonly ask: number; readonly reply: Promise<unknown> } {
    const { signal, deadlineMs } = limit;
    if (signal?.aborted === true) throw askCancelled(signal.reason);
    if (this.#waiters.size >= this.#options.asksMax) throw asksFull(this.#options.asksMax);
    const ask = this.#last + 1;
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const cancel = (): void => this.#withdraw(ask, askCancelled(signal?.reason));
    const timer =
      deadlineMs === undefined
        ? undefined
        : this.#options.clock.schedule(deadlineMs, () => {
            this.#withdraw(ask, deadlinePassed(deadlineMs));
          });
    signal?.addEventListener("abort", cancel, { once: true });
    const release = (): void => {
      timer?.cancel();
      signal?.removeEventListener("abort", cancel);
    };
    this.#last = ask;
    this.#waiters.set(ask, { resolve, reject, release });
    return { ask, reply: promise };
  }

  /** Ends an ask with its reply. */
  resolve(ask: number, reply: unknown): void {
    this.#take(ask)?.resolve(reply);
  }

  /** Ends an ask with its failure. */
  reject(ask: number, error: HakiriError): void {
    this.#take(ask)?.reject(error);
  }

  /** Ends all asks with one failure. */
  rejectAll(error: HakiriError): void {
    for (const ask of this.#waiters.keys()) this.reject(ask, error);
  }

  #withdraw(ask: number, error: HakiriError): void {
    this.reject(ask, error);
    this.#options.withdrawn(ask);
  }

  #take(ask: number): Waiter | undefined {
    if (!(ask >= 1 && ask <= this.#last)) throw new Error(`a reply to ask ${ask}, never asked`);
    const waiter = this.#waiters.get(ask);
    this.#waiters.delete(ask);
    waiter?.release();
    return waiter;
  }
}
