/**
 * A counted number of places for work under way: whoever wants one waits until one is free. The
 * waiting is the backpressure.
 *
 *   S1. At most `places` are taken at any moment.
 *   S2. Who waited longest comes first.
 */

/** A number of places. */
export class Slots {
  readonly #places: number;
  readonly #waiting: (() => void)[] = [];
  #taken = 0;

  /** `places` is at least 1. */
  constructor(places: number) {
    if (!Number.isSafeInteger(places) || places < 1) {
      throw new RangeError(`expected at least one place, got ${places}`);
    }
    this.#places = places;
  }

  /** How many are taken. */
  get taken(): number {
    return this.#taken;
  }

  /** Runs the work once a place is free, and frees the place at its end. */
  async within<T>(work: () => Promise<T>): Promise<T> {
    const free = await this.take();
    try {
      return await work();
    } finally {
      free();
    }
  }

  /** Waits for a place and answers with what frees it; a second call of that does nothing. */
  async take(): Promise<() => void> {
    if (this.#taken < this.#places) this.#taken += 1;
    // The place is handed over without being freed, so that nobody can slip in between (S2).
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      const next = this.#waiting.shift();
      if (next === undefined) this.#taken -= 1;
      else next();
    };
  }
}
