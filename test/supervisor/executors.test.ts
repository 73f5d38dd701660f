/** Executors and the actors in them: real processes, real threads, and a clock that is moved. */
import { describe, expect, onTestFinished, test, vi } from "vitest";
import type { RunningActor } from "../../src/supervisor/running-actor.ts";
import { Executors, type ExecutorsOptions } from "../../src/supervisor/executors.ts";
import { residentBytes } from "../../src/supervisor/resident-memory.ts";
import { oddSpec, patience } from "../actors/actor-contract.ts";
import type { OddDialogue } from "../actors/fixtures/odd-dialogue.ts";
import { pipeOfTest } from "../actors/named-pipe.ts";
import { endsSoon } from "../bench/measure/ends-soon.ts";
import { ManualClock } from "../platform/manual-clock.ts";
import { compiledEnv } from "../actors/compiled.ts";
import { failureOf } from "../actors/failure-of.ts";

type Odd = RunningActor<OddDialogue>;

function poolOfTest(options: Partial<ExecutorsOptions> = {}) {
  const clock = new ManualClock();
  const executors = new Executors({
    entry: new URL("../actors/fixtures/executor.ts", import.meta.url),
    env: compiledEnv,
    clock,
    executorsMax: 2,
    actorsMax: 2,
    probe: async () => 1,
    rssBytesMax: 100,
    ...options,
  });
  onTestFinished(() => executors.close());
  const start = async (id: string, isIsolated = false): Promise<Odd> =>
    executors.start(oddSpec({ id }), { isIsolated });
  const layout = (): readonly (readonly string[])[] =>
    executors.executors.map(({ actors }) => actors);
  return { clock, executors, start, layout };
}

const echoes = async (actor: Odd): Promise<unknown> =>
  actor.ref.ask({ type: "echo", value: "alive" }, patience);

describe("executors", () => {
  test("start when they are needed, take actors to their bound, and end when idle", async () => {
    const { clock, executors, start, layout } = poolOfTest();
    expect(layout()).toEqual([]);
    const actors = [await start("a"), await start("b"), await start("c"), await start("d")];
    expect(layout()).toEqual([
      ["a", "c"],
      ["b", "d"],
    ]);
    await expect(start("e")).rejects.toMatchObject({ code: "actors.full", kind: "Transient" });

    const [a, b, c, d] = actors;
    await Promise.all([a?.end(), c?.end()]);
    const pids = executors.executors.map(({ pid }) => pid);
    await clock.advanceThrough(59_999);
    expect(layout()).toEqual([[], ["b", "d"]]);
    await clock.advanceThrough(1);
    await vi.waitFor(() => expect(layout()).toEqual([["b", "d"]]), { timeout: 30_000 });
    expect(await endsSoon(pids[0] ?? 0)).toBe(true);

    // One that is in use again in time stays.
    await Promise.all([b?.end(), d?.end()]);
    await clock.advanceThrough(30_000);
    await start("f");
    await clock.advanceThrough(60_000);
    await start("g");
    await start("h");
    expect(layout()).toEqual([["f", "h"], ["g"]]);

    await executors.close();
    expect(await endsSoon(pids[1] ?? 0)).toBe(true);
    expect(clock.scheduled).toBe(0);
    await expect(start("i")).rejects.toMatchObject({ code: "actors.closed" });
  });

  test("end what is stuck by killing its executor, and tell the neighbours why", async () => {
    const { clock, executors, start } = poolOfTest();
    const pipe = pipeOfTest();
    const stuck = await start("stuck");
    const elsewhere = await start("elsewhere");
    const neighbour = await start("neighbour");
    stuck.ref.tell({ type: "stall", pipe: pipe.path });
    await pipe.hasReader();
    const asked = neighbour.ref.ask({ type: "until-aborted" }, patience);
    const rejection = failureOf(asked);

    const ended = stuck.end();
    await clock.advanceThrough(2999);
    expect(await echoes(elsewhere)).toBe("alive");
    expect(executors.executors).toHaveLength(2);
    await clock.advanceThrough(1);
    expect((await ended).exit).toEqual({ kind: "executor_killed" });
    expect(await rejection).toMatchObject({ code: "actor.exited" });
    expect((await neighbour.exited).exit).toEqual({
      kind: "executor_killed_for_other",
      otherId: "stuck",
    });
    expect(await echoes(elsewhere)).toBe("alive");
    // The place is free again, in a new process.
    expect(await echoes(await start("neighbour"))).toBe("alive");
  });

  test("end what stops or loops without a kill: the neighbour goes on", async () => {
    const { clock, executors, start } = poolOfTest({ executorsMax: 1, actorsMax: 3 });
    const [polite, looping] = [await start("polite"), await start("looping")];
    const neighbour = await start("neighbour");
    await looping.started;
    looping.ref.tell({ type: "loop" });
    expect((await polite.end()).exit).toEqual({ kind: "stopped", unhandled: 0 });
    const ended = looping.end();
    await clock.advanceThrough(1000);
    expect((await ended).exit).toEqual({ kind: "terminated" });
    expect(await echoes(neighbour)).toBe("alive");
    expect(executors.executors).toHaveLength(1);
  });

  test("that were killed take nobody any more, and count until they are gone", async () => {
    const { clock, start } = poolOfTest({ executorsMax: 1 });
    const pipe = pipeOfTest();
    const stuck = await start("stuck");
    stuck.ref.tell({ type: "stall", pipe: pipe.path });
    await pipe.hasReader();
    stuck.kill();
    clock.advance(2000);
    // Promises settle, but the event loop doesn't turn: nobody can have heard of the death yet.
    for (let count = 0; count < 20; count += 1) await Promise.resolve();
    await expect(start("next")).rejects.toMatchObject({ code: "actors.full" });
    expect((await stuck.exited).exit).toEqual({ kind: "executor_killed" });
  });

  test("kill skips the time to stop", async () => {
    const { start } = poolOfTest();
    const looping = await start("looping");
    await looping.started;
    looping.ref.tell({ type: "loop" });
    looping.kill();
    expect((await looping.exited).exit).toEqual({ kind: "terminated" });
  });

  test("give who must be alone an executor of its own, and then take others", async () => {
    const { start, layout } = poolOfTest();
    const [alone] = [await start("alone", true), await start("b"), await start("c")];
    expect(layout()).toEqual([["alone"], ["b", "c"]]);
    await expect(start("d")).rejects.toMatchObject({ code: "actors.full" });
    await expect(start("d", true)).rejects.toMatchObject({ code: "actors.full" });
    await alone.end();
    await start("d");
    await start("e");
    expect(layout()).toEqual([
      ["d", "e"],
      ["b", "c"],
    ]);
  });

  test("that can't start refuse, and leave nothing behind", async () => {
    const { clock, start, layout } = poolOfTest({
      entry: new URL("../actors/fixtures/absent.ts", import.meta.url),
      executorsMax: 1,
    });
    const starts = [start("a"), start("b")];
    for (const attempt of starts) {
      await expect(attempt).rejects.toMatchObject({ code: "executor.not_started" });
    }
    await expect(start("c")).rejects.toMatchObject({ code: "executor.not_started" });
    expect(layout()).toEqual([]);
    expect(clock.scheduled).toBe(0);
  });

  test("refuse data beyond a control message, and the place stays free", async () => {
    const { executors, start } = poolOfTest({ executorsMax: 1, actorsMax: 1 });
    const data = { begin: "well", lastWords: "x".repeat(70_000) } as const;
    await expect(executors.start(oddSpec({ data }))).rejects.toMatchObject({
      code: "actor.message_too_big",
    });
    expect(await echoes(await start("a"))).toBe("alive");
  });
});

