/** The exit codes that scripts rely on. */
import { expect, test } from "vitest";
import { exitCodeOf, exitCodes } from "../../src/cli/exit-code.ts";

test.each([
  ["Permanent", "defect.unforeseen", 1],
  ["Permanent", "usage.unknown_option", 2],
  ["Permanent", "store.damaged", 3],
  ["SchemaIncompatible", "schema.narrower", 4],
  ["AuthExpired", "auth.missing_variable", 5],
  ["Transient", "http.503", 6],
  ["RateLimited", "http.429", 6],
  ["Permanent", "refused.claim_held", 7],
  ["Permanent", "conflict.heads_diverged", 8],
  ["Permanent", "interrupted.signal", 130],
  ["Permanent", "run.cancelled", 130],
  ["Permanent", "run.deadline", 3],
] as const)("%s with code %s exits with %i", (kind, code, exitCode) => {
  expect(exitCodeOf({ kind, code })).toBe(exitCode);
});

test("a prefix decides only as a whole first part", () => {
  expect(exitCodeOf({ kind: "Transient", code: "usages.x" })).toBe(6);
});

test("every exit code has a meaning to print", () => {
  expect(exitCodes.map(({ code }) => code)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 130]);
  expect(new Set(exitCodes.map(({ meaning }) => meaning)).size).toBe(10);
});
