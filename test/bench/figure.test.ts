import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { figureTable } from "../../bench/figure-table.ts";
import { figureLine, figureOf, judge } from "../../bench/figure.ts";
import { figureSchema } from "./figure-schema.ts";

const about = { lane: "start", figure: "version.wall", unit: "x", goal: { max: 2.5 } };

describe("judge", () => {
  test("a goal is met at its bound and missed beyond it", () => {
    expect(judge(2.5, { max: 2.5 })).toBe(true);
    expect(judge(2.500001, { max: 2.5 })).toBe(false);
    expect(judge(0.8, { min: 0.8 })).toBe(true);
    expect(judge(0.799999, { min: 0.8 })).toBe(false);
  });

  test("a figure that is only reported is met whatever it is", () => {
    expect(judge(Infinity, null)).toBe(true);
  });

  test("a value that is no number meets no goal", () => {
    expect(judge(NaN, { max: 1 })).toBe(false);
    expect(judge(NaN, { min: 1 })).toBe(false);
  });
});

describe("figureLine", () => {
  const value = fc.double({ min: 1e-3, max: 1e12, noNaN: true });

  test("any figure is one line that the schema accepts", () => {
    fc.assert(
      fc.property(fc.array(value, { minLength: 5, maxLength: 9 }), value, (rounds, limit) => {
        const figure = figureOf(rounds, {
          ...about,
          cpuMsPerOp: limit,
          limit: { name: "a\nlimit", value: limit, unit: "ms" },
        });
        const line = figureLine(figure);
        expect(line).not.toContain("\n");
        expect(figureSchema.parse(JSON.parse(line)).ok).toBe(figure.ok);
      }),
    );
  });

  test("it begins with what a reader looks for, and numbers have six digits", () => {
    const line = figureLine(figureOf([1 / 3, 1 / 3, 1 / 3, 1 / 3, 1 / 3], about));
    expect(line).toBe(
      '{"lane":"start","figure":"version.wall","value":0.333333,"unit":"x","goal":{"max":2.5},"ok":true,' +
        '"spread":{"min":0.333333,"max":0.333333,"mad":0},"runs":5}',
    );
  });
});

test("the table says which goal is missed and what a figure is compared with", () => {
  const missed = figureOf([3, 3, 3, 3, 3], {
    ...about,
    cpuMsPerOp: 50,
    limit: { name: "node -e 0", value: 20, unit: "ms", cpuMsPerOp: 25 },
  });
  const reported = figureOf([2e6], { lane: "start", figure: "rss", unit: "bytes", goal: null });
  expect(figureTable([missed, reported])).toBe(
    [
      "figure        median  min..max        goal               cpu/op    against",
      "version.wall  3.00 x  3.00 x..3.00 x  <= 2.50 x  MISSED  50.00 ms  node -e 0: 20.00 ms (cpu 25.00 ms)",
      "rss           2.0 MB  2.0 MB..2.0 MB  reported",
      "",
    ].join("\n"),
  );
});
