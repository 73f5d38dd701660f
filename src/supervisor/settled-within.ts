/** Waiting for something with a time limit. */
import type { Clock } from "../core/ports/clock.ts";

/**
 * Resolves with whether `promise` was fulfilled or rejected within `delayMs`; never rejects. It
 * resolves early with false where `hurry` aborts.
 */
export async function settledWithin(
  promise: Promise<unknown>,
  delayMs: number,
  clock: Clock,
  hurry?: AbortSignal,
): Promise<boolean> {
  if (hurry?.aborted === true) return false;
  const { promise: over, resolve } = Promise.withResolvers<boolean>();
  const giveUp = (): void => resolve(false);
  const timer = clock.schedule(delayMs, giveUp);
  hurry?.addEventListener("abort", giveUp, { once: true });
  const settled = (): void => resolve(true);
  promise.then(settled, settled);
  try {
    return await over;
  } finally {
    timer.cancel();
    hurry?.removeEventListener("abort", giveUp);
  }
}
