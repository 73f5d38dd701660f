import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { median, pairedRatios, spread } from "../../../bench/measure/statistics.ts";

const values = fc.array(fc.integer({ min: -1_000_000, max: 1_000_000 }), { minLength: 1 });
const positives = fc.array(fc.integer({ min: 1, max: 1_000_000 }), { minLength: 1 });

describe("median", () => {
  test("it doesn't depend on the order of the values and leaves them alone", () => {
    fc.assert(
      fc.property(values, (list) => {
        const before = [...list];
        expect(median(list)).toBe(median(list.toReversed()));
        expect(list).toEqual(before);
      }),
    );
  });

  test("at least half of the values are at most it, and at least half are at least it", () => {
    fc.assert(
      fc.property(values, (list) => {
        const middle = median(list);
        expect(list.filter((value) => value <= middle).length * 2).toBeGreaterThanOrEqual(
          list.length,
        );
        expect(list.filter((value) => value >= middle).length * 2).toBeGreaterThanOrEqual(
          list.length,
        );
      }),
    );
  });

  test("one wild value out of five doesn't move it past its neighbours", () => {
    expect(median([10, 11, 12, 13, 1_000_000])).toBe(12);
  });

  test("of an even count it is the mean of the two middle values", () => {
    expect(median([4, 1, 3, 2])).toBe(2.5);
  });

  test("no value at all is refused", () => {
    expect(() => median([])).toThrow(RangeError);
  });
});

describe("spread", () => {
  test("the median lies within it, and the deviation is no wider than it", () => {
    fc.assert(
      fc.property(values, (list) => {
        const { min, max, mad } = spread(list);
        expect(min).toBeLessThanOrEqual(median(list));
        expect(max).toBeGreaterThanOrEqual(median(list));
        expect(mad).toBeGreaterThanOrEqual(0);
        expect(mad).toBeLessThanOrEqual(max - min);
      }),
    );
  });

  test("equal values have none", () => {
    expect(spread([7, 7, 7])).toEqual({ min: 7, max: 7, mad: 0 });
  });
});

describe("pairedRatios", () => {
  test("a machine that slows both sides of a round alike changes no ratio", () => {
    fc.assert(
      fc.property(positives, fc.constantFrom(2, 4, 8), (base, factor) => {
        // Powers of two: the products are exact, so the ratios must be equal, not only close.
        const drift = base.map((_, round) => 2 ** (round % 5));
        const slowed = base.map((value, round) => value * factor * (drift[round] ?? 1));
        const divisors = base.map((value, round) => value * (drift[round] ?? 1));
        expect(pairedRatios(slowed, divisors)).toEqual(base.map(() => factor));
      }),
    );
  });

  test("a round without its pair is refused", () => {
    expect(() => pairedRatios([1, 2], [1])).toThrow(/2 values and 1 divisors/);
  });

  test("a divisor of 0 is refused with its round", () => {
    expect(() => pairedRatios([1, 2], [1, 0])).toThrow(/came 0 in round 1/);
  });
});
