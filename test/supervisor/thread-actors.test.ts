import { describe, expect, onTestFinished, test } from "vitest";
import { ThreadActors } from "../../src/supervisor/thread-actors.ts";
import { oddSpec, patience } from "../actors/actor-contract.ts";
import { pipeOfTest } from "../actors/named-pipe.ts";
import { ManualClock } from "../platform/manual-clock.ts";
import { failureOf } from "../actors/failure-of.ts";

function runnerOfTest(actorsMax: number) {
  const clock = new ManualClock();
  const runner = new ThreadActors({ clock, actorsMax });
  return { clock, runner };
}

describe("actors in threads of this process", () => {
  test("run at once up to their bound, and one more is refused until one has ended", async () => {
    const { runner } = runnerOfTest(2);
    const [one] = [await runner.start(oddSpec()), await runner.start(oddSpec())];
    await expect(runner.start(oddSpec())).rejects.toMatchObject({ code: "actors.full" });
    one.stop();
    await one.exited;
    const next = await runner.start(oddSpec());
    expect(await next.ref.ask({ type: "echo", value: 1 }, patience)).toBe(1);
    await runner.close();
    expect((await next.exited).exit.kind).toBe("stopped");
    await expect(runner.start(oddSpec())).rejects.toMatchObject({ code: "actors.closed" });
  });

  test("that don't stop within a second are terminated", async () => {
    const { clock, runner } = runnerOfTest(1);
    const actor = await runner.start(oddSpec());
    await actor.started;
    actor.ref.tell({ type: "loop" });
    const ended = actor.end();
    await clock.advanceThrough(999);
    expect(clock.scheduled).toBe(1);
    await clock.advanceThrough(1);
    expect((await ended).exit).toEqual({ kind: "terminated" });
    await runner.close();
  });

  test("that are stuck in a native call are reported as such, and keep their place", async () => {
    const { clock, runner } = runnerOfTest(2);
    const pipe = pipeOfTest();
    const stuck = await runner.start(oddSpec());
    onTestFinished(pipe.release);
    const other = await runner.start(oddSpec());
    stuck.ref.tell({ type: "stall", pipe: pipe.path });
    await pipe.hasReader();
    const ask = stuck.ref.ask({ type: "echo", value: 1 }, patience);
    const rejection = failureOf(ask);
    const ended = stuck.end();
    await clock.advanceThrough(3000);
    expect((await ended).exit).toEqual({ kind: "stuck" });
    expect(await rejection).toMatchObject({ code: "actor.exited" });
    await expect(runner.start(oddSpec())).rejects.toMatchObject({ code: "actors.full" });
    expect(await other.ref.ask({ type: "echo", value: 1 }, patience)).toBe(1);
    await runner.close();
    expect(clock.scheduled).toBe(0);
  });
});
