/** Waiting for a condition with a deadline: the tests' only way to let time pass. */
import { setTimeout as delay } from "node:timers/promises";

const pollIntervalMs = 20;

/** How a wait ends when its condition doesn't come. */
export interface WaitOptions {
  /** Default 30,000. */
  readonly deadlineMs?: number;
  /** Ends the wait before its deadline, with the signal's reason. */
  readonly signal?: AbortSignal;
}

/**
 * Waits until `condition` returns true, asking again 20 ms after each answer.
 * An error from the condition counts as "not yet"; the last one is the cause of the failure.
 * @param what completes "expected ...": "radosgw to answer".
 * @param condition gets a signal that aborts at the deadline, for requests that may hang.
 * @throws Error at the deadline, even when the condition never answers.
 */
export async function waitUntil(
  what: string,
  condition: (signal: AbortSignal) => boolean | Promise<boolean>,
  options: WaitOptions = {},
): Promise<void> {
  const { deadlineMs = 30_000 } = options;
  const deadline = AbortSignal.timeout(deadlineMs);
  const signal = options.signal ? AbortSignal.any([deadline, options.signal]) : deadline;
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  aborted.catch(() => undefined);
  signal.addEventListener("abort", () => reject(signal.reason), { once: true });

  let lastError: unknown;
  while (!signal.aborted) {
    try {
      if (await Promise.race([Promise.resolve(signal).then(condition), aborted])) return;
      lastError = undefined;
    } catch (error) {
      // The deadline's own error says less than what the condition failed with before.
      if (!signal.aborted) lastError = error;
    }
    await delay(pollIntervalMs);
  }
  if (options.signal?.aborted) throw options.signal.reason;
  throw new Error(`expected ${what} within ${deadlineMs} ms`, { cause: lastError });
}
