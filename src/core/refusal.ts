/**
 * The errors of what may not be done, which leave everything as it was. Callers tell them by the
 * first part of their codes, so that here are all of them.
 */
import { HakiriError } from "./error.ts";

/**
 * Why something is refused: the caller hasn't the right, somebody else is at it, or it is what the
 * store or this machine can't take.
 */
export type RefusedCode =
  | "claim_held"
  | "clock_jumped"
  | "command_too_large"
  | "file_not_deleting"
  | "gc_running"
  | "incarnation"
  | "manifest"
  | "network_filesystem"
  | "not_restoring"
  | "restore_order"
  | "restoring"
  | "run_exists"
  | "run_state"
  | "stale_epoch"
  | "store_in_use"
  | "table_owned"
  | "time"
  | "unknown_pipeline"
  | "unknown_run";

/** What something collides with: something else that was true before it. */
export type ConflictCode = "base_moved" | "cursor_moved" | "pipeline_exists" | "table_exists";

/** A Permanent error with a code `refused.*`. */
export function refused(code: RefusedCode, message: string, hint: string = ""): HakiriError {
  return new HakiriError({ kind: "Permanent", code: `refused.${code}`, message, hint });
}

/** A Permanent error with a code `conflict.*`. */
export function conflict(code: ConflictCode, message: string, hint: string): HakiriError {
  return new HakiriError({ kind: "Permanent", code: `conflict.${code}`, message, hint });
}
