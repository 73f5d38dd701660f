/**
 * One attempt of a run: an actor under one grant, with the session that its reads share.
 *
 *   Owns:    the actor's conversation, and the session, from the actor's start to its end.
 *   Doesn't: decide whether another attempt follows (attempts.ts).
 *   T1. An actor that said how the run ended has said it, whatever happens to its thread after.
 *   T2. Where the session is lost, the actor is ended, and what it says of a cancel is not the
 *       run's end: everything that was read under the session is read anew.
 */
import type { ActorExit } from "../../actors/actor-exit.ts";
import { HakiriError, type ErrorRecord } from "../../core/error.ts";
import { startBegun } from "../../supervisor/actor-child.ts";
import type { RunningActor } from "../../supervisor/running-actor.ts";
import type { RunAnswers, RunAsk, RunDialogue, RunOutcome, RunTell } from "../protocol.ts";
import { waitFor } from "../wait-for.ts";
import { answerAsk } from "./answer-asks.ts";
import type { GrantedRun } from "./grant-run.ts";
import type { RunSession } from "./run-session.ts";
import type { ActorPlace, ControlStore, RunRequest } from "./run-request.ts";

/** How an attempt ended. */
export type AttemptEnd =
  | { readonly kind: "told"; readonly outcome: Exclude<RunOutcome, { kind: "again" }> }
  /** Nothing is over: the next attempt goes by the journal. */
  | { readonly kind: "again"; readonly error: ErrorRecord }
  /** The actor ended and said nothing of the run. */
  | { readonly kind: "died"; readonly exit: ActorExit };

/** What an attempt takes. */
export interface AttemptOptions {
  readonly store: ControlStore;
  readonly place: ActorPlace;
  readonly request: RunRequest;
  readonly granted: GrantedRun;
  readonly session: RunSession;
  /** In an executor of its own. */
  readonly isIsolated: boolean;
}

/** An attempt that is under way. */
export interface Attempt {
  /** In its journal, as far as its actor said. */
  readonly writtenBatches: number;
  /** How its thread ended; null while it lives. */
  readonly exit: ActorExit | null;
  /** Resolves once the actor has ended and the session is closed; never rejects. */
  readonly ended: Promise<AttemptEnd>;
  stop(): void;
  kill(): void;
}

/** How long to wait until a full place is asked again, milliseconds. */
const fullMs = 500;

/**
 * Starts an attempt, and resolves once its actor has begun; waits where no more actors may run.
 * Throws what `startBegun` throws; the session is the caller's then.
 */
export async function startAttempt(options: AttemptOptions, signal: AbortSignal): Promise<Attempt> {
  const attempt = new RunningAttempt(options);
  await attempt.start(signal);
  return attempt;
}

class RunningAttempt implements Attempt {
  readonly ended: Promise<AttemptEnd>;
  readonly #options: AttemptOptions;
  readonly #end = Promise.withResolvers<AttemptEnd>();
  #actor: RunningActor<RunDialogue> | null = null;
  #writtenBatches = 0;
  #outcome: RunOutcome | null = null;
  #exit: ActorExit | null = null;
  #lost: string | null = null;

  constructor(options: AttemptOptions) {
    this.#options = options;
    this.ended = this.#end.promise;
  }

  get writtenBatches(): number {
    return this.#writtenBatches;
  }

  get exit(): ActorExit | null {
    return this.#exit;
  }

  stop(): void {
    this.#actor?.stop();
  }

  kill(): void {
    this.#actor?.kill();
  }

  async start(signal: AbortSignal): Promise<void> {
    const actor = await this.#startWhenThereIsRoom(signal);
    this.#actor = actor;
    void this.#options.session.lost?.then((reason) => {
      this.#lost ??= reason;
      if (this.#outcome === null) {
        this.#notice(`the state that all reads share is lost; they begin anew: ${reason}`);
      }
      void actor.end();
    });
    void this.#see(actor);
  }

  async #startWhenThereIsRoom(signal: AbortSignal): Promise<RunningActor<RunDialogue>> {
    const { store, place, granted, isIsolated } = this.#options;
    const { clock } = store;
    for (;;) {
      try {
        return await startBegun<RunDialogue>(
          place.runner,
          {
            id: `run.${granted.order.runId}.${granted.order.epoch}`,
            entry: place.entry,
            env: place.env,
            limits: place.limits,
            data: granted.order,
            handle: (message) => this.#hear(message),
            clock,
          },
          { clock, startMs: place.startMs, signal, isIsolated },
        );
      } catch (error) {
        // As long as it takes: the run's deadline aborts the signal.
        if (!(error instanceof HakiriError) || error.code !== "actors.full") throw error;
        await waitFor(clock, fullMs, signal);
      }
    }
  }

  async #hear(message: RunAsk | RunTell): Promise<RunAnswers[RunAsk["type"]] | null> {
    const { store, request, granted } = this.#options;
    switch (message.type) {
      case "progress":
        this.#writtenBatches = message.writtenBatches;
        request.progress(message);
        return null;
      case "notice":
        request.progress(message);
        return null;
      case "spans":
        await store.catalog.apply<"record_spans">({
          kind: "record_spans",
          version: 1,
          runId: granted.order.runId,
          spans: message.spans,
        });
        return null;
      case "done":
        this.#outcome = message.outcome;
        return null;
      case "count_attempt":
      case "base_cursors":
      case "base_table":
      case "table_files":
      case "table_schema":
      case "commit":
        return answerAsk({ store, granted, notice: (text) => this.#notice(text) }, message);
    }
  }

  #notice(text: string): void {
    this.#options.request.progress({ type: "notice", text });
  }

  async #see(actor: RunningActor<RunDialogue>): Promise<void> {
    const { exit } = await actor.exited;
    this.#exit = exit;
    await this.#options.session.close();
    this.#end.resolve(this.#endOf(exit));
  }

  /** T1 and T2. */
  #endOf(exit: ActorExit): AttemptEnd {
    const outcome = this.#outcome;
    if (outcome !== null) {
      if (outcome.kind === "again") return { kind: "again", error: outcome.error };
      const isEnded = this.#lost === null || outcome.kind === "succeeded";
      if (isEnded) return { kind: "told", outcome };
    }
    return this.#lost === null
      ? { kind: "died", exit }
      : { kind: "again", error: sessionLost(this.#lost) };
  }
}

function sessionLost(reason: string): ErrorRecord {
  return {
    kind: "Transient",
    code: "source.session_lost",
    message: `expected the source's session to last as long as the run, but it is lost: ${reason}`,
    hint: "run it again",
  };
}
