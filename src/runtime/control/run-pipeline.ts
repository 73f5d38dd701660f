/**
 * One run of one pipeline, from claim to record: what the command line, the daemon and an agent all
 * call.
 *
 *   Owns:    the claim, the supervisor of the run's attempts, its deadline, and its terminal state.
 *   Doesn't: read or write a row; the actor does.
 *   R1. The claim is held from before the grant until the run's state is recorded.
 *   R2. Every run that was granted gets a terminal state here, unless this process dies; then the
 *       next claim settles it.
 *   R3. Deadline and cancel come from outside of the actor's thread, and end it by the ladder.
 */
import { errorRecordOf } from "../../actors/actor-error.ts";
import type { SpanRecord } from "../../core/catalog-command.ts";
import { HakiriError, type ErrorRecord } from "../../core/error.ts";
import type { RunRecord } from "../../core/ports/catalog.ts";
import { refused } from "../../core/refusal.ts";
import { isActive, type RunEvent, type RunState } from "../../core/run.ts";
import { nullKeyCode } from "../../core/schema-violation.ts";
import { newId } from "../../context/layout.ts";
import { startSupervisor } from "../../supervisor/supervisor.ts";
import type { ChildExit } from "../../supervisor/child.ts";
import { partitionsChangedCode, type RunReport } from "../protocol.ts";
import { Trace, type OpenSpan } from "../trace.ts";
import { Attempts, type RunSoFar } from "./attempts.ts";
import { journaledBatches } from "./journaled-batches.ts";
import type { ActorPlace, ControlStore, RunRequest } from "./run-request.ts";
import { settleLostRun } from "./settle-lost-run.ts";

/** How a run ended, as its record says. */
export interface RunResult {
  readonly runId: string;
  readonly status: Exclude<RunState["kind"], "queued" | "running">;
  /** The snapshot's sequence; null without one. */
  readonly sequence: number | null;
  readonly attempts: number;
  readonly report: RunReport;
  readonly error: ErrorRecord | null;
  /** Whether a thread of this process can't be ended, so that the process must. */
  readonly isStuck: boolean;
}

/** Times that a run that failed by itself is started again within its deadline. */
const restartsMax = 4;

/** How long an actor may take to stop before its ladder goes on. */
const stopMs = 1000;

/**
 * Runs a pipeline once. Answers however the run ended; throws where it never began: Permanent
 * `refused.claim_held` where another process runs the pipeline, `run.cancelled` and `run.deadline`
 * before its grant, what opening a session threw where an earlier run may still be resumed, and
 * what the catalog throws.
 */
export async function runPipeline(
  store: ControlStore,
  place: ActorPlace,
  request: RunRequest,
): Promise<RunResult> {
  const claim = store.claims.take(request.pipelineId);
  if (claim === null) throw claimHeld(request.spec.name);
  try {
    await settleLostRun(store, request.pipelineId);
    return await underClaim(store, place, request);
  } finally {
    claim.release();
  }
}

/** Permanent `refused.claim_held`. */
function claimHeld(pipeline: string): HakiriError {
  return refused(
    "claim_held",
    `expected to be the only one to run pipeline '${pipeline}', but another process does`,
    "wait for it, or see what runs with 'hakiri runs'",
  );
}

async function underClaim(
  store: ControlStore,
  place: ActorPlace,
  request: RunRequest,
): Promise<RunResult> {
  const runId = newId(store.random);
  const spans: SpanRecord[] = [];
  const trace = new Trace(store.clock, store.random, (ended) => spans.push(...ended));
  const span = trace.start("run", null, { pipeline: request.spec.name });
  const { spanId: runSpanId } = span;
  const deadlineAt = store.clock.nowMicros() + BigInt(request.spec.deadlineMs) * 1000n;
  const attempts = new Attempts({ store, place, request, runId, runSpanId, deadlineAt });
  const { exit, why } = await supervise(store, request, attempts);
  const result = await conclude(store, attempts.soFar, { exit, why, deadlineAt });
  endSpan(span, result);
  trace.flush();
  await store.catalog.apply<"record_spans">({
    kind: "record_spans",
    version: 1,
    runId: result.runId,
    spans: spans.map((each) => ({ ...each, name: `run.${result.runId}` })),
  });
  return result;
}

function endSpan(span: OpenSpan, result: RunResult): void {
  const attributes = { status: result.status, attempts: result.attempts };
  span.end({
    ok: result.error === null,
    attributes: result.error === null ? attributes : { ...attributes, code: result.error.code },
  });
}

/** Why a run was ended from outside. */
type Ended = "by_itself" | "cancelled" | "deadline";

/** R3: deadline and cancel count from before the first grant on. */
async function supervise(
  store: ControlStore,
  request: RunRequest,
  attempts: Attempts,
): Promise<{ readonly exit: ChildExit; readonly why: Ended }> {
  const ending = new AbortController();
  let why: Ended = "by_itself";
  const end = (reason: Ended): void => {
    if (why === "by_itself") why = reason;
    ending.abort();
  };
  const cancel = (): void => end("cancelled");
  request.signal.addEventListener("abort", cancel, { once: true });
  if (request.signal.aborted) cancel();
  const deadline = store.clock.schedule(request.spec.deadlineMs, () => end("deadline"));
  try {
    const exit = await endOf(store, request, { attempts, signal: ending.signal });
    return { exit, why };
  } catch (error) {
    if (attempts.soFar.granted === null) throw neverBegan(why, error);
    // R2. What ended the start says less than why.
    return { exit: { kind: "abnormal", error: errorRecordOf(error) }, why };
  } finally {
    deadline.cancel();
    request.signal.removeEventListener("abort", cancel);
  }
}

