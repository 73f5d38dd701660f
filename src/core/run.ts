/**
 * The states of a run, and the one function that moves between them, at run time and at recovery.
 *
 * This file owns which state follows which event. The catalog owns that the outcome is stored in
 * one transaction with what caused it; the runner owns when an event is due.
 *
 * R1. Only `succeeded` has a snapshot; nothing leaves `succeeded` or `failed`.
 * R2. A run that ends without success is `partial_failure` where a later attempt can go on from at
 *     least one written batch, else `failed`. A parked run is `failed` whatever it wrote.
 * R3. An event of an older grant changes nothing; a grant's epoch is higher than all before it.
 * R4. Every state that isn't an end has an owner and a deadline.
 * R5. Each grant counts one attempt; a release gives it back, since it isn't the run's fault.
 */
import type { ErrorRecord } from "./error.ts";

/** Who moves a run on, and of whose end the run is told by `owner_lost`. */
export type RunOwner =
  /** The control process, which waits for a free slot. */
  | { readonly kind: "control" }
  /** Whoever holds the pipeline's claim. */
  | { readonly kind: "claim" }
  /** The node that holds the run's lease. */
  | { readonly kind: "lease"; readonly nodeId: string };

/** Whether a later attempt may go on from what a run wrote. */
export type KeptJournal =
  { readonly kind: "kept" } | { readonly kind: "discarded"; readonly reason: string };

/** What every state knows. */
interface RunFacts {
  /** The latest grant's; 0 before the first. */
  readonly epoch: number;
  /** Grants so far, without those that were given back; 0 before the first. */
  readonly attempts: number;
  /** Batches in its journal, adopted ones included. */
  readonly writtenBatches: number;
}

/** A state of a run. Survives JSON. */
export type RunState =
  | (RunFacts & {
      readonly kind: "queued";
      readonly owner: RunOwner;
      /** Microseconds since 1970 as decimal text. */
      readonly deadlineAt: string;
    })
  | (RunFacts & {
      readonly kind: "running";
      readonly owner: RunOwner;
      /** Microseconds since 1970 as decimal text. */
      readonly deadlineAt: string;
    })
  | (RunFacts & {
      readonly kind: "succeeded";
      /** The snapshot's sequence; null for a run that changed nothing. */
      readonly snapshot: number | null;
    })
  /** At least one written batch. */
  | (RunFacts & {
      readonly kind: "partial_failure";
      readonly error: ErrorRecord;
      readonly journal: KeptJournal;
    })
  | (RunFacts & { readonly kind: "failed"; readonly error: ErrorRecord })
  | (RunFacts & { readonly kind: "cancelled"; readonly journal: KeptJournal });

/** A grant: the right to write the run until a deadline. */
interface Granted {
  readonly epoch: number;
  readonly owner: RunOwner;
  /** Microseconds since 1970 as decimal text. */
  readonly deadlineAt: string;
  /** Batches of the older journal that this attempt goes on from. */
  readonly writtenBatches: number;
}

/** What the sender knows: the grant that it speaks for, and what is in that grant's journal. */
interface Told {
  readonly epoch: number;
  readonly writtenBatches: number;
}

/** What can happen to a run. */
export type RunEvent =
  /** A queued run is granted. */
  | (Granted & { readonly type: "claimed" })
  /** The attempt under way ended early and the next one goes on at once, under its own grant. */
  | (Granted & { readonly type: "restarted" })
  /** A run that ended early is granted again. */
  | (Granted & { readonly type: "resumed" })
  /** The journal holds this many batches now: more, or fewer where a shared snapshot was lost. */
  | (Told & { readonly type: "batch_written" })
  | (Told & { readonly type: "committed"; readonly snapshot: number | null })
  | (Told & { readonly type: "failed"; readonly error: ErrorRecord })
  | (Told & { readonly type: "cancelled" })
  /** Refused before the deadline: `at` is microseconds since 1970 as decimal text. */
  | (Told & { readonly type: "expired"; readonly at: string })
  /** The owner is gone without a word. */
  | (Told & { readonly type: "owner_lost" })
  /** Back to the queue, not by its own fault: another run took its executor down. */
  | (Told & { readonly type: "released"; readonly deadlineAt: string })
  /** It took its executor down too often at one cursor. */
  | (Told & { readonly type: "parked"; readonly reason: string })
  /** What it wrote can't be gone on from any more. */
  | { readonly type: "discarded"; readonly reason: string };

/** The state after an event, or why there is none. */
export type Transition =
  | { readonly kind: "next"; readonly state: RunState }
  | { readonly kind: "refused"; readonly reason: string };

/** The state of a new run, which waits for its first grant until a deadline (microseconds). */
export function queuedRun(deadlineAt: string): RunState {
  const nothingYet = { epoch: 0, attempts: 0, writtenBatches: 0 };
  return { kind: "queued", ...nothingYet, owner: { kind: "control" }, deadlineAt };
}

/** A state that has an owner. */
type ActiveState = Extract<RunState, { kind: "queued" | "running" }>;

/** Whether the run has an owner; else it is over or waits to be resumed. */
export function isActive(state: RunState): state is ActiveState {
  return state.kind === "queued" || state.kind === "running";
}

/** Whether a later attempt may be granted that goes on from what this run wrote. */
export function mayResume(state: RunState): boolean {
  if (state.kind !== "partial_failure" && state.kind !== "cancelled") return false;
  return state.journal.kind === "kept";
}

