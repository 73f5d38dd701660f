/** Runs as rows: the state is core's value, kept whole; its phase is what indexes need of it. */
import type { ClaimRun } from "../../core/catalog-command.ts";
import type { ErrorRecord } from "../../core/error.ts";
import { canonicalJson, type Json } from "../../core/json.ts";
import { isActive, mayResume, transition, type RunEvent, type RunState } from "../../core/run.ts";
import { refused } from "../../core/refusal.ts";
import type { SqlDatabase } from "./sql-database.ts";
import type { Turn } from "./store-row.ts";

/** A run as it is stored. */
export interface RunRow {
  readonly runId: string;
  readonly pipelineId: string;
  readonly what: ClaimRun["what"];
  readonly state: RunState;
  /** Of the first attempt, microseconds. */
  readonly startedAt: number;
  readonly endedAt: number | null;
  readonly resumeKey: string;
  readonly resumeParts: ClaimRun["resumeParts"];
  readonly error: ErrorRecord | null;
}

interface StoredRun extends Omit<RunRow, "state" | "resumeParts" | "error"> {
  readonly state: string;
  readonly resumeParts: string;
  readonly error: string | null;
}

const columns = `run_id as runId, pipeline_id as pipelineId, what, state, started_at as startedAt,
  ended_at as endedAt, resume_key as resumeKey, resume_parts as resumeParts, error`;

/** The run, or null. */
export function findRun(database: SqlDatabase, runId: string): RunRow | null {
  const row = database.get<StoredRun>(
    { sql: `select ${columns} from runs where run_id = ?` },
    runId,
  );
  return row === undefined ? null : parseRun(row);
}

/** The run. Throws Permanent `refused.unknown_run` where there is none. */
export function requireRun(database: SqlDatabase, runId: string): RunRow {
  const run = findRun(database, runId);
  if (run !== null) return run;
  throw refused("unknown_run", `expected a run of this store, got '${runId}'`);
}

/**
 * The runs of a pipeline that have an owner or may be resumed: at most one of each kind of work has
 * either. In no order.
 */
export function runsNotOver(database: SqlDatabase, pipelineId: string): readonly RunRow[] {
  return database
    .all<StoredRun>(
      {
        // The planner would walk every run of the pipeline.
        sql: `select ${columns} from runs indexed by runs_not_over
          where pipeline_id = ? and phase <> 'over'`,
      },
      pipelineId,
    )
    .map(parseRun);
}

/** These texts were written by `insertRun` and `saveRun`. */
function parseRun(row: StoredRun): RunRow {
  return {
    ...row,
    state: JSON.parse(row.state) as RunState,
    resumeParts: JSON.parse(row.resumeParts) as RunRow["resumeParts"],
    error: row.error === null ? null : (JSON.parse(row.error) as ErrorRecord),
  };
}

/** Adds a run whose place among all runs is the position of its first grant. */
export function insertRun({ database, position }: Turn, run: RunRow): void {
  database.run(
    `insert into runs (run_id, number, pipeline_id, what, phase, state, started_at, ended_at,
       resume_key, resume_parts, report, error)
     values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'null', null)`,
    run.runId,
    position,
    run.pipelineId,
    run.what,
    phaseOf(run.state),
    canonicalJson(run.state),
    run.startedAt,
    run.endedAt,
    run.resumeKey,
    canonicalJson(run.resumeParts),
  );
}

/** The state after the event. Throws Permanent `refused.run_state` where there is none. */
export function stateAfter(run: RunRow, event: RunEvent): RunState {
  const moved = transition(run.state, event);
  if (moved.kind === "next") return moved.state;
  throw refused("run_state", `run ${run.runId}: ${moved.reason}`);
}

/** What a move leaves with the run beside its state. */
export interface RunMove {
  /** Microseconds; when the run ended, if this ends it. */
  readonly at: number;
  /** Null leaves what was there. */
  readonly report: Json;
  /** Null takes the state's own error. */
  readonly error: ErrorRecord | null;
}

/** Stores the run's new state. The counts of attempts go with the last of its states. */
export function saveRun(
  database: SqlDatabase,
  run: RunRow,
  state: RunState,
  move: RunMove,
): RunRow {
  const endedAt = isActive(state) ? null : (run.endedAt ?? move.at);
  const error = move.error ?? errorAfter(run, state);
  const report = move.report === null ? null : canonicalJson(move.report);
  database.run(
    `update runs set phase = ?, state = ?, ended_at = ?, report = coalesce(?, report), error = ?
     where run_id = ?`,
    phaseOf(state),
    canonicalJson(state),
    endedAt,
    report,
    error === null ? null : canonicalJson(error),
    run.runId,
  );
  if (phaseOf(state) === "over") database.run("delete from attempts where run_id = ?", run.runId);
  return { ...run, state, endedAt, error };
}

function errorAfter(run: RunRow, state: RunState): ErrorRecord | null {
  switch (state.kind) {
    case "partial_failure":
    case "failed":
      // A state that was left as it is, but for its journal, keeps what was said when it ended.
      return run.state.kind === state.kind ? run.error : state.error;
    case "cancelled":
      return run.state.kind === state.kind ? run.error : null;
    case "queued":
    case "running":
    case "succeeded":
      return null;
  }
}

function phaseOf(state: RunState): "active" | "resumable" | "over" {
  if (isActive(state)) return "active";
  return mayResume(state) ? "resumable" : "over";
}