describe("the memory of an executor", () => {
  test("beyond its limit ends it: really held, really read", async () => {
    const limit = 256 * 1024 * 1024;
    const pool = { probe: residentBytes, rssBytesMax: limit };
    const { clock, executors, start } = poolOfTest(pool);
    const [greedy, elsewhere] = [await start("greedy"), await start("elsewhere")];
    await Promise.all([greedy.started, elsewhere.started]);
    await clock.advanceThrough(1000);
    expect(await echoes(greedy)).toBe("alive");
    await greedy.ref.ask({ type: "hold", sizeBytes: limit }, patience);
    await vi.waitFor(
      async () => {
        await clock.advanceThrough(1000);
        expect(executors.executors).toHaveLength(1);
      },
      { timeout: 30_000 },
    );
    const { exit } = await greedy.exited;
    expect(exit).toMatchObject({
      kind: "executor_over_memory",
      rssBytesMax: limit,
      isAlone: true,
    });
    expect(await echoes(elsewhere)).toBe("alive");
  });

  test("of several actors is nobody's own fault", async () => {
    let rssBytes = 100;
    const { clock, start } = poolOfTest({ probe: async () => rssBytes, executorsMax: 1 });
    const actors = [await start("a"), await start("b")];
    await Promise.all(actors.map(({ started }) => started));
    await clock.advanceThrough(5000);
    for (const actor of actors) expect(await echoes(actor)).toBe("alive");
    rssBytes = 101;
    await clock.advanceThrough(1000);
    for (const actor of actors) {
      expect((await actor.exited).exit).toEqual({
        kind: "executor_over_memory",
        rssBytes: 101,
        rssBytesMax: 100,
        isAlone: false,
      });
    }
  });

  test("that can't be read ends it after some tries", async () => {
    const { clock, start } = poolOfTest({
      probe: () => Promise.reject(new Error("no such tool")),
    });
    const actor = await start("a");
    await actor.started;
    await clock.advanceThrough(4000);
    expect(await echoes(actor)).toBe("alive");
    await clock.advanceThrough(1000);
    expect((await actor.exited).exit).toMatchObject({
      kind: "executor_unwatched",
      error: { message: expect.stringContaining("no such tool") as unknown },
    });
  });
});
