import { describe, expect, test } from "vitest";
import { actorExited, errorRecordOf, isAbort } from "../../src/actors/actor-error.ts";
import { encodeControl } from "../../src/actors/control-frame.ts";
import { HakiriError, type ErrorRecord } from "../../src/core/error.ts";

const record: ErrorRecord = {
  kind: "RateLimited",
  code: "api.slow",
  message: "too fast",
  hint: "wait",
  where: { stream: "orders" },
  evidence: { status: 429 },
  retryAfterMs: 500,
};

describe("a thrown value as a record", () => {
  test("a HakiriError keeps all it says", () => {
    const cause = { kind: "Permanent", code: "x.y", message: "below", hint: "" } as const;
    expect(errorRecordOf(new HakiriError({ ...record, cause }))).toEqual({ ...record, cause });
  });

  test("an error that lost its class on the way between threads is known by its fields", () => {
    const crossed = Object.assign(new Error(record.message), record);
    expect(errorRecordOf(crossed)).toEqual(record);
  });

  test.each([
    [new TypeError("x is not y"), "x is not y"],
    ["a string", "a string"],
    [undefined, "undefined"],
    [Object.assign(new Error("no such file"), { code: "ENOENT" }), "no such file"],
    [Object.assign(new Error("of a library"), { code: "E", kind: "Odd" }), "of a library"],
  ])("%s is a defect", (thrown, words) => {
    expect(errorRecordOf(thrown)).toMatchObject({
      kind: "Permanent",
      code: "defect.unforeseen",
      message: expect.stringContaining(words) as unknown,
    });
  });

  test("fits a control message, however much was thrown", () => {
    const text = "\u{1F600}".repeat(8192);
    let deep: ErrorRecord = { ...record, message: text, hint: text, evidence: text };
    for (let depth = 0; depth < 8; depth += 1) deep = { ...deep, cause: deep };
    const error = errorRecordOf(new HakiriError(deep));
    expect(error).toMatchObject({ kind: "RateLimited", code: "api.slow" });
    expect(error.message.startsWith("\u{1F600}")).toBe(true);
    const fatal = { type: "fatal", error } as const;
    encodeControl({ type: "from-actor", actor: 1, message: fatal });
  });

  test("loses its causes before anything else", () => {
    const cause: ErrorRecord = { ...record, message: "x".repeat(8000), hint: "y".repeat(8000) };
    expect(errorRecordOf(new HakiriError({ ...record, cause }))).toEqual(record);
  });
});

test("the error of an actor's end has what the actor threw as its cause", () => {
  const error = actorExited("a", { kind: "thrown", error: record });
  expect(error).toMatchObject({ code: "actor.exited", cause: { code: "api.slow" } });
  expect(actorExited("a", { kind: "out_of_memory" }).cause).toBe(undefined);
});

describe("a throw on account of an aborted signal", () => {
  const abortError = new DOMException("aborted", "AbortError");

  test("is an AbortError or a HakiriError, and nothing else", () => {
    const signal = AbortSignal.abort();
    expect(isAbort(abortError, signal)).toBe(true);
    expect(isAbort(new HakiriError(record), signal)).toBe(true);
    expect(isAbort(new TypeError("a defect"), signal)).toBe(false);
  });

  test("is none while the signal is not aborted", () => {
    expect(isAbort(abortError, new AbortController().signal)).toBe(false);
  });
});
