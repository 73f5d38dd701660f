/** The refusal of a command that would write a pipeline which another process writes. */
import { HakiriError } from "../../core/error.ts";

/** Permanent `refused.claim_held`. */
export function claimHeld(pipeline: string): HakiriError {
  return new HakiriError({
    kind: "Permanent",
    code: "refused.claim_held",
    message: `expected nobody else to write pipeline '${pipeline}', but another process does`,
    hint: "wait for it, or see what runs: hakiri runs",
  });
}
