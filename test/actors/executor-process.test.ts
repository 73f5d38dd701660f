/** An executor process: how it ends, what that does to the actors in it, and what may cross. */
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import { startIdle } from "../../bench/measure/idle-process.ts";
import { startExecutor, type ExecutorProcess } from "../../src/actors/executor-process.ts";
import { controlBytesMax, envelopeBytesMax } from "../../src/actors/protocol.ts";
import { threadHost } from "../../src/actors/thread-host.ts";
import { systemClock } from "../../src/platform/system-clock.ts";
import { endsSoon } from "../bench/measure/ends-soon.ts";
import { patience, startOdd } from "./actor-contract.ts";
import { pipeOfTest } from "./named-pipe.ts";
import { compiledEnv } from "./compiled.ts";
import { failureOf } from "./failure-of.ts";

const entry = new URL("./fixtures/executor.ts", import.meta.url);

async function executorOfTest(): Promise<ExecutorProcess> {
  const executor = await startExecutor({ entry, env: compiledEnv, clock: systemClock });
  onTestFinished(async () => {
    executor.kill({ kind: "ended" });
    await executor.exited;
  });
  return executor;
}

function pidOf({ pid }: ExecutorProcess): number {
  if (pid === undefined) throw new Error("expected a running executor");
  return pid;
}

describe("an executor that dies", () => {
  test("by an allocation that aborts it names the actor; the other is not at fault", async () => {
    const executor = await executorOfTest();
    const [culprit, other] = [
      startOdd(executor, { id: "culprit" }),
      startOdd(executor, { id: "other" }),
    ];
    await Promise.all([culprit.started, other.started]);
    const asked = other.ref.ask({ type: "until-aborted" }, patience);
    const rejection = failureOf(asked);
    culprit.ref.tell({ type: "abort-process" });
    expect(await rejection).toMatchObject({ code: "actor.exited" });
    const { exit, output } = await culprit.exited;
    expect(exit).toMatchObject({ kind: "executor_crashed", isOwn: true });
    expect(output).toContain("heap out of memory");
    expect(output).not.toContain("reportVersion");
    expect((await other.exited).exit).toEqual({
      kind: "executor_killed_for_other",
      otherId: "culprit",
    });
  });

  test("by SIGKILL takes all its actors along, and nobody knows whose fault it was", async () => {
    const executor = await executorOfTest();
    const actors = [startOdd(executor, { id: "one" }), startOdd(executor, { id: "two" })];
    await Promise.all(actors.map(({ started }) => started));
    process.kill(pidOf(executor), "SIGKILL");
    for (const actor of actors) {
      expect((await actor.exited).exit).toEqual({
        kind: "executor_crashed",
        exitCode: null,
        signal: "SIGKILL",
        isOwn: false,
      });
    }
    await executor.exited;
    expect(() => startOdd(executor)).toThrow(expect.objectContaining({ code: "executor.gone" }));
  });

  test("because another actor of it is stuck is told apart from the stuck one", async () => {
    const executor = await executorOfTest();
    const pipe = pipeOfTest();
    const stuck = startOdd(executor, { id: "stuck" });
    const other = startOdd(executor);
    await other.started;
    stuck.ref.tell({ type: "stall", pipe: pipe.path });
    await pipe.hasReader();
    executor.kill({ kind: "stuck", actorId: "stuck" });
    expect((await stuck.exited).exit).toEqual({ kind: "executor_killed" });
    expect((await other.exited).exit.kind).toBe("executor_killed_for_other");
  });

  test("leaves actors elsewhere alone", async () => {
    const executor = await executorOfTest();
    const [here, there] = [startOdd(threadHost), startOdd(executor)];
    await Promise.all([here.started, there.started]);
    executor.kill({ kind: "ended" });
    expect((await there.exited).exit).toEqual({ kind: "executor_ended" });
    expect(await here.ref.ask({ type: "echo", value: 1 }, patience)).toBe(1);
  });

  test("before it is ready was not started, and says why", async () => {
    const absent = new URL("./fixtures/absent.ts", import.meta.url);
    const start = startExecutor({ entry: absent, env: compiledEnv, clock: systemClock });
    await expect(start).rejects.toMatchObject({
      kind: "Transient",
      code: "executor.not_started",
      message: expect.stringContaining("exit code 1") as unknown,
    });
  });
});

