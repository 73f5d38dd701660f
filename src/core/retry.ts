/**
 * The one retry policy. Nothing else in hakiri tries again: connectors, clients and guests report
 * what failed, and their own retries are off.
 *
 * Exponential backoff with full jitter: a delay anywhere between nothing and the backoff spreads
 * those that failed together better than a fixed part does (M. Brooker, "Exponential Backoff And
 * Jitter", AWS Architecture Blog, 2015).
 */
import type { ErrorKind, ErrorRecord } from "./error.ts";

/** Attempts in all, the first one included. */
export const attemptsMax = 5;
/** The backoff after the first attempt; it doubles with each further one. */
export const backoffBaseMs = 2_000;
/** The longest backoff. */
export const backoffMaxMs = 15_000;
/** A source that asks for more patience than this is not waited for. */
export const retryAfterMaxMs = 15 * 60_000;

/** An attempt that failed. */
export interface FailedAttempt {
  /** Which one it was, from 1. */
  readonly attempt: number;
  /** What the source asked to wait, if it did, is part of the record. */
  readonly error: Pick<ErrorRecord, "kind" | "retryAfterMs">;
  /** Uniform in [0, 1). */
  readonly random: number;
}

/** What to do about it. */
export type RetryDecision =
  | { readonly kind: "retry"; readonly delayMs: number }
  | {
      readonly kind: "give-up";
      readonly reason: "not_retryable" | "attempts_used" | "retry_after_too_long";
    };

/**
 * Whether and when to try again. The delay is a whole number of milliseconds, never less than the
 * source asked for. Throws RangeError for an attempt below 1 and for randomness outside [0, 1).
 */
export function nextRetry({ attempt, error, random }: FailedAttempt): RetryDecision {
  if (!Number.isSafeInteger(attempt) || attempt < 1) {
    throw new RangeError(`expected the number of an attempt, got ${attempt}`);
  }
  if (!(random >= 0 && random < 1)) throw new RangeError(`expected [0, 1), got ${random}`);
  if (!isRetryable(error.kind)) return { kind: "give-up", reason: "not_retryable" };
  if (attempt >= attemptsMax) return { kind: "give-up", reason: "attempts_used" };
  const asked = Math.max(0, Math.ceil(error.retryAfterMs ?? 0));
  // Written so that a NaN gives up too.
  if (!(asked <= retryAfterMaxMs)) return { kind: "give-up", reason: "retry_after_too_long" };
  const backoff = Math.min(backoffMaxMs, backoffBaseMs * 2 ** (attempt - 1));
  return { kind: "retry", delayMs: asked + Math.floor(random * backoff) };
}

function isRetryable(kind: ErrorKind): boolean {
  switch (kind) {
    case "Transient":
    case "RateLimited":
      return true;
    case "Permanent":
    case "SchemaIncompatible":
    case "AuthExpired":
      return false;
  }
}
