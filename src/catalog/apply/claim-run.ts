/**
 * `claim_run`: hands a pipeline's next epoch to whoever holds its claim, and settles what the last
 * holder left.
 *
 * This file owns which run the grant is for. The claim itself is an OS lock that the caller holds
 * before it asks; what a state may become is core's `transition`.
 *
 * C1. Every grant has a higher epoch than all before it in its store, since positions only grow.
 * C2. A run whose owner is gone is settled by what the catalog last heard of it; who knows more,
 *     from its journal, says so by `move_run` first.
 * C3. After a grant the pipeline has exactly one run with an owner: the granted one.
 * C4. Of each kind of work at most one run may be resumed; the next grant of its kind resumes it or
 *     gives it up.
 */
import type { ClaimRun, Grant } from "../../core/catalog-command.ts";
import type { ErrorRecord } from "../../core/error.ts";
import { isActive, queuedRun, type RunEvent, type RunState } from "../../core/run.ts";
import { epochOf } from "../../core/snapshot.ts";
import { cursorsDigest } from "./cursor-rows.ts";
import { microsOf, microsText } from "./micros.ts";
import { requirePipeline } from "./pipeline-row.ts";
import { refused } from "../../core/refusal.ts";
import { findRun, insertRun, runsNotOver, saveRun, stateAfter, type RunRow } from "./run-row.ts";
import type { Turn } from "./store-row.ts";

type Discarded = NonNullable<Grant["discarded"]>;

/**
 * Grants a run: the one under way where the command names it, the one that waits for a slot or that
 * may be resumed where its key is equal, else a new one. Throws Permanent `refused.run_exists`
 * where the id of a new run is taken.
 */
export function claimRun(turn: Turn, command: ClaimRun): Grant {
  const { database } = turn;
  requirePipeline(database, command.pipelineId);
  const epoch = epochOf(turn.store.incarnation, turn.position);
  database.run("update pipelines set epoch = ? where pipeline_id = ?", epoch, command.pipelineId);
  const active = runsNotOver(database, command.pipelineId).find((run) => isActive(run.state));
  if (active !== undefined) {
    if (goesOn(active, command)) return grantAgain(turn, active, command, epoch);
    settle(turn, active, command);
  }
  const earlier = runsNotOver(database, command.pipelineId).find(
    (run) => run.what === command.what,
  );
  if (earlier === undefined) return grantNew(turn, command, epoch, null);
  const reason = reasonAgainst(earlier, command);
  if (reason === null) return grantAgain(turn, earlier, command, epoch);
  saveRun(database, earlier, stateAfter(earlier, { type: "discarded", reason }), quietly(command));
  return grantNew(turn, command, epoch, { runId: earlier.runId, reason });
}

const quietly = (command: ClaimRun) => ({ at: microsOf(command.at), report: null, error: null });

/**
 * Whether the run that has an owner goes on under a new grant instead of being settled: the caller
 * knows its id and so started it, or it never left the queue of a process that is gone.
 */
function goesOn(run: RunRow, command: ClaimRun): boolean {
  const isKnown = run.runId === command.runId || run.state.kind === "queued";
  const isEqual = run.what === command.what && run.resumeKey === command.resumeKey;
  return isKnown && isEqual && !isPastDeadline(run.state, command);
}

function isPastDeadline(state: RunState, command: ClaimRun): boolean {
  return isActive(state) && microsOf(command.at) >= microsOf(state.deadlineAt);
}

/** Says of a run whose owner is gone how it ended. */
function settle(turn: Turn, run: RunRow, command: ClaimRun): void {
  const { epoch, writtenBatches } = run.state;
  const told = { epoch, writtenBatches };
  const move = quietly(command);
  saveRun(turn.database, run, stateAfter(run, endOf(run.state, command, told)), move);
}

function endOf(
  state: RunState,
  command: ClaimRun,
  told: { readonly epoch: number; readonly writtenBatches: number },
): RunEvent {
  if (isPastDeadline(state, command)) return { type: "expired", ...told, at: command.at };
  if (state.kind === "queued") return { type: "failed", ...told, error: leftInQueue };
  return { type: "owner_lost", ...told };
}

const leftInQueue: ErrorRecord = {
  kind: "Transient",
  code: "run.owner_lost",
  message: "expected the process that queued the run to start it, but it is gone",
  hint: "run it again",
};

/** Why the earlier run isn't resumed, in words for its history; null where it is. */
function reasonAgainst(earlier: RunRow, command: ClaimRun): string | null {
  if (earlier.resumeKey !== command.resumeKey) {
    const changed = changedParts(earlier.resumeParts, command.resumeParts);
    return `changed since: ${changed.length === 0 ? "resume key" : changed.join(", ")}`;
  }
  if (earlier.endedAt !== null && earlier.endedAt < microsOf(command.resumableSince)) {
    return `ended at ${earlier.endedAt}, too long ago to be resumed`;
  }
  return null;
}

function changedParts(a: ClaimRun["resumeParts"], b: ClaimRun["resumeParts"]): readonly string[] {
  const names = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...names].filter((name) => a[name] !== b[name]).toSorted(byCodeUnit);
}

const byCodeUnit = (a: string, b: string): number => (a < b ? -1 : 1);

function grantAgain(turn: Turn, run: RunRow, command: ClaimRun, epoch: number): Grant {
  const state = stateAfter(run, {
    type: grantWord(run.state),
    epoch,
    owner: { kind: "claim" },
    deadlineAt: command.deadlineAt,
    writtenBatches: run.state.writtenBatches,
  });
  saveRun(turn.database, run, state, quietly(command));
  const adopt = run.state.epoch === 0 ? null : { epoch: run.state.epoch };
  return grantOf(turn, { ...run, state }, { adopt, discarded: null });
}

function grantOf(
  { database }: Turn,
  run: RunRow,
  { adopt, discarded }: Pick<Grant, "adopt" | "discarded">,
): Grant {
  return {
    runId: run.runId,
    epoch: run.state.epoch,
    attempts: run.state.attempts,
    adopt,
    loadedAt: microsText(run.startedAt),
    cursorsDigest: cursorsDigest(database, run.pipelineId),
    discarded,
  };
}

function grantWord(state: RunState): "claimed" | "restarted" | "resumed" {
  if (state.kind === "queued") return "claimed";
  return state.kind === "running" ? "restarted" : "resumed";
}

function grantNew(
  turn: Turn,
  command: ClaimRun,
  epoch: number,
  discarded: Discarded | null,
): Grant {
  if (findRun(turn.database, command.runId) !== null) {
    throw refused("run_exists", `expected the id of a new run, but '${command.runId}' is over`);
  }
  const startedAt = microsOf(command.at);
  const run: RunRow = {
    runId: command.runId,
    pipelineId: command.pipelineId,
    what: command.what,
    state: queuedRun(command.deadlineAt),
    startedAt,
    endedAt: null,
    resumeKey: command.resumeKey,
    resumeParts: command.resumeParts,
    error: null,
  };
  const state = stateAfter(run, {
    type: "claimed",
    epoch,
    owner: { kind: "claim" },
    deadlineAt: command.deadlineAt,
    writtenBatches: 0,
  });
  insertRun(turn, { ...run, state });
  return grantOf(turn, { ...run, state }, { adopt: null, discarded });
}
