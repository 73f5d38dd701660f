/** The verdict of the footprint gate. */
import { expect, test } from "vitest";
import {
  coldStartRatio,
  idleMb,
  lambdaZipMb,
  tarballMb,
} from "../../../bench/footprint/budgets.ts";
import { keeps, table, type FootprintFigure } from "../../../bench/footprint/figure.ts";

const size: FootprintFigure = {
  profile: "core",
  name: "compressed size",
  value: 50,
  unit: "MB",
  budget: 50,
};

test("a figure at its budget passes, and one just over it doesn't", () => {
  expect(keeps(size)).toBe(true);
  expect(keeps({ ...size, value: 50.000_001 })).toBe(false);
});

test("a figure without a budget is reported and gates nothing", () => {
  const { budget: _, ...reported } = size;
  expect(keeps({ ...reported, value: 1e9 })).toBe(true);
  expect(table([reported])).toMatch(/^- .*core.*50\.00 MB$/m);
});

test("canary: a build over budget is marked, with what it is over by", () => {
  expect(table([{ ...size, value: 51.25 }])).toMatch(/^OVER .* 51\.25 MB +50\.00 MB +-1\.25 MB$/m);
});

test("the budgets stand as they were set", () => {
  expect({ tarballMb, idleMb, lambdaZipMb }).toEqual({
    tarballMb: { coord: 50, core: 50, full: 150 },
    idleMb: { coord: 50, core: 60, full: 180 },
    lambdaZipMb: 30,
  });
  expect(coldStartRatio.version).toBe(2.5);
});
