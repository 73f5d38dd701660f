import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ChildSpec } from "../../src/supervisor/child.ts";
import type { Strategy } from "../../src/supervisor/restart.ts";
import {
  childrenMax,
  ordersMax,
  startSupervisor,
  type Supervisor,
  type SupervisorOptions,
} from "../../src/supervisor/supervisor.ts";
import { ManualClock } from "../platform/manual-clock.ts";
import { Script } from "./scripted-child.ts";
import { failureOf } from "../actors/failure-of.ts";

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

interface Setting {
  readonly script: Script;
  readonly clock: ManualClock;
  readonly start: (
    children: readonly ChildSpec[],
    options?: Partial<SupervisorOptions>,
    signal?: AbortSignal,
  ) => Promise<Supervisor>;
}

function setting(): Setting {
  const clock = new ManualClock();
  return {
    script: new Script(),
    clock,
    start: (children, options, signal) =>
      startSupervisor(
        {
          id: "top",
          strategy: "one_for_one",
          intensity: { restartsMax: 3, periodMs: 5000 },
          autoShutdown: "never",
          children,
          clock,
          ...options,
        },
        signal,
      ),
  };
}

const abc = (script: Script): readonly ChildSpec[] => ["a", "b", "c"].map((id) => script.spec(id));
const code = (name: string) => expect.objectContaining({ code: name }) as unknown;

