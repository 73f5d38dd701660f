/** The error and its record. */
import { expect, test } from "vitest";
import { HakiriError, usageError } from "../../src/core/error.ts";

test("an error crosses a thread as a record without losing what a caller acts on", () => {
  const error = new HakiriError(
    { kind: "RateLimited", code: "http.429", message: "expected 200, got 429", hint: "wait" },
    { cause: new Error("socket") },
  );
  const record = structuredClone(error.toRecord());
  expect(new HakiriError(record).toRecord()).toEqual(record);
  expect(record).toEqual({
    kind: "RateLimited",
    code: "http.429",
    message: "expected 200, got 429",
    hint: "wait",
  });
});

test("a usage error's code starts with usage., which exits with 2", () => {
  expect(usageError("unknown_command", "m", "h").code).toBe("usage.unknown_command");
});
