/** The errors of commands that may not be applied. Each one leaves the catalog as it was. */
import { HakiriError } from "../../core/error.ts";

/** Why a command is refused: the caller hasn't the right, or says what the store can't take. */
export type RefusedCode =
  | "command_too_large"
  | "file_not_deleting"
  | "incarnation"
  | "manifest"
  | "not_restoring"
  | "restore_order"
  | "restoring"
  | "run_exists"
  | "run_state"
  | "stale_epoch"
  | "table_owned"
  | "time"
  | "unknown_pipeline"
  | "unknown_run";

/** What a command collides with: something else that was true before it. */
export type ConflictCode = "base_moved" | "cursor_moved" | "pipeline_exists" | "table_exists";

/** A Permanent error with a code `refused.*`. */
export function refused(code: RefusedCode, message: string, hint: string = ""): HakiriError {
  return new HakiriError({ kind: "Permanent", code: `refused.${code}`, message, hint });
}

/** A Permanent error with a code `conflict.*`. */
export function conflict(code: ConflictCode, message: string, hint: string): HakiriError {
  return new HakiriError({ kind: "Permanent", code: `conflict.${code}`, message, hint });
}
