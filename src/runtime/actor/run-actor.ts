/**
 * A run actor: reads every stream of its order into the store, asks for the commit, and says how it
 * ended. Lives in a thread of its own, in this process or in an executor.
 *
 *   Owns:    the source, DuckDB and the journal of one attempt.
 *   Doesn't: hold the claim, know other runs, or make anything visible by itself.
 *   A1. `done` is the last thing it says, and it says it once, unless it dies.
 *   A2. To be told to stop is to be cancelled: what is durable stays for a later attempt.
 *   A3. What it can't explain (no HakiriError) is a crash: the supervisor decides.
 */
import { errorRecordOf } from "../../actors/actor-error.ts";
import type { ActorContext, ActorHandlers } from "../../actors/serve-actor.ts";
import { HakiriError } from "../../core/error.ts";
import type { RunDialogue, RunOrder, RunOutcome } from "../protocol.ts";
import type { RunActorMeans } from "./means.ts";
import { openAttempt, type OpenAttempt } from "./open-attempt.ts";
import { controlOf } from "./run-frame.ts";
import { finishRun } from "./finish-run.ts";
import { readStreams } from "./read-streams.ts";
import { BeginAnew } from "./retried.ts";

/** The behaviour of a run actor. */
export function runActor(
  means: RunActorMeans,
): (order: RunOrder, context: ActorContext<RunDialogue>) => ActorHandlers<RunDialogue> {
  return (order, context) => {
    const run = perform(means, order, context);
    // A3. Nobody awaits a run but its end: a crash is thrown where the thread notices it.
    run.catch((error: unknown) => {
      queueMicrotask(() => {
        throw error;
      });
    });
    return {
      handle: (message: never) => message,
      stop: () => run,
    };
  };
}

async function perform(
  means: RunActorMeans,
  order: RunOrder,
  context: ActorContext<RunDialogue>,
): Promise<void> {
  const control = controlOf(context.owner);
  let attempt: OpenAttempt | null = null;
  let outcome: RunOutcome;
  try {
    attempt = await openAttempt(means, order, { control, signal: context.signal });
    const { keepers, cursors } = await readStreams(attempt);
    const finished = await finishRun({ frame: attempt.frame, keepers, cursors });
    outcome = { kind: "succeeded", sequence: finished.sequence, report: finished.report };
  } catch (error) {
    if (context.signal.aborted) outcome = { kind: "cancelled" };
    else if (error instanceof BeginAnew) {
      outcome = { kind: "again", error: errorRecordOf(error.error) };
    } else if (error instanceof HakiriError) {
      outcome = { kind: "failed", error: errorRecordOf(error) };
    } else throw error;
  } finally {
    await attempt?.close();
  }
  await control.say({ type: "done", outcome });
  context.stop();
}
