/**
 * The attempts of one run, as a child that a supervisor starts again: each has a grant of its own,
 * goes on from the journal of the one before, and lives in a thread of its own.
 *
 *   Owns:    the run's identity over its attempts, and what is known of how far they came.
 *   Doesn't: decide how often a run that failed by itself is started again (the supervisor), nor
 *            how the run is recorded at its end (run-pipeline.ts).
 *   A1. Every attempt has a higher epoch than the one before, so a thread that was given up on can
 *       do no harm.
 *   A2. A run that was committed has succeeded, even if its actor died before it could say so.
 *   A3. An attempt that ended through no fault of its own is given back, and the next one follows
 *       here, at most `movesMax` times; the supervisor doesn't hear of it. Where nobody knows whose
 *       fault it was, the next one is alone in its executor, where the next crash is its own.
 *   A4. A run that takes its executor down `killsMax` times at one place is parked.
 */
import { createHash } from "node:crypto";
import { actorExited, errorRecordOf } from "../../actors/actor-error.ts";
import { describeExit, faultOf, type ActorExit } from "../../actors/actor-exit.ts";
import { HakiriError, type ErrorRecord } from "../../core/error.ts";
import { mayResume, type RunEvent } from "../../core/run.ts";
import type { Child, ChildExit } from "../../supervisor/child.ts";
import type { RunOutcome, RunReport } from "../protocol.ts";
import { startAttempt, type Attempt, type AttemptEnd } from "./attempt.ts";
import { grantRun, type GrantedRun } from "./grant-run.ts";
import { openRunSession, type RunSession } from "./run-session.ts";
import type { ActorPlace, ControlStore, RunRequest } from "./run-request.ts";

/** What is known of a run so far. */
export interface RunSoFar {
  readonly runId: string;
  /** Of the latest attempt; null before the first. */
  readonly granted: GrantedRun | null;
  /** Null until an actor says how the run ended. */
  readonly outcome: Exclude<RunOutcome, { kind: "again" }> | null;
  /** How the latest attempt failed that wasn't the run's end; null where none did. */
  readonly failure: ErrorRecord | null;
  /** How the latest thread ended; null while it lives. */
  readonly exit: ActorExit | null;
}

/** Where attempts run, for whom, and under which span. */
export interface AttemptsOptions {
  readonly store: ControlStore;
  readonly place: ActorPlace;
  readonly request: RunRequest;
  readonly runId: string;
  readonly runSpanId: string;
  /** When the run must be over, microseconds since 1970. */
  readonly deadlineAt: bigint;
}

/** Most times that a run is given back through no fault of its own. */
export const movesMax = 32;

/** Times that a run may take its executor down at one place. */
export const killsMax = 3;

/** An attempt that runs, or the run's end without one. */
type Begun =
  | { readonly kind: "runs"; readonly attempt: Attempt }
  | { readonly kind: "over"; readonly exit: ChildExit };

const normal: ChildExit = { kind: "normal" };

/** The attempts of one run. */
export class Attempts {
  readonly #options: AttemptsOptions;
  #runId: string;
  #granted: GrantedRun | null = null;
  #latest: Attempt | null = null;
  #outcome: RunSoFar["outcome"] = null;
  #failure: ErrorRecord | null = null;
  #isIsolated = false;
  #moves = 0;

  constructor(options: AttemptsOptions) {
    this.#options = options;
    this.#runId = options.runId;
  }

  get soFar(): RunSoFar {
    return {
      runId: this.#runId,
      granted: this.#granted,
      outcome: this.#outcome,
      failure: this.#failure,
      exit: this.#latest?.exit ?? null,
    };
  }

  /**
   * Starts the next attempt; resolves once its actor has begun, or once it is known how the run
   * ended. Throws where the run was never granted, and where the signal aborts.
   */
  async start(signal: AbortSignal): Promise<Child> {
    const stopping = new AbortController();
    const either = AbortSignal.any([signal, stopping.signal]);
    const first = await this.#begin(either);
    return {
      exited: this.#see(first, either),
      stop: () => {
        stopping.abort();
        this.#latest?.stop();
      },
      kill: () => {
        stopping.abort();
        this.#latest?.kill();
      },
    };
  }

  async #begin(signal: AbortSignal): Promise<Begun> {
    const { store, request } = this.#options;
    if (await this.#isCommitted()) return { kind: "over", exit: normal };
    let session: RunSession;
    try {
      session = await openRunSession(store, request, signal);
    } catch (error) {
      return this.#endWithoutSession(error, signal);
    }
    try {
      return { kind: "runs", attempt: await this.#startUnder(session, signal) };
    } catch (error) {
      await session.close();
      return this.#endBeforeStart(error, signal);
    }
  }

  async #startUnder(session: RunSession, signal: AbortSignal): Promise<Attempt> {
    const { store, place, request } = this.#options;
    const granted = await this.#grant(session.token);
    const isIsolated = this.#isIsolated;
    const options = { store, place, request, granted, session, isIsolated };
    const attempt = await startAttempt(options, signal);
    this.#latest = attempt;
    return attempt;
  }

