/** `move_run` and `count_attempt`: what the holder of a run's grant or claim says of it. */
import type { CatalogAnswers, CountAttempt, MoveRun } from "../../core/catalog-command.ts";
import type { RunEvent } from "../../core/run.ts";
import { microsOf } from "./micros.ts";
import { requireLatestGrant } from "./pipeline-row.ts";
import { refused } from "../../core/refusal.ts";
import { requireRun, saveRun, stateAfter } from "./run-row.ts";
import type { Turn } from "./store-row.ts";

/**
 * Moves a run. The command's epoch is the pipeline's latest grant's; the run's own may be an older
 * one, where its leftovers are given up. Throws Permanent `refused.stale_epoch` and
 * `refused.run_state`.
 */
export function moveRun({ database }: Turn, command: MoveRun): CatalogAnswers["move_run"] {
  const run = requireRun(database, command.runId);
  requireLatestGrant(database, run.pipelineId, command.epoch);
  if (isOthers(command.event)) {
    throw refused("run_state", `a run is ${command.event.type} by another command only`);
  }
  const state = stateAfter(run, command.event);
  const { report, error } = command;
  return {
    state: saveRun(database, run, state, { at: microsOf(command.at), report, error }).state,
  };
}

/** Grants and commits are for `claim_run` and the commits alone, with all that belongs to them. */
function isOthers(event: RunEvent): boolean {
  switch (event.type) {
    case "claimed":
    case "restarted":
    case "resumed":
    case "committed":
      return true;
    case "batch_written":
    case "failed":
    case "cancelled":
    case "expired":
    case "owner_lost":
    case "released":
    case "parked":
    case "discarded":
      return false;
  }
}

/**
 * Counts an attempt of the run at a cursor and answers which one it is, from 1. The counts are kept
 * until the run is over for good.
 */
export function countAttempt(
  { database }: Turn,
  command: CountAttempt,
): CatalogAnswers["count_attempt"] {
  const run = requireRun(database, command.runId);
  requireLatestGrant(database, run.pipelineId, command.epoch);
  if (run.state.kind !== "running" || run.state.epoch !== command.epoch) {
    throw refused("run_state", `run ${run.runId} is ${run.state.kind} and makes no attempt`);
  }
  const key = [command.runId, command.stream, command.partition, command.cursorDigest];
  database.run(
    `insert into attempts (run_id, stream, partition, cursor_digest, attempts)
     values (?, ?, ?, ?, 1) on conflict do update set attempts = attempts + 1`,
    ...key,
  );
  const row = database.get<{ attempts: number }>(
    {
      sql: `select attempts from attempts
     where run_id = ? and stream = ? and partition = ? and cursor_digest = ?`,
    },
    ...key,
  );
  return { attempts: row?.attempts ?? 0 };
}
