/** What a call throws or rejects with, for tests that look into it. */
import { HakiriError } from "../../src/core/error.ts";

/** The HakiriError that a call throws; throws itself when there is none. */
export function thrownBy(call: () => unknown): HakiriError {
  try {
    call();
  } catch (error) {
    if (error instanceof HakiriError) return error;
    throw error;
  }
  throw new Error("expected a HakiriError, got an answer");
}

/** The HakiriError that a promise rejects with; rejects itself when there is none. */
export async function rejectionOf(promise: Promise<unknown>): Promise<HakiriError> {
  const outcome = await promise.then(
    () => new Error("expected a HakiriError, got an answer"),
    (error: unknown) => error,
  );
  if (outcome instanceof HakiriError) return outcome;
  throw outcome instanceof Error ? outcome : new Error(String(outcome));
}
