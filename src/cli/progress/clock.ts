/** Time as progress needs it: a moment to read, and a tick to draw at. */

/** Passed in by the profile; a test turns it by hand. */
export interface ProgressClock {
  /** Milliseconds since some fixed moment, never going back. */
  readonly monotonicMs: () => number;
  /** Calls back every so often until stopped by the answer; keeps no process alive. */
  readonly every: (intervalMs: number, tick: () => void) => () => void;
}