describe("a supervisor", () => {
  test("starts its children in order, and stops them in reverse order", async () => {
    const { script, start } = setting();
    const supervisor = await start(abc(script));
    expect(script.takeLog()).toEqual(["start a", "start b", "start c"]);
    supervisor.stop();
    expect(await supervisor.exited).toEqual({ kind: "normal" });
    expect(script.takeLog()).toEqual(["stop c", "stop b", "stop a"]);
  });

  test.each([
    ["one_for_one", ["start b"]],
    ["one_for_all", ["stop c", "stop a", "start a", "start b", "start c"]],
    ["rest_for_one", ["stop c", "start b", "start c"]],
  ] as const)("that is %s restarts what belongs to it", async (strategy, expected) => {
    const { script, start } = setting();
    const supervisor = await start(abc(script), { strategy });
    script.takeLog();
    script.end("b");
    await turn();
    expect(script.takeLog()).toEqual(["b crashes", ...expected]);
    expect(supervisor.children.every(({ isRunning }) => isRunning)).toBe(true);
  });

  test("kills a child that doesn't stop, at its time limit and not before", async () => {
    const { script, clock, start } = setting();
    const slow = script.spec("slow", { shutdown: 300 }, "ignores");
    const supervisor = await start([script.spec("first"), slow]);
    script.takeLog();
    supervisor.stop();
    await clock.advanceThrough(299);
    expect(script.takeLog()).toEqual(["stop slow"]);
    await clock.advanceThrough(1);
    expect(script.takeLog()).toEqual(["kill slow", "stop first"]);
    expect(await supervisor.exited).toEqual({ kind: "normal" });
    expect(clock.scheduled).toBe(0);
  });

  test("kills a brutal_kill child without a word", async () => {
    const { script, start } = setting();
    const supervisor = await start([script.spec("a", { shutdown: "brutal_kill" })]);
    script.takeLog();
    supervisor.stop();
    await supervisor.exited;
    expect(script.takeLog()).toEqual(["kill a"]);
  });

  test("that is killed while it stops waits for nobody any more", async () => {
    const { script, start } = setting();
    const children = ["a", "b"].map((id) => script.spec(id, {}, "ignores"));
    const supervisor = await start(children);
    script.takeLog();
    supervisor.stop();
    await turn();
    expect(script.takeLog()).toEqual(["stop b"]);
    supervisor.kill();
    await supervisor.exited;
    expect(script.takeLog().toSorted()).toEqual(["kill a", "kill b"]);
  });

  test("gives up beyond its intensity, ends its children, and says what ended last", async () => {
    const { script, clock, start } = setting();
    const supervisor = await start(abc(script));
    for (let count = 0; count < 3; count += 1) {
      script.end("b");
      await turn();
    }
    expect(script.running).toHaveLength(3);
    script.takeLog();
    script.end("b");
    expect(await supervisor.exited).toEqual({
      kind: "abnormal",
      error: code("supervisor.gave_up"),
    });
    expect(script.takeLog()).toEqual(["b crashes", "stop c", "stop a"]);
    expect(await supervisor.exited).toMatchObject({
      error: { message: expect.stringContaining("it crashed") as unknown },
    });
    expect(clock.scheduled).toBe(0);
  });

  test("forgets restarts once the period is over", async () => {
    const { script, clock, start } = setting();
    await start(abc(script));
    for (let count = 0; count < 12; count += 1) {
      script.end("b");
      await turn();
      clock.advance(5001 / 3);
    }
    expect(script.running).toHaveLength(3);
  });

  test("tries again a start that fails, and counts it as a restart", async () => {
    const { script, start } = setting();
    const supervisor = await start(abc(script), { strategy: "one_for_all" });
    script.takeLog();
    script.failStarts("b", 1);
    script.end("a");
    await turn();
    expect(script.takeLog()).toEqual([
      "a crashes",
      "stop c",
      "stop b",
      "start a",
      "b fails to start",
      "stop a",
      "start a",
      "start b",
      "start c",
    ]);
    script.failStarts("b", 9);
    script.end("b");
    expect(await supervisor.exited).toMatchObject({ error: code("supervisor.gave_up") });
    expect(script.running).toEqual([]);
  });

  test("whose first start fails stops what runs, and throws what the start threw", async () => {
    const { script, start } = setting();
    script.failStarts("c", 1);
    await expect(start(abc(script))).rejects.toEqual(code("s.start"));
    expect(script.takeLog()).toEqual([
      "start a",
      "start b",
      "c fails to start",
      "stop b",
      "stop a",
    ]);
  });

  test("whose start is aborted stops what runs", async () => {
    const { script, start } = setting();
    const controller = new AbortController();
    const hanging: ChildSpec = {
      ...script.spec("hanging"),
      start: (signal) =>
        new Promise((_, reject) => {
          // The reason of a supervisor's own signal is an Error.
          signal.addEventListener("abort", () => reject(signal.reason as Error));
          controller.abort();
        }),
    };
    const started = start([script.spec("a"), hanging], {}, controller.signal);
    await expect(started).rejects.toEqual(code("supervisor.stopped"));
    expect(script.running).toEqual([]);
    await expect(start([script.spec("a")], {}, controller.signal)).rejects.toEqual(
      code("supervisor.stopped"),
    );
    expect(script.running).toEqual([]);
  });

  test("leaves a transient child down that ended normally, forgets a temporary one", async () => {
    const { script, start } = setting();
    const supervisor = await start([
      script.spec("t", { restart: "transient" }),
      script.spec("u", { restart: "temporary" }),
    ]);
    script.end("t", { kind: "normal" });
    script.end("u");
    await turn();
    expect(supervisor.children).toEqual([{ id: "t", isRunning: false, starts: 1 }]);
  });

  test("ends normally with its significant child", async () => {
    const { script, start } = setting();
    const supervisor = await start(
      [script.spec("a"), script.spec("s", { restart: "transient", isSignificant: true })],
      { autoShutdown: "any_significant" },
    );
    script.end("s", { kind: "normal" });
    expect(await supervisor.exited).toEqual({ kind: "normal" });
    expect(script.running).toEqual([]);
  });

  test.each([
    ["never", "transient"],
    ["any_significant", "permanent"],
  ] as const)("that shuts down %s takes no significant %s child", async (autoShutdown, restart) => {
    const { script, start } = setting();
    const spec = script.spec("s", { restart, isSignificant: true });
    await expect(start([spec], { autoShutdown })).rejects.toThrow(/significant/);
  });

  test("escalates: its own supervisor restarts it, until that gives up too", async () => {
    const { script, clock, start } = setting();
    const inner: ChildSpec = {
      id: "inner",
      restart: "transient",
      shutdown: 5000,
      start: (signal) =>
        startSupervisor(
          {
            id: "inner",
            strategy: "one_for_one",
            intensity: { restartsMax: 1, periodMs: 1000 },
            autoShutdown: "never",
            children: [script.spec("leaf")],
            clock,
          },
          signal,
        ),
    };
    const outer = await start([script.spec("a"), inner], {
      intensity: { restartsMax: 1, periodMs: 1000 },
    });
    const crash = async (): Promise<void> => {
      script.end("leaf");
      await turn();
    };
    await crash();
    expect(outer.children[1]).toEqual({ id: "inner", isRunning: true, starts: 1 });
    await crash();
    expect(outer.children[1]).toEqual({ id: "inner", isRunning: true, starts: 2 });
    expect(script.running).toEqual(["a", "leaf"]);
    await crash();
    await crash();
    expect(await outer.exited).toMatchObject({ kind: "abnormal" });
    expect(script.running).toEqual([]);
  });

  test("stops a nested supervisor with its children, from the last to the first", async () => {
    const { script, clock, start } = setting();
    const nested: ChildSpec = {
      ...script.spec("nested"),
      start: (signal) =>
        startSupervisor(
          {
            id: "nested",
            strategy: "one_for_one",
            intensity: { restartsMax: 1, periodMs: 1000 },
            autoShutdown: "never",
            children: [script.spec("x"), script.spec("y")],
            clock,
          },
          signal,
        ),
    };
    const supervisor = await start([script.spec("a"), nested, script.spec("z")]);
    script.takeLog();
    supervisor.stop();
    await supervisor.exited;
    expect(script.takeLog()).toEqual(["stop z", "stop y", "stop x", "stop a"]);
  });
});

