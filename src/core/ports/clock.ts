/** Time: the wall clock for stamps, a monotonic one for waiting, and calls made later. */

/** A call that was not made yet, or was; cancelling it again, or too late, does nothing. */
export interface ScheduledCall {
  cancel(): void;
}

/** Where time comes from. Adapters: the system's clock, and one that tests move. */
export interface Clock {
  /** Unix time in microseconds. May jump either way when the machine's clock is set. */
  nowMicros(): bigint;
  /** Milliseconds since some fixed moment; never goes back. */
  monotonicMs(): number;
  /**
   * Calls `run` once, no sooner than `delayMs` from now and never before `schedule` returns. Calls
   * are made in the order of their moments; those of equal delay in the order of scheduling.
   * `delayMs` is 0 to `delayMsMax`; throws RangeError beyond.
   */
  schedule(delayMs: number, run: () => void): ScheduledCall;
}

/** Longest delay of a scheduled call: what the timers of JavaScript hosts hold (24.8 days). */
export const delayMsMax = 2 ** 31 - 1;
