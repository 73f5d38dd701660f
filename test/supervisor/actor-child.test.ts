/** Actors under a supervisor: real threads that die and are started again. */
import { describe, expect, onTestFinished, test } from "vitest";
import type { ActorSpec } from "../../src/actors/actor-handle.ts";
import { systemClock } from "../../src/platform/system-clock.ts";
import { actorChild, startBegun } from "../../src/supervisor/actor-child.ts";
import type { RunningActor } from "../../src/supervisor/running-actor.ts";
import { startSupervisor } from "../../src/supervisor/supervisor.ts";
import { ThreadActors } from "../../src/supervisor/thread-actors.ts";
import { oddSpec, patience } from "../actors/actor-contract.ts";
import type { OddDialogue } from "../actors/fixtures/odd-dialogue.ts";
import { ManualClock } from "../platform/manual-clock.ts";
import { failureOf } from "../actors/failure-of.ts";

function runnerOfTest(): ThreadActors {
  const runner = new ThreadActors({ clock: systemClock, actorsMax: 8 });
  onTestFinished(() => runner.close());
  return runner;
}

const never = new AbortController().signal;

describe("an actor as a child", () => {
  test("is started again when it dies, until its supervisor gives up", async () => {
    const runner = runnerOfTest();
    const starts: RunningActor<OddDialogue>[] = [];
    const supervisor = await startSupervisor({
      id: "runs",
      strategy: "one_for_one",
      intensity: { restartsMax: 1, periodMs: 60_000 },
      autoShutdown: "never",
      clock: systemClock,
      children: [
        {
          id: "run",
          restart: "transient",
          shutdown: 1000,
          start: async (signal) => {
            const limit = { clock: systemClock, startMs: 30_000, signal };
            const actor = await startBegun(runner, oddSpec(), limit);
            starts.push(actor);
            return actorChild(actor);
          },
        },
      ],
    });
    await starts[0]?.ref.ask({ type: "exit", exitCode: 3 }, patience).catch(() => undefined);
    await expect.poll(() => starts.length, { timeout: 30_000 }).toBe(2);
    expect(await starts[1]?.ref.ask({ type: "echo", value: 1 }, patience)).toBe(1);
    starts[1]?.ref.tell({ type: "throw" });
    expect(await supervisor.exited).toMatchObject({
      kind: "abnormal",
      error: { code: "supervisor.gave_up", cause: { code: "actor.exited" } },
    });
  });

  test("that stops itself ended normally", async () => {
    const actor = await runnerOfTest().start(oddSpec());
    actor.ref.tell({ type: "stop-self" });
    expect(await actorChild(actor).exited).toEqual({ kind: "normal" });
  });
});

describe("the start of an actor", () => {
  const begin = (spec: Partial<ActorSpec<OddDialogue>>, limit: { startMs: number }) =>
    startBegun(runnerOfTest(), oddSpec(spec), { clock: systemClock, signal: never, ...limit });

  test("that fails says what the actor threw", async () => {
    const started = begin({ data: { begin: "throw" } }, { startMs: 30_000 });
    await expect(started).rejects.toMatchObject({
      code: "actor.exited",
      cause: { code: "odd.refused" },
    });
  });

  test("that takes too long is given up, and the actor has ended", async () => {
    const clock = new ManualClock();
    const runner = new ThreadActors({ clock, actorsMax: 1 });
    const spec = oddSpec({ data: { begin: "never" } });
    const limit = { clock, startMs: 500, signal: never };
    const refused = failureOf(startBegun(runner, spec, limit));
    await clock.advanceThrough(500);
    expect(await refused).toMatchObject({
      code: "actor.start_deadline",
    });
    // Its place is free again.
    const next = await runner.start(oddSpec());
    await Promise.all([next.started, runner.close()]);
  });

  test("that is aborted is given up with the reason of the abort", async () => {
    const controller = new AbortController();
    const reason = new Error("enough");
    const limit = { clock: systemClock, startMs: 30_000, signal: controller.signal };
    const runner = runnerOfTest();
    const refused = failureOf(startBegun(runner, oddSpec({ data: { begin: "never" } }), limit));
    controller.abort(reason);
    expect(await refused).toBe(reason);
    await expect(startBegun(runner, oddSpec(), limit)).rejects.toBe(reason);
  });
});