describe("orders to a supervisor", () => {
  test("add children at the end, and remove them by their id", async () => {
    const { script, start } = setting();
    const supervisor = await start([script.spec("a")], { strategy: "rest_for_one" });
    await supervisor.add(script.spec("b"));
    await supervisor.remove("a");
    await supervisor.remove("a");
    expect(supervisor.children.map(({ id }) => id)).toEqual(["b"]);
    expect(script.takeLog()).toEqual(["start a", "start b", "stop a"]);
    await expect(supervisor.add(script.spec("b"))).rejects.toEqual(code("supervisor.duplicate"));
  });

  test("that fail to start a child leave none behind", async () => {
    const { script, start } = setting();
    const supervisor = await start([]);
    script.failStarts("a", 1);
    await expect(supervisor.add(script.spec("a"))).rejects.toEqual(code("s.start"));
    expect(supervisor.children).toEqual([]);
    await supervisor.add(script.spec("a"));
  });

  test("are refused once it was stopped, also those that wait", async () => {
    const { script, start } = setting();
    const supervisor = await start([]);
    const waiting = failureOf(supervisor.add(script.spec("a")));
    supervisor.stop();
    expect(await waiting).toEqual(code("supervisor.stopped"));
    await supervisor.exited;
    await expect(supervisor.add(script.spec("b"))).rejects.toEqual(code("supervisor.stopped"));
    expect(script.log).toEqual([]);
  });

  test("are bounded in number while they wait", async () => {
    const { script, start } = setting();
    const supervisor = await start([]);
    const orders = Array.from({ length: ordersMax }, (_, index) =>
      supervisor.add(script.spec(`c${index}`)),
    );
    await expect(supervisor.add(script.spec("more"))).rejects.toEqual(code("supervisor.busy"));
    await Promise.all(orders);
    await supervisor.add(script.spec("more"));
  });

  test("are refused for one child more than it holds", async () => {
    const { script, start } = setting();
    const supervisor = await start(
      Array.from({ length: childrenMax }, (_, index) => script.spec(`c${index}`)),
    );
    await expect(supervisor.add(script.spec("more"))).rejects.toEqual(code("supervisor.full"));
  });
});

describe("whatever happens to its children, a supervisor", () => {
  test("runs each at most once, keeps its own account, and leaves none behind", async () => {
    const step = fc.oneof(
      fc.record({ what: fc.constantFrom("crash", "end"), which: fc.nat(5) }),
      fc.record({ what: fc.constant("fail the next start"), which: fc.nat(5) }),
      fc.record({ what: fc.constantFrom("add", "remove", "turn", "pass"), which: fc.nat(5) }),
    );
    const strategies = fc.constantFrom<Strategy>("one_for_one", "one_for_all", "rest_for_one");
    await fc.assert(
      fc.asyncProperty(strategies, fc.array(step, { maxLength: 40 }), async (strategy, steps) => {
        const { script, clock, start } = setting();
        const restarts = ["permanent", "transient", "temporary"] as const;
        const specOf = (which: number): ChildSpec =>
          script.spec(
            `c${which}`,
            { restart: restarts[which % 3] ?? "permanent", shutdown: 50 },
            which % 2 === 0 ? "obeys" : "ignores",
          );
        const supervisor = await start([0, 1, 2].map(specOf), { strategy });
        // Orders may be refused, by the rules or since it gave up.
        const orders: Promise<unknown>[] = [];
        const order = (made: Promise<void>): void => {
          orders.push(made.catch((error: unknown) => error));
        };
        for (const { what, which } of steps) {
          const id = `c${which}`;
          if (what === "crash" && script.running.includes(id)) script.end(id);
          if (what === "end" && script.running.includes(id)) script.end(id, { kind: "normal" });
          if (what === "fail the next start") script.failStarts(id, 1);
          if (what === "add") order(supervisor.add(specOf(which)));
          if (what === "remove") order(supervisor.remove(id));
          if (what === "turn") await turn();
          if (what === "pass") await clock.advanceThrough(1000);
        }
        await clock.advanceThrough(60_000);
        await Promise.all(orders);
        const accounted = supervisor.children.filter(({ isRunning }) => isRunning);
        expect(accounted.map(({ id }) => id).toSorted()).toEqual(script.running.toSorted());
        supervisor.stop();
        await clock.advanceThrough(60_000);
        await supervisor.exited;
        expect(script.running).toEqual([]);
        expect(clock.scheduled).toBe(0);
      }),
      { numRuns: 100 },
    );
  });
});
