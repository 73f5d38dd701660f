/** An actor as the child of a supervisor. */
import { actorExited } from "../actors/actor-error.ts";
import type { ActorSpec, Dialogue } from "../actors/actor-handle.ts";
import { HakiriError } from "../core/error.ts";
import type { Clock } from "../core/ports/clock.ts";
import type { Child } from "./child.ts";
import type { ActorRunner, RunningActor, StartOptions } from "./running-actor.ts";
import { settledWithin } from "./settled-within.ts";

/** How long an actor may take to begin. */
export interface BeginLimit extends StartOptions {
  readonly clock: Clock;
  readonly startMs: number;
  readonly signal: AbortSignal;
}

/**
 * Starts an actor, and resolves once its behaviour has begun. Rejects with `actor.exited` where it
 * ends before, with `actor.start_deadline` where it takes too long or `signal` aborts, and with
 * what `runner.start` throws; the actor has ended then.
 */
export async function startBegun<D extends Dialogue>(
  runner: ActorRunner,
  spec: ActorSpec<D>,
  limit: BeginLimit,
): Promise<RunningActor<D>> {
  limit.signal.throwIfAborted();
  const actor = await runner.start(spec, limit);
  if (await settledWithin(actor.started, limit.startMs, limit.clock, limit.signal)) {
    await actor.started;
    return actor;
  }
  await actor.end();
  limit.signal.throwIfAborted();
  throw new HakiriError({
    kind: "Transient",
    code: "actor.start_deadline",
    message: `expected actor ${spec.id} to begin within ${limit.startMs} ms, but it did not`,
    hint: "",
  });
}

/** An actor as a child: only being stopped is a normal end of it. */
export function actorChild<D extends Dialogue>(actor: RunningActor<D>): Child {
  return {
    exited: actor.exited.then(({ exit }) =>
      exit.kind === "stopped"
        ? { kind: "normal" }
        : { kind: "abnormal", error: actorExited(actor.id, exit).toRecord() },
    ),
    stop: () => actor.stop(),
    kill: () => actor.kill(),
  };
}
