/** Waiting by the clock port. */
import type { Clock } from "../core/ports/clock.ts";

/** Resolves after the delay, milliseconds; rejects with the signal's reason once it aborts. */
export async function waitFor(clock: Clock, delayMs: number, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const abort = (): void => reject(signal.reason);
  const call = clock.schedule(delayMs, resolve);
  signal.addEventListener("abort", abort, { once: true });
  try {
    await promise;
  } finally {
    call.cancel();
    signal.removeEventListener("abort", abort);
  }
}
