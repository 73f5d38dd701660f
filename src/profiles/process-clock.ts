/** The process's clock and timers, as progress needs them. */
import type { ProgressClock } from "../cli/progress/clock.ts";

/** Real time; its ticks keep no process alive. */
export const processClock: ProgressClock = {
  monotonicMs: () => performance.now(),
  every: (intervalMs, tick) => {
    const timer = setInterval(tick, intervalMs).unref();
    return () => clearInterval(timer);
  },
};
