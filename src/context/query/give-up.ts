/**
 * When a caller stops to wait for a call in the query thread: its signal was aborted, or its time
 * is over. The call is then interrupted until it answers, and given a last grace.
 */
import { HakiriError } from "../../core/error.ts";
import { delayMsMax, type Clock, type ScheduledCall } from "../../core/ports/clock.ts";

/** Time between two interrupts of one call. */
const interruptEveryMs = 50;

/** What there is to wait by. */
export interface GiveUpOptions {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Time that this call has, and time that all of them had. */
  readonly leftMs: number;
  readonly limitMs: number;
  /** From the first interrupt on. */
  readonly graceMs: number;
  readonly interrupt: () => void;
}

/** A wait that may be given up. */
export interface GivingUp {
  /** Resolves with null when the grace is over; never before, and never rejects. */
  readonly exhausted: Promise<null>;
  /** Throws why the wait was given up; does nothing where it wasn't. */
  throwReason(): void;
  /** Forgets everything. */
  stop(): void;
}

/** Begins to watch the signal and the clock. */
export function giveUp(options: GiveUpOptions): GivingUp {
  const { clock, signal, leftMs, limitMs, graceMs, interrupt } = options;
  const exhausted = Promise.withResolvers<null>();
  const calls: ScheduledCall[] = [];
  let reason: { readonly error: unknown } | null = null;
  let isStopped = false;

  const keepInterrupting = (): void => {
    if (isStopped) return;
    interrupt();
    calls.push(clock.schedule(interruptEveryMs, keepInterrupting));
  };
  const begin = (error: unknown): void => {
    if (reason !== null) return;
    reason = { error };
    calls.push(clock.schedule(graceMs, () => exhausted.resolve(null)));
    keepInterrupting();
  };
  const onAbort = (): void => begin(signal.reason);

  signal.addEventListener("abort", onAbort, { once: true });
  calls.push(clock.schedule(Math.min(leftMs, delayMsMax), () => begin(deadline(limitMs))));
  return {
    exhausted: exhausted.promise,
    throwReason: () => {
      if (reason !== null) throw reason.error;
    },
    stop: () => {
      isStopped = true;
      signal.removeEventListener("abort", onAbort);
      for (const call of calls) call.cancel();
    },
  };
}

function deadline(limitMs: number): HakiriError {
  return new HakiriError({
    kind: "Permanent",
    code: "query.deadline",
    message: `expected the query to end within ${limitMs} ms`,
    hint: "narrow it down, or give it more time",
  });
}
