import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { describeExit, faultOf, type ActorExit } from "../../src/actors/actor-exit.ts";
import {
  crashedThreadOf,
  exitByDeath,
  withoutReport,
  type HostedActor,
} from "../../src/actors/executor-exit.ts";

const [a, b, c]: readonly [HostedActor, HostedActor, HostedActor] = [
  { id: "a", threadId: 1 },
  { id: "b", threadId: 2 },
  { id: "c", threadId: null },
];

const crash = (threadId: number | null) =>
  ({ kind: "crashed", exitCode: null, signal: "SIGABRT", threadId }) as const;

const kindsOf = (death: Parameters<typeof exitByDeath>[0], all: readonly HostedActor[]) =>
  all.map((actor) => exitByDeath(death, actor, all).kind);

describe("the death of an executor", () => {
  test("by a stuck actor is that actor's, and costs the others nothing", () => {
    const death = { kind: "killed", cause: { kind: "stuck", actorId: "a" } } as const;
    expect(kindsOf(death, [a, b])).toEqual(["executor_killed", "executor_killed_for_other"]);
    expect(exitByDeath(death, b, [a, b])).toEqual({
      kind: "executor_killed_for_other",
      otherId: "a",
    });
  });

  test("by a crash that names a thread is the crash of its actor", () => {
    expect(kindsOf(crash(2), [a, b, c])).toEqual([
      "executor_killed_for_other",
      "executor_crashed",
      "executor_killed_for_other",
    ]);
    expect(faultOf(exitByDeath(crash(2), b, [a, b, c]))).toBe("own");
  });

  test("by a crash that names none is the only actor's, and nobody knows whose of several", () => {
    expect(faultOf(exitByDeath(crash(null), a, [a]))).toBe("own");
    expect(faultOf(exitByDeath(crash(null), a, [a, b]))).toBe("unknown");
    // A thread that is no actor's: the main thread of the executor.
    expect(faultOf(exitByDeath(crash(0), a, [a, b]))).toBe("unknown");
  });

  test("is never the fault of an actor that had no thread yet", () => {
    expect(faultOf(exitByDeath(crash(null), c, [c]))).toBe("unknown");
    expect(faultOf(exitByDeath(crash(null), c, [a, c]))).toBe("other");
    expect(faultOf(exitByDeath(crash(null), a, [a, c]))).toBe("own");
  });

  test("by its memory is the only actor's, and nobody knows whose of several", () => {
    const cause = { kind: "over_memory", rssBytes: 20, rssBytesMax: 10 } as const;
    const death = { kind: "killed", cause } as const;
    expect(faultOf(exitByDeath(death, a, [a]))).toBe("own");
    expect(faultOf(exitByDeath(death, a, [a, b]))).toBe("unknown");
  });

  test("by the control process's own doing is nobody's fault in it", () => {
    const error = { kind: "Permanent", code: "defect", message: "no ps", hint: "" } as const;
    for (const cause of [{ kind: "ended" }, { kind: "unwatched", error }] as const) {
      expect(faultOf(exitByDeath({ kind: "killed", cause }, a, [a]))).toBe("other");
    }
  });

  test("is the fault of at most one actor, whatever was in the executor", () => {
    const hosted = fc
      .uniqueArray(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 6 })
      .map((ids) => ids.map((id) => ({ id: String(id), threadId: id % 3 === 0 ? null : id })));
    fc.assert(
      fc.property(hosted, fc.option(fc.integer({ min: 0, max: 9 })), (all, threadId) => {
        const faults = all.map((actor) => faultOf(exitByDeath(crash(threadId), actor, all)));
        const owners = faults.filter((fault) => fault === "own").length;
        expect(owners).toBeLessThanOrEqual(1);
        // Either somebody is known to be at fault and the rest is not, or nobody knows.
        expect(faults.includes("unknown")).toBe(owners === 0);
      }),
    );
  });
});

describe("an exit", () => {
  const error = { kind: "Permanent", code: "x.y", message: "the message", hint: "" } as const;
  const exits: readonly ActorExit[] = [
    { kind: "stopped", unhandled: 0 },
    { kind: "thrown", error },
    { kind: "exited", exitCode: 3 },
    { kind: "out_of_memory" },
    { kind: "terminated" },
    { kind: "handler_failed", error },
    { kind: "stuck" },
    { kind: "executor_killed" },
    { kind: "executor_killed_for_other", otherId: "b" },
    { kind: "executor_over_memory", rssBytes: 2, rssBytesMax: 1, isAlone: true },
    { kind: "executor_unwatched", error },
    { kind: "executor_crashed", exitCode: 134, signal: null, isOwn: true },
    { kind: "executor_ended" },
  ];

  test("is described in words of its own", () => {
    const words = exits.map(describeExit);
    expect(new Set(words).size).toBe(exits.length);
    expect(words.join(" ")).not.toMatch(/undefined|null|object/);
  });

  test("is nobody's fault only when the actor stopped", () => {
    expect(exits.filter((exit) => faultOf(exit) === "none").map(({ kind }) => kind)).toEqual([
      "stopped",
    ]);
  });
});

describe("Node's report of a fatal error", () => {
  const report = '{"header":{"reportVersion":5,"event":"Allocation failed","threadId":4},"x":{}}';

  test("names the thread, wherever in stderr it stands", () => {
    expect(crashedThreadOf(`before\n${report}\nafter`)).toBe(4);
  });

  test("is none where there is none, or its line is cut", () => {
    expect(crashedThreadOf("FATAL ERROR")).toBe(null);
    expect(crashedThreadOf('{"header":{"reportVersion":5')).toBe(null);
    expect(crashedThreadOf(report.slice(10))).toBe(null);
  });

  test("is left out of what people read", () => {
    expect(withoutReport(`before\n${report}\nafter`)).toBe("before\nafter");
  });
});
