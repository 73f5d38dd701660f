/** The one retry policy. */
import fc from "fast-check";
import { expect, test } from "vitest";
import type { ErrorKind } from "../../src/core/error.ts";
import {
  attemptsMax,
  backoffBaseMs,
  backoffMaxMs,
  nextRetry,
  retryAfterMaxMs,
  type FailedAttempt,
  type RetryDecision,
} from "../../src/core/retry.ts";

const nearlyOne = 1 - 2 ** -53;
const fraction = fc.double({ min: 0, max: nearlyOne, noNaN: true });
const retryableKinds = fc.constantFrom<ErrorKind>("Transient", "RateLimited");
const asked = fc.option(fc.nat(retryAfterMaxMs));

function decide(attempt: number, retryAfterMs: number | null, random: number): RetryDecision {
  return nextRetry({ attempt, error: failure("Transient", retryAfterMs), random });
}

function failure(kind: ErrorKind, retryAfterMs: number | null): FailedAttempt["error"] {
  return retryAfterMs === null ? { kind } : { kind, retryAfterMs };
}

test("the delay is a whole number between what was asked and that plus the backoff", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: attemptsMax - 1 }),
      retryableKinds,
      asked,
      fraction,
      (attempt, kind, retryAfterMs, random) => {
        const decision = nextRetry({ attempt, error: failure(kind, retryAfterMs), random });
        if (decision.kind !== "retry") throw new Error(`expected a retry, got ${decision.reason}`);
        const extra = decision.delayMs - (retryAfterMs ?? 0);
        expect(Number.isSafeInteger(decision.delayMs)).toBe(true);
        expect(extra).toBeGreaterThanOrEqual(0);
        expect(extra).toBeLessThan(Math.min(backoffMaxMs, backoffBaseMs * 2 ** (attempt - 1)));
      },
    ),
    { numRuns: 1000 },
  );
});

test("the jitter is full: any delay up to the backoff, which doubles up to its bound", () => {
  expect(decide(1, null, 0)).toEqual({ kind: "retry", delayMs: 0 });
  const longest = [1, 2, 3, 4].map((attempt) => decide(attempt, null, nearlyOne));
  expect(longest).toEqual(
    [1_999, 3_999, 7_999, 14_999].map((delayMs) => ({ kind: "retry", delayMs })),
  );
});

test("the last attempt is the fifth, whatever the error says", () => {
  expect(decide(attemptsMax - 1, null, 0).kind).toBe("retry");
  expect(decide(attemptsMax, 0, 0)).toEqual({ kind: "give-up", reason: "attempts_used" });
});

test("a Retry-After is honoured up to its bound and given up on beyond it", () => {
  expect(decide(1, retryAfterMaxMs, 0)).toEqual({ kind: "retry", delayMs: retryAfterMaxMs });
  const tooLong = { kind: "give-up", reason: "retry_after_too_long" };
  expect(decide(1, retryAfterMaxMs + 1, 0)).toEqual(tooLong);
  expect(decide(1, Number.POSITIVE_INFINITY, 0)).toEqual(tooLong);
  expect(decide(1, Number.NaN, 0)).toEqual(tooLong);
});

test("no other kind of error is tried again", () => {
  const kinds = fc.constantFrom<ErrorKind>("Permanent", "SchemaIncompatible", "AuthExpired");
  fc.assert(
    fc.property(kinds, asked, fraction, (kind, retryAfterMs, random) => {
      expect(nextRetry({ attempt: 1, error: failure(kind, retryAfterMs), random })).toEqual({
        kind: "give-up",
        reason: "not_retryable",
      });
    }),
  );
});

test("a wrong attempt or randomness is a defect of the caller", () => {
  expect(() => decide(0, null, 0)).toThrow(RangeError);
  expect(() => decide(1.5, null, 0)).toThrow(RangeError);
  expect(() => decide(1, null, 1)).toThrow(RangeError);
  expect(() => decide(1, null, Number.NaN)).toThrow(RangeError);
});