  async #grant(sessionToken: string | null): Promise<GrantedRun> {
    const { store, request, runSpanId, deadlineAt } = this.#options;
    const granted = await grantRun(store, request, {
      runId: this.#runId,
      lastResumeKey: this.#granted?.order.resumeKey ?? null,
      runSpanId,
      sessionToken,
      deadlineAt,
    });
    this.#granted = granted;
    this.#runId = granted.order.runId;
    this.#latest = null;
    return granted;
  }

  /** A2. */
  async #isCommitted(): Promise<boolean> {
    if (this.#granted === null) return false;
    const run = await this.#options.store.catalog.run(this.#runId);
    if (run?.state.kind !== "succeeded") return false;
    // The report is the one that came with the commit.
    const report = run.report as unknown as RunReport;
    this.#outcome = { kind: "succeeded", sequence: run.state.snapshot, report };
    return true;
  }

  /** A fresh run gets a record of its failure; of one that may be resumed nothing is given up. */
  async #endWithoutSession(error: unknown, signal: AbortSignal): Promise<Begun> {
    signal.throwIfAborted();
    if (!(error instanceof HakiriError)) throw error;
    if (this.#granted === null) {
      const { store, request } = this.#options;
      const { pipelineId } = request;
      const [last] = await store.catalog.runs({ pipelineId, beforeRunId: null, limit: 1 });
      if (last !== undefined && mayResume(last.state)) throw error;
      await this.#grant(null);
    }
    return this.#failed(error);
  }

  #endBeforeStart(error: unknown, signal: AbortSignal): Begun {
    signal.throwIfAborted();
    if (this.#granted === null) throw error;
    if (error instanceof HakiriError && error.kind !== "Transient") return this.#failed(error);
    this.#failure = errorRecordOf(error);
    return { kind: "over", exit: { kind: "abnormal", error: this.#failure } };
  }

  #failed(error: HakiriError): Begun {
    this.#outcome = { kind: "failed", error: errorRecordOf(error) };
    return { kind: "over", exit: normal };
  }

  /** Sees attempts through until one ends by itself or by its own fault; never rejects. */
  async #see(first: Begun, signal: AbortSignal): Promise<ChildExit> {
    let begun = first;
    try {
      while (begun.kind === "runs") {
        const end = await begun.attempt.ended;
        const exit = await this.#judge(end, signal);
        if (exit !== null) return exit;
        begun = await this.#begin(signal);
      }
      return begun.exit;
    } catch (error) {
      return { kind: "abnormal", error: errorRecordOf(error) };
    }
  }

  /** Null where the next attempt follows at once (A3). */
  async #judge(end: AttemptEnd, signal: AbortSignal): Promise<ChildExit | null> {
    if (await this.#isCommitted()) return normal;
    switch (end.kind) {
      case "told":
        this.#outcome = end.outcome;
        return normal;
      case "again":
        this.#failure = end.error;
        return { kind: "abnormal", error: end.error };
      case "died":
        return this.#judgeDeath(end, signal);
    }
  }

  async #judgeDeath(
    end: Extract<AttemptEnd, { kind: "died" }>,
    signal: AbortSignal,
  ): Promise<ChildExit | null> {
    switch (faultOf(end.exit)) {
      case "none":
      case "own":
        return (await this.#isParked(end.exit)) ? normal : this.#diedOf(end);
      case "unknown":
        this.#isIsolated = true;
        break;
      case "other":
        break;
    }
    if (signal.aborted || this.#moves >= movesMax) return this.#diedOf(end);
    this.#moves += 1;
    await this.#move({
      type: "released",
      ...this.#told(),
      deadlineAt: String(this.#options.deadlineAt),
    });
    return null;
  }

  #diedOf(end: Extract<AttemptEnd, { kind: "died" }>): ChildExit {
    this.#failure = deathOf(end.exit);
    const id = `run.${this.#runId}`;
    return { kind: "abnormal", error: actorExited(id, end.exit).toRecord() };
  }

  /** A4. Who cancels a run that is stuck knows why it was killed. */
  async #isParked(exit: ActorExit): Promise<boolean> {
    if (!tookExecutorDown(exit) || this.#options.request.signal.aborted) return false;
    const { store } = this.#options;
    const { epoch, writtenBatches } = this.#told();
    const { attempts: kills } = await store.catalog.apply<"count_attempt">({
      kind: "count_attempt",
      version: 1,
      runId: this.#runId,
      epoch,
      stream: "",
      partition: "",
      cursorDigest: createHash("sha256").update(`killed at ${writtenBatches}`).digest("hex"),
      at: String(store.clock.nowMicros()),
    });
    if (kills < killsMax) return false;
    const reason = `it ${describeExit(exit)}, for the ${killsMax}rd time at one place`;
    await this.#move({ type: "parked", ...this.#told(), reason });
    return true;
  }

  #told(): { readonly epoch: number; readonly writtenBatches: number } {
    if (this.#granted === null) throw new Error("an attempt without a grant");
    const { epoch } = this.#granted.order;
    return { epoch, writtenBatches: this.#latest?.writtenBatches ?? 0 };
  }

  async #move(event: RunEvent): Promise<void> {
    const { store } = this.#options;
    await store.catalog.apply<"move_run">({
      kind: "move_run",
      version: 1,
      runId: this.#runId,
      epoch: this.#told().epoch,
      event,
      report: null,
      error: null,
      at: String(store.clock.nowMicros()),
    });
  }
}

function tookExecutorDown({ kind }: ActorExit): boolean {
  return (
    kind === "executor_killed" || kind === "executor_crashed" || kind === "executor_over_memory"
  );
}

/** The error of a run whose thread died. What the thread threw says more than that it did. */
function deathOf(exit: ActorExit): ErrorRecord {
  if (exit.kind === "thrown" || exit.kind === "handler_failed") return exit.error;
  const isMemory = exit.kind === "out_of_memory" || exit.kind === "executor_over_memory";
  return {
    kind: "Permanent",
    code: "run.died",
    message: `expected the run's thread to end by itself, but it ${describeExit(exit)}`,
    hint: isMemory
      ? "read fewer streams at once (parallel = 1), or leave large columns out"
      : "see what it was at: hakiri trace RUN",
  };
}
