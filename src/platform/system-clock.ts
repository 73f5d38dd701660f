/** The machine's clock behind the clock port. */
import { delayMsMax, type Clock } from "../core/ports/clock.ts";

/** Real time. A scheduled call keeps the process up until it was made or cancelled. */
export const systemClock: Clock = {
  nowMicros: () => Temporal.Now.instant().epochNanoseconds / 1000n,
  monotonicMs: () => performance.now(),
  schedule: (delayMs, run) => {
    if (!(delayMs >= 0 && delayMs <= delayMsMax)) {
      throw new RangeError(`expected a delay of 0 to ${delayMsMax} ms, came ${delayMs}`);
    }
    // Node rounds a delay down to whole milliseconds, which would call too soon.
    const timer = setTimeout(run, Math.ceil(delayMs));
    return { cancel: () => clearTimeout(timer) };
  },
};