describe("an executor that is lost or told to end", () => {
  test("dies when its control process does, though an actor is stuck in a call", async () => {
    const script = fileURLToPath(new URL("./fixtures/owner.ts", import.meta.url));
    const pipe = pipeOfTest();
    await using owner = await startIdle([process.execPath, script, pipe.path]);
    const pid = Number(await owner.waitForLine(/^\d+$/, { deadlineMs: 30_000 }));
    await pipe.hasReader();
    process.kill(owner.pid, "SIGKILL");
    expect(await endsSoon(pid)).toBe(true);
  });

  test("ends when it is told to, with its actors", async () => {
    const executor = await executorOfTest();
    const actor = startOdd(executor);
    await actor.started;
    executor.end();
    await executor.exited;
    expect((await actor.exited).exit).toEqual({ kind: "executor_ended" });
  });
});

describe("an executor that runs", () => {
  let running: ExecutorProcess | undefined;
  const executor = (): ExecutorProcess => {
    if (running === undefined) throw new Error("the executor is not started");
    return running;
  };
  beforeAll(async () => {
    running = await startExecutor({
      entry,
      env: { ...compiledEnv, OF: "the executor" },
      clock: systemClock,
    });
  });
  afterAll(async () => {
    running?.end();
    await running?.exited;
  });

  test("leaves Ctrl-C and a service's stop to its control process", async () => {
    const actor = startOdd(executor(), { env: { OF: "the actor" } });
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
      process.kill(pidOf(executor()), signal);
    }
    // Nor does it pass its environment on.
    expect(await actor.ref.ask({ type: "environment" }, patience)).toEqual({ OF: "the actor" });
  });

  test("answers a ping with the moment at which it was sent", async () => {
    const before = executor().aliveAtMs;
    await vi.waitFor(
      () => {
        executor().ping();
        expect(executor().aliveAtMs).toBeGreaterThan(before);
      },
      { timeout: 30_000 },
    );
    expect(executor().aliveAtMs).toBeLessThanOrEqual(systemClock.monotonicMs());
  });

  describe("takes and gives", () => {
    // What the actor's own envelope takes: type, number of the ask, and the tags of the format.
    const overheadBytes = 128;
    const fits = controlBytesMax - envelopeBytesMax - overheadBytes;
    const tooBig = { code: "actor.message_too_big", kind: "Permanent" };

    test("messages of at most 64 KiB, and refuses more in both directions", async () => {
      const actor = startOdd(executor());
      actor.ref.tell({ type: "echo", value: "x".repeat(fits) });
      const longer = { type: "echo", value: "x".repeat(controlBytesMax) } as const;
      expect(() => actor.ref.tell(longer)).toThrow(expect.objectContaining(tooBig));
      await expect(actor.ref.ask(longer, patience)).rejects.toMatchObject(tooBig);

      const ask = (type: "text" | "tell-text", length: number): Promise<unknown> =>
        actor.ref.ask({ type, length }, patience);
      expect(await ask("text", fits)).toHaveLength(fits);
      await expect(ask("text", fits + overheadBytes)).rejects.toMatchObject(tooBig);
      await ask("tell-text", fits);
      await expect(ask("tell-text", fits + overheadBytes)).rejects.toMatchObject(tooBig);
      // A refused message is no end.
      expect(await actor.ref.ask({ type: "echo", value: 1 }, patience)).toBe(1);
    });

    test("no larger data to start with", async () => {
      const data = { begin: "well", lastWords: "x".repeat(controlBytesMax) } as const;
      expect(() => startOdd(executor(), { data })).toThrow(expect.objectContaining(tooBig));
    });

    test("no moved buffer, in either direction", async () => {
      const actor = startOdd(executor());
      const refused = { code: "actor.not_transferable", kind: "Permanent" };
      const buffer = new ArrayBuffer(8);
      expect(() => actor.ref.tell({ type: "give-back", buffer }, [buffer])).toThrow(
        expect.objectContaining(refused),
      );
      expect(buffer.byteLength).toBe(8);
      const reply = actor.ref.ask({ type: "give-back", buffer }, patience);
      await expect(reply).rejects.toMatchObject(refused);
    });
  });
});

describe("between threads", () => {
  test("buffers are moved to the actor and back: the sender's is empty after", async () => {
    const actor = startOdd(threadHost);
    const bytes = new Uint8Array(1_000_000).fill(7);
    const { buffer } = bytes;
    const ask = { type: "give-back", buffer } as const;
    const reply = actor.ref.ask(ask, { ...patience, transfer: [buffer] });
    expect(buffer.byteLength).toBe(0);
    const back = new Uint8Array((await reply) as ArrayBuffer); // what was sent comes back
    expect(back).toHaveLength(1_000_000);
    expect(back.every((byte) => byte === 7)).toBe(true);
  });

  test("a message may be of any size", async () => {
    const actor = startOdd(threadHost);
    expect(await actor.ref.ask({ type: "text", length: 1_000_000 }, patience)).toHaveLength(
      1_000_000,
    );
  });
});
