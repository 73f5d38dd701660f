/** The error that an action throws, to look at more than its message. */
import { HakiriError } from "../../src/core/error.ts";

/** What it threw, which must be a `HakiriError`. */
export function caught(action: () => unknown): HakiriError {
  try {
    action();
  } catch (error) {
    if (error instanceof HakiriError) return error;
    throw error;
  }
  throw new Error("expected a HakiriError to be thrown, nothing was");
}
