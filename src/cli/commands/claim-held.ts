/** The refusal of a command that would write a pipeline which another process writes. */
import type { HakiriError } from "../../core/error.ts";
import { refused } from "../../core/refusal.ts";

/** Permanent `refused.claim_held`. */
export function claimHeld(pipeline: string): HakiriError {
  return refused(
    "claim_held",
    `expected nobody else to write pipeline '${pipeline}', but another process does`,
    "wait for it, or see what runs: hakiri runs",
  );
}
