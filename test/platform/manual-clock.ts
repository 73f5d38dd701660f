// A clock that only tests move: a full adapter of the clock port, in memory.
//
//   C1. Time moves only in `advance` and `advanceThrough`, never back.
//   C2. A call is made at its own moment: while it runs, the clock stands at what it waited for.
import { delayMsMax, type Clock, type ScheduledCall } from "../../src/core/ports/clock.ts";

/** Most calls made by one advance; more is a loop that schedules itself for the same moment. */
const callsMax = 100_000;

interface Waiting {
  readonly atMs: number;
  readonly run: () => void;
}

/** Starts at the given Unix time, and at 0 ms of monotonic time. */
export class ManualClock implements Clock {
  readonly #startMicros: bigint;
  readonly #waiting = new Set<Waiting>();
  #nowMs = 0;

  constructor(startMicros = 1_700_000_000_000_000n) {
    this.#startMicros = startMicros;
  }

  nowMicros(): bigint {
    return this.#startMicros + BigInt(Math.floor(this.#nowMs * 1000));
  }

  monotonicMs(): number {
    return this.#nowMs;
  }

  schedule(delayMs: number, run: () => void): ScheduledCall {
    if (!(delayMs >= 0 && delayMs <= delayMsMax)) {
      throw new RangeError(`expected a delay of 0 to ${delayMsMax} ms, came ${delayMs}`);
    }
    const call: Waiting = { atMs: this.#nowMs + delayMs, run };
    this.#waiting.add(call);
    return { cancel: () => void this.#waiting.delete(call) };
  }

  /** How many calls wait to be made. */
  get scheduled(): number {
    return this.#waiting.size;
  }

  /** Moves time on, and makes the calls that fall due on the way, before this returns. */
  advance(ms: number): void {
    const untilMs = this.#nowMs + ms;
    for (let count = 0; this.#makeNext(untilMs); count += 1) this.#refuseLoop(count);
    this.#nowMs = untilMs;
  }

  /** As `advance`, and lets promises settle before, between and after the calls. */
  async advanceThrough(ms: number): Promise<void> {
    const untilMs = this.#nowMs + ms;
    await settle();
    for (let count = 0; this.#makeNext(untilMs); count += 1) {
      this.#refuseLoop(count);
      await settle();
    }
    this.#nowMs = untilMs;
  }

  #makeNext(untilMs: number): boolean {
    // A set keeps the order of scheduling, and sorting is stable.
    const [next] = [...this.#waiting].toSorted((left, right) => left.atMs - right.atMs);
    if (next === undefined || next.atMs > untilMs) return false;
    this.#waiting.delete(next);
    this.#nowMs = next.atMs;
    next.run();
    return true;
  }

  #refuseLoop(count: number): void {
    if (count >= callsMax) throw new Error(`more than ${callsMax} calls fell due in one advance`);
  }
}

/** One turn of the event loop: all promises that can settle without I/O have settled after it. */
function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
