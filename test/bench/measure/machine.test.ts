import { expect, test } from "vitest";

import { describeMachine, loadWarnings } from "../../../bench/measure/machine.ts";

test("a machine is described by what its figures depend on", () => {
  const machine = describeMachine();
  expect(machine.cores).toBeGreaterThan(0);
  expect(machine.memoryBytes).toBeGreaterThan(0);
  expect(machine.node).toBe(process.version);
  expect(machine.cpu).not.toBe("");
});

test("a load above half of the cores is a warning, and half of them is not", () => {
  expect(loadWarnings({ load1m: 2, cores: 4 })).toEqual([]);
  expect(loadWarnings({ load1m: 2.01, cores: 4 })).toHaveLength(1);
});
