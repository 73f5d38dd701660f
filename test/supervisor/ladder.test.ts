import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  climb,
  defaultLadderTimes,
  rungsOf,
  type LadderReach,
  type RungAction,
} from "../../src/supervisor/ladder.ts";
import { settledWithin } from "../../src/supervisor/settled-within.ts";
import { ManualClock } from "../platform/manual-clock.ts";

const times = { cancelMs: 1000, terminateMs: 2000, killMs: 5000 };

describe("a ladder", () => {
  test("is cancel, 1 s, terminate, 2 s, kill, and at last giving up", () => {
    expect(rungsOf({ from: "cancel", mayKill: true }, defaultLadderTimes)).toEqual([
      { action: "cancel", waitMs: 1000 },
      { action: "terminate", waitMs: 2000 },
      { action: "kill", waitMs: 5000 },
      { action: "give_up", waitMs: 0 },
    ]);
  });

  test("where nothing may be killed ends in giving up after terminate", () => {
    const actions = rungsOf({ from: "terminate", mayKill: false }, times);
    expect(actions.map(({ action }) => action)).toEqual(["terminate", "give_up"]);
  });

  test("takes its rungs at their moments, and none after the actor's end", async () => {
    const reach = fc.record<LadderReach>({
      from: fc.constantFrom("cancel", "terminate"),
      mayKill: fc.boolean(),
    });
    // What ends the actor, and how long after; where its ladder doesn't have it, giving up does.
    const mortal = fc.record({
      diesOf: fc.constantFrom<RungAction>("cancel", "terminate", "kill", "give_up"),
      afterMs: fc.nat(6000),
    });
    await fc.assert(
      fc.asyncProperty(reach, mortal, async ({ from, mayKill }, { diesOf, afterMs }) => {
        const clock = new ManualClock();
        const { promise: exited, resolve } = Promise.withResolvers<void>();
        let endedAtMs = Number.POSITIVE_INFINITY;
        const taken: (readonly [number, RungAction])[] = [];
        const end = (): void => {
          endedAtMs = Math.min(endedAtMs, clock.monotonicMs());
          resolve();
        };
        const take = (action: RungAction): void => {
          taken.push([clock.monotonicMs(), action]);
          if (action === "give_up") end();
          else if (action === diesOf) clock.schedule(afterMs, end);
        };
        const done = climb(rungsOf({ from, mayKill }, times), take, exited, clock);
        await clock.advanceThrough(20_000);
        await done;

        const all: (readonly [number, RungAction])[] = from === "cancel" ? [[0, "cancel"]] : [];
        const terminateAtMs = from === "cancel" ? 1000 : 0;
        all.push([terminateAtMs, "terminate"]);
        if (mayKill) all.push([terminateAtMs + 2000, "kill"]);
        all.push([terminateAtMs + (mayKill ? 7000 : 2000), "give_up"]);
        const startedDyingMs = all.find(([, action]) => action === diesOf)?.[0];
        const diesAtMs = startedDyingMs === undefined ? Infinity : startedDyingMs + afterMs;
        const due = all.filter(([atMs, action]) => atMs < diesAtMs || action === diesOf);
        // At the very moment of a rung either may be first.
        const [untilEnd, atEnd] = [due.length, all.filter(([atMs]) => atMs <= diesAtMs).length];
        expect([untilEnd, atEnd]).toContain(taken.length);
        expect(taken).toEqual(all.slice(0, taken.length));
        expect(clock.scheduled).toBe(0);
      }),
      { numRuns: 150 },
    );
  });
});

describe("waiting with a limit", () => {
  test("tells whether the promise settled in time, and leaves no timer", async () => {
    const clock = new ManualClock();
    expect(await settledWithin(Promise.resolve(1), 10, clock)).toBe(true);
    expect(await settledWithin(Promise.reject(new Error("x")), 10, clock)).toBe(true);
    const { promise } = Promise.withResolvers<void>();
    const waited = settledWithin(promise, 10, clock);
    await clock.advanceThrough(10);
    expect(await waited).toBe(false);
    expect(clock.scheduled).toBe(0);
  });

  test("ends at once for who is in a hurry", async () => {
    const clock = new ManualClock();
    const controller = new AbortController();
    const { promise } = Promise.withResolvers<void>();
    const waited = settledWithin(promise, 10, clock, controller.signal);
    controller.abort();
    expect(await waited).toBe(false);
    expect(await settledWithin(promise, 10, clock, controller.signal)).toBe(false);
    expect(clock.scheduled).toBe(0);
  });
});