async function endOf(
  { clock }: ControlStore,
  { pipelineId, spec }: RunRequest,
  run: { readonly attempts: Attempts; readonly signal: AbortSignal },
): Promise<ChildExit> {
  const supervisor = await startSupervisor(
    {
      id: `pipeline.${pipelineId}`,
      strategy: "one_for_one",
      intensity: { restartsMax, periodMs: spec.deadlineMs },
      autoShutdown: "any_significant",
      clock,
      children: [
        {
          id: "run",
          restart: "transient",
          shutdown: stopMs,
          isSignificant: true,
          start: (signal) => run.attempts.start(signal),
        },
      ],
    },
    run.signal,
  );
  const stop = (): void => supervisor.stop();
  run.signal.addEventListener("abort", stop, { once: true });
  if (run.signal.aborted) stop();
  try {
    return await supervisor.exited;
  } finally {
    run.signal.removeEventListener("abort", stop);
  }
}

function neverBegan(why: Ended, error: unknown): unknown {
  if (why === "by_itself") return error;
  const isLate = why === "deadline";
  const what = isLate ? "its deadline passed" : "it was cancelled";
  return new HakiriError({
    kind: "Permanent",
    code: isLate ? "run.deadline" : "run.cancelled",
    message: `expected the run to begin, but ${what} before`,
    hint: isLate ? "run it again, or with a later deadline" : "",
  });
}

interface LastWords {
  readonly exit: ChildExit;
  readonly why: Ended;
  readonly deadlineAt: bigint;
}

/** R2. */
async function conclude(
  store: ControlStore,
  soFar: RunSoFar,
  words: LastWords,
): Promise<RunResult> {
  const { granted, runId } = soFar;
  if (granted === null) throw new Error("a supervisor ran without a grant");
  const { epoch } = granted.order;
  let known = await requireRun(store, runId);
  if (isActive(known.state)) {
    const event = lastEvent(soFar, words, {
      epoch,
      writtenBatches: await keptBatches(store, soFar, epoch),
    });
    await store.catalog.apply<"move_run">({
      kind: "move_run",
      version: 1,
      runId,
      epoch,
      event,
      report: null,
      error: null,
      at: String(store.clock.nowMicros()),
    });
    known = await requireRun(store, runId);
  }
  // It came with the commit, as plain data of names and counts.
  const report = known.report === null ? nothingDone : (known.report as unknown as RunReport);
  return { ...resultOf(runId, known.state), report, isStuck: soFar.exit?.kind === "stuck" };
}

/** What a later attempt may go on from, by the journal itself: an actor may die before it tells. */
async function keptBatches(store: ControlStore, soFar: RunSoFar, epoch: number): Promise<number> {
  return isGivenUp(soFar) ? 0 : journaledBatches(store, soFar.runId, epoch);
}

/**
 * Whether what was staged is at fault itself, so that no attempt that goes on from it can succeed,
 * whatever is put right at the source: the next run begins anew.
 */
function isGivenUp({ outcome, granted }: RunSoFar): boolean {
  if (outcome?.kind !== "failed") return false;
  const { code, kind } = outcome.error;
  if (code === partitionsChangedCode || code === nullKeyCode) return true;
  // What the attempt took over may be what the rest doesn't go with.
  return kind === "SchemaIncompatible" && granted !== null && granted.order.adoptEpoch !== null;
}

const nothingDone: RunReport = { tables: [], omitted: 0 };

async function requireRun({ catalog }: ControlStore, runId: string): Promise<RunRecord> {
  const run = await catalog.run(runId);
  if (run === null) throw new Error(`the catalog doesn't know run ${runId}`);
  return run;
}

function lastEvent(
  { outcome, failure }: RunSoFar,
  { exit, why, deadlineAt }: LastWords,
  told: { readonly epoch: number; readonly writtenBatches: number },
): RunEvent {
  if (why === "deadline") return { type: "expired", ...told, at: String(deadlineAt) };
  if (why === "cancelled" || outcome?.kind === "cancelled") return { type: "cancelled", ...told };
  if (outcome?.kind === "failed") return { type: "failed", ...told, error: outcome.error };
  // Why the last attempt failed says more than that the supervisor gave up over it.
  if (exit.kind === "abnormal") return { type: "failed", ...told, error: failure ?? exit.error };
  throw new Error("an actor ended normally and said nothing of its run");
}

function resultOf(
  runId: string,
  state: RunState,
): Pick<RunResult, "runId" | "status" | "sequence" | "attempts" | "error"> {
  switch (state.kind) {
    case "queued":
    case "running":
      throw new Error(`run ${runId} is ${state.kind} at its end`);
    case "succeeded":
      return {
        runId,
        status: state.kind,
        sequence: state.snapshot,
        attempts: state.attempts,
        error: null,
      };
    case "partial_failure":
    case "failed":
      return {
        runId,
        status: state.kind,
        sequence: null,
        attempts: state.attempts,
        error: state.error,
      };
    case "cancelled":
      return { runId, status: state.kind, sequence: null, attempts: state.attempts, error: null };
  }
}
