/** What the clock port promises, on the system's clock and on the one that tests move. */
import { describe, expect, test } from "vitest";
import { delayMsMax, type Clock } from "../../src/core/ports/clock.ts";
import { systemClock } from "../../src/platform/system-clock.ts";
import { ManualClock } from "./manual-clock.ts";

/** Lets a while of the clock pass: at least `ms`, and until all that was due by then is done. */
type Pass = (ms: number) => Promise<void>;

function describeClock(name: string, open: () => { clock: Clock; pass: Pass }): void {
  describe(name, () => {
    test("a scheduled call is made once, no sooner than its delay", async () => {
      const { clock, pass } = open();
      const startMs = clock.monotonicMs();
      const madeMs: number[] = [];
      clock.schedule(5.5, () => madeMs.push(clock.monotonicMs()));
      await pass(20);
      expect(madeMs).toHaveLength(1);
      expect((madeMs[0] ?? 0) - startMs).toBeGreaterThanOrEqual(5.5);
    });

    test("a call is never made before schedule returns, not even after 0 ms", async () => {
      const { clock, pass } = open();
      const order: string[] = [];
      clock.schedule(0, () => order.push("made"));
      order.push("scheduled");
      await pass(2);
      expect(order).toEqual(["scheduled", "made"]);
    });

    test("calls are made in the order of their moments, then of their scheduling", async () => {
      const { clock, pass } = open();
      const order: string[] = [];
      clock.schedule(20, () => order.push("late"));
      clock.schedule(3, () => order.push("first"));
      clock.schedule(3, () => order.push("second"));
      await pass(30);
      expect(order).toEqual(["first", "second", "late"]);
    });

    test("a cancelled call is not made, and cancelling twice or too late does nothing", async () => {
      const { clock, pass } = open();
      const made: string[] = [];
      const cancelled = clock.schedule(3, () => made.push("cancelled"));
      const kept = clock.schedule(3, () => made.push("kept"));
      cancelled.cancel();
      cancelled.cancel();
      await pass(10);
      kept.cancel();
      expect(made).toEqual(["kept"]);
    });

    test("monotonic time does not go back, and moves with what is waited for", async () => {
      const { clock, pass } = open();
      const before = clock.monotonicMs();
      await pass(5);
      expect(clock.monotonicMs()).toBeGreaterThanOrEqual(before + 5);
    });

    test("wall time is in microseconds of Unix time", () => {
      const { clock } = open();
      expect(clock.nowMicros()).toBeGreaterThan(1_600_000_000_000_000n);
      expect(clock.nowMicros()).toBeLessThan(10_000_000_000_000_000n);
    });

    test("a delay is 0 to the most that timers hold, and refused beyond", () => {
      const { clock } = open();
      clock.schedule(delayMsMax, () => undefined).cancel();
      for (const delayMs of [-1, Number.NaN, delayMsMax + 1, Number.POSITIVE_INFINITY]) {
        expect(() => clock.schedule(delayMs, () => undefined)).toThrow(RangeError);
      }
    });
  });
}

describeClock("the system's clock", () => ({
  clock: systemClock,
  pass: (ms) => new Promise((resolve) => void systemClock.schedule(ms, resolve)),
}));

describeClock("the manual clock", () => {
  const clock = new ManualClock();
  return {
    clock,
    pass: async (ms) => {
      clock.advance(ms);
    },
  };
});

describe("the manual clock alone", () => {
  test("stands still, and stands at a call's own moment while the call is made", () => {
    const clock = new ManualClock(5n);
    const seen: number[] = [];
    clock.schedule(10, () => {
      seen.push(clock.monotonicMs());
      clock.schedule(10, () => seen.push(clock.monotonicMs()));
    });
    expect(clock.scheduled).toBe(1);
    clock.advance(25);
    expect(seen).toEqual([10, 20]);
    expect([clock.monotonicMs(), clock.nowMicros()]).toEqual([25, 25_005n]);
  });

  test("lets promises settle between calls when it is advanced through", async () => {
    const clock = new ManualClock();
    const rounds: number[] = [];
    const loop = async (): Promise<void> => {
      for (let round = 0; round < 3; round += 1) {
        await new Promise<void>((resolve) => void clock.schedule(10, resolve));
        rounds.push(clock.monotonicMs());
      }
    };
    const done = loop();
    await clock.advanceThrough(30);
    await done;
    expect(rounds).toEqual([10, 20, 30]);
  });
});
