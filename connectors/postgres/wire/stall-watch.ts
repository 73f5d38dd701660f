/** Notices that nothing came for a while, without a timer being set for each thing that comes. */
import type { Clock, ScheduledCall } from "../../../src/connector.ts";

/** The watch looks this often a period, so it is late by at most a part of it. */
const looksAPeriod = 4;

/** A watch over something that counts up. */
export class StallWatch {
  readonly #clock: Clock;
  readonly #periodMs: number;
  readonly #count: () => number;
  readonly #onStall: () => void;
  #call: ScheduledCall | null = null;
  #last = 0;
  #idleLooks = 0;

  /** A period of 0 watches nothing. `onStall` is called once, no sooner than a period after. */
  constructor(clock: Clock, periodMs: number, count: () => number, onStall: () => void) {
    this.#clock = clock;
    this.#periodMs = periodMs;
    this.#count = count;
    this.#onStall = onStall;
  }

  /** Watches from now on; what was before is forgotten. */
  start(): void {
    this.stop();
    if (this.#periodMs === 0) return;
    this.#last = this.#count();
    this.#idleLooks = 0;
    this.#schedule();
  }

  /** Watches no more. */
  stop(): void {
    this.#call?.cancel();
    this.#call = null;
  }

  #schedule(): void {
    this.#call = this.#clock.schedule(Math.ceil(this.#periodMs / looksAPeriod), () => {
      this.#look();
    });
  }

  #look(): void {
    const count = this.#count();
    this.#idleLooks = count === this.#last ? this.#idleLooks + 1 : 0;
    this.#last = count;
    if (this.#idleLooks < looksAPeriod) {
      this.#schedule();
      return;
    }
    this.#call = null;
    this.#onStall();
  }
}