/** Moves a run. Refuses what the state doesn't allow, which leaves the run as it was. */
export function transition(state: RunState, event: RunEvent): Transition {
  switch (event.type) {
    case "claimed":
      return grant(state, event, state.kind === "queued");
    case "restarted":
      return grant(state, event, state.kind === "running");
    case "resumed":
      return grant(state, event, mayResume(state));
    case "discarded":
      return discard(state, event.reason);
    case "batch_written":
    case "committed":
    case "failed":
    case "cancelled":
    case "expired":
    case "owner_lost":
    case "released":
    case "parked":
      return hear(state, event);
  }
}

type GrantEvent = Extract<RunEvent, Granted>;
type ToldEvent = Exclude<Extract<RunEvent, Told>, Granted>;
type HolderEvent = Extract<
  RunEvent,
  { type: "batch_written" | "committed" | "owner_lost" | "released" }
>;

function grant(state: RunState, event: GrantEvent, allowed: boolean): Transition {
  if (!allowed) return unexpected(state, event);
  if (!isHigherEpoch(event.epoch, state.epoch)) {
    return refused(`expected an epoch above ${state.epoch}, got ${event.epoch}`);
  }
  if (!isCount(event.writtenBatches) || event.writtenBatches > state.writtenBatches) {
    return refused(
      `expected at most the ${state.writtenBatches} batches that were written, ` +
        `got ${event.writtenBatches}`,
    );
  }
  const { epoch, owner, deadlineAt, writtenBatches } = event;
  const attempts = state.attempts + 1;
  return next({ kind: "running", epoch, attempts, writtenBatches, owner, deadlineAt });
}

function isHigherEpoch(epoch: number, last: number): boolean {
  return Number.isSafeInteger(epoch) && epoch > last;
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

/** What the holder of a grant says, or what is found out about it. */
function hear(state: RunState, event: ToldEvent): Transition {
  if (!isActive(state)) return unexpected(state, event);
  if (event.epoch !== state.epoch) {
    return refused(`expected an event of epoch ${state.epoch}, got one of ${event.epoch}`);
  }
  if (!isCount(event.writtenBatches)) {
    return refused(`expected a count of written batches, got ${event.writtenBatches}`);
  }
  switch (event.type) {
    case "failed":
      return next(ended(state, event, event.error));
    case "parked":
      return next(parked(state, event));
    case "expired":
      return expire(state, event);
    case "cancelled":
      return next({ kind: "cancelled", ...facts(state, event), journal: { kind: "kept" } });
    case "batch_written":
    case "committed":
    case "owner_lost":
    case "released":
      // A queued run has no holder who could write, commit, get lost or let go.
      return state.kind === "running" ? hearHolder(state, event) : unexpected(state, event);
  }
}

function hearHolder(state: ActiveState, event: HolderEvent): Transition {
  switch (event.type) {
    case "batch_written":
      return next({ ...state, writtenBatches: event.writtenBatches });
    case "committed":
      return next({ kind: "succeeded", ...facts(state, event), snapshot: event.snapshot });
    case "owner_lost":
      return next(ended(state, event, ownerLost(event.epoch)));
    case "released":
      return next({
        kind: "queued",
        ...facts(state, event),
        attempts: state.attempts - 1,
        owner: { kind: "control" },
        deadlineAt: event.deadlineAt,
      });
  }
}

function facts(state: RunFacts, told: Told): RunFacts {
  const { writtenBatches } = told;
  return { epoch: state.epoch, attempts: state.attempts, writtenBatches };
}

/** R2. */
function ended(state: RunFacts, told: Told, error: ErrorRecord): RunState {
  const known = facts(state, told);
  if (known.writtenBatches === 0) return { kind: "failed", ...known, error };
  return { kind: "partial_failure", ...known, error, journal: { kind: "kept" } };
}

function parked(state: RunFacts, event: Extract<RunEvent, { type: "parked" }>): RunState {
  const error: ErrorRecord = {
    kind: "Permanent",
    code: parkedCode,
    message: `expected the run to end by itself, but it is parked: ${event.reason}`,
    hint: "",
  };
  return { kind: "failed", ...facts(state, event), error };
}

/** The error code of a run that was parked: it is not tried again by itself. */
const parkedCode = "run.parked";

function expire(state: ActiveState, event: Extract<RunEvent, { type: "expired" }>): Transition {
  if (BigInt(event.at) < BigInt(state.deadlineAt)) {
    return refused(`expected a time at or past the deadline ${state.deadlineAt}, got ${event.at}`);
  }
  return next(ended(state, event, deadlinePassed(state.kind)));
}

function deadlinePassed(kind: ActiveState["kind"]): ErrorRecord {
  return {
    kind: "Permanent",
    code: "run.deadline",
    message: `expected the run to end before its deadline, but it was still ${kind}`,
    hint: "run it again, or with a later deadline",
  };
}

function ownerLost(epoch: number): ErrorRecord {
  return {
    kind: "Transient",
    code: "run.owner_lost",
    message: `expected an end of the run from the holder of epoch ${epoch}, but it is gone`,
    hint: "run it again",
  };
}

function discard(state: RunState, reason: string): Transition {
  if (state.kind !== "partial_failure" && state.kind !== "cancelled") {
    return refused(`a run that is ${state.kind} can't be discarded`);
  }
  if (state.journal.kind === "discarded") return refused("the run is discarded already");
  return next({ ...state, journal: { kind: "discarded", reason } });
}

function next(state: RunState): Transition {
  return { kind: "next", state };
}

function refused(reason: string): Transition {
  return { kind: "refused", reason };
}

function unexpected(state: RunState, event: RunEvent): Transition {
  return refused(`a run that is ${state.kind} can't be ${event.type}`);
}
