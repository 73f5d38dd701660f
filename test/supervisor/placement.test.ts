import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { placeActor, type ExecutorLoad } from "../../src/supervisor/placement.ts";

const loads = fc
  .array(fc.record({ actors: fc.nat(3), isIsolated: fc.boolean(), isEnding: fc.boolean() }), {
    maxLength: 4,
  })
  .map((list) => list.map((one, executor): ExecutorLoad => ({ ...one, executor })));

const bounds = fc.record({
  executorsMax: fc.integer({ min: 1, max: 4 }),
  actorsMax: fc.integer({ min: 1, max: 3 }),
});

const load = (executor: number, actors: number, rest: Partial<ExecutorLoad> = {}) => ({
  executor,
  actors,
  isIsolated: false,
  isEnding: false,
  ...rest,
});

describe("an actor", () => {
  test("goes where there is room, and is refused only where there is none", () => {
    fc.assert(
      fc.property(loads, fc.boolean(), bounds, (executors, isIsolated, limits) => {
        const placement = placeActor(executors, isIsolated, limits);
        const takes = ({ actors, isIsolated: isTaken, isEnding }: ExecutorLoad): boolean =>
          !isTaken && !isEnding && actors < (isIsolated ? 1 : limits.actorsMax);
        const open = executors.filter(takes);
        const mayGrow = executors.length < limits.executorsMax;
        switch (placement.kind) {
          case "existing": {
            const chosen = executors.find(({ executor }) => executor === placement.executor);
            expect(open).toContain(chosen);
            // A seat beside others only where there is no other.
            if (chosen?.actors !== 0) expect(mayGrow).toBe(false);
            for (const one of open) expect(chosen?.actors).toBeLessThanOrEqual(one.actors);
            break;
          }
          case "new":
            expect(mayGrow).toBe(true);
            expect(open.filter(({ actors }) => actors === 0)).toEqual([]);
            break;
          case "full":
            expect([mayGrow, open]).toEqual([false, []]);
            break;
        }
      }),
    );
  });

  test("is refused at the bound, not before", () => {
    const limits = { executorsMax: 2, actorsMax: 2 };
    expect(placeActor([load(1, 2), load(2, 1)], false, limits)).toEqual({
      kind: "existing",
      executor: 2,
    });
    expect(placeActor([load(1, 2), load(2, 2)], false, limits)).toEqual({ kind: "full" });
    expect(placeActor([load(1, 2), load(2, 0, { isEnding: true })], false, limits)).toEqual({
      kind: "full",
    });
  });

  test("that must be alone takes an empty executor or a new one only", () => {
    const limits = { executorsMax: 2, actorsMax: 2 };
    expect(placeActor([load(1, 1)], true, limits)).toEqual({ kind: "new" });
    expect(placeActor([load(1, 1), load(2, 1)], true, limits)).toEqual({ kind: "full" });
    expect(placeActor([load(1, 1), load(2, 0)], true, limits)).toEqual({
      kind: "existing",
      executor: 2,
    });
  });
});
