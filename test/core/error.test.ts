/** The error and its record. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  causeDepthMax,
  evidenceCharsMax,
  HakiriError,
  textCharsMax,
  toHakiriError,
  usageError,
  type ErrorRecord,
} from "../../src/core/error.ts";

const limited: ErrorRecord = {
  kind: "RateLimited",
  code: "http.429",
  message: "expected 200, got 429",
  hint: "wait",
  where: { pipeline: "p", run: "r", stream: "s", batch: 0, request: "GET /", file: "f", line: 1 },
  evidence: { headers: [["a", "b"]], status: 429 },
  retryAfterMs: 0,
};
const plain: ErrorRecord = { kind: "Permanent", code: "a.b", message: "m", hint: "" };

describe("a record", () => {
  test("carries all that a caller acts on across a thread and back", () => {
    const record = structuredClone(new HakiriError(limited).toRecord());
    expect(record).toEqual(limited);
    expect(HakiriError.fromRecord(record).toRecord()).toEqual(limited);
    expect(new HakiriError(record).toRecord()).toEqual(limited);
  });

  test("leaves out what is unknown", () => {
    expect(new HakiriError(plain).toRecord()).toEqual(plain);
  });

  test("has the causes, those of libraries under a code of their own", () => {
    const socket = Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" });
    const inner = new HakiriError(limited, { cause: socket });
    const outer = new HakiriError(plain, { cause: new TypeError("odd", { cause: inner }) });
    const cause = { ...limited, cause: foreign("econnrefused", "connect ECONNREFUSED") };
    const record = outer.toRecord();
    expect(record).toEqual({ ...plain, cause: { ...foreign("typeerror", "odd"), cause } });
    const revived = HakiriError.fromRecord(structuredClone(record));
    expect(revived.toRecord()).toEqual(record);
    expect(revived.cause).toBeInstanceOf(HakiriError);
  });

  function foreign(name: string, message: string): ErrorRecord {
    return { kind: "Permanent", code: `foreign.${name}`, message, hint: "" };
  }

  test.each([
    ["nothing", undefined],
    ["a text", "http.429"],
    ["no kind", { ...plain, kind: undefined }],
    ["a kind that isn't one", { ...plain, kind: "toString" }],
    ["no message", { ...plain, message: 3 }],
    ["an empty code", { ...plain, code: "" }],
    ["a code of 129 characters", { ...plain, code: "x".repeat(129) }],
  ])("that is none is a defect: %s", (_, value) => {
    expect(HakiriError.fromRecord(value)).toMatchObject({ code: "defect.unforeseen" });
  });

  test("keeps of its further parts the well-formed ones", () => {
    const where = { stream: 1, file: "f", line: 1.5, other: "x" };
    const broken = { where, evidence: new Map(), retryAfterMs: -1, cause: "text", hint: null };
    expect(HakiriError.fromRecord({ ...plain, ...broken }).toRecord()).toEqual({
      ...plain,
      where: { file: "f" },
      evidence: {},
    });
    const odd = { evidence: () => 1, retryAfterMs: Number.NaN, where: null };
    expect(HakiriError.fromRecord({ ...plain, ...odd }).toRecord()).toEqual({
      ...plain,
      evidence: "evidence that is no JSON: function",
    });
  });

  test("is made of anything without a throw", () => {
    fc.assert(
      fc.property(fc.anything({ withBigInt: true, withNullPrototype: true }), (value) => {
        expect(HakiriError.fromRecord(value)).toBeInstanceOf(HakiriError);
        const { kind: _, ...rest } = plain;
        const nested = { ...rest, kind: "Permanent", evidence: value, where: value, cause: value };
        expect(() => structuredClone(HakiriError.fromRecord(nested).toRecord())).not.toThrow();
      }),
    );
  });
});

describe("bounds", () => {
  test(`a text of ${textCharsMax} is kept, a longer one is cut to that`, () => {
    const texts = (length: number): ErrorRecord => {
      const text = "x".repeat(length);
      const where = { file: text };
      return new HakiriError({ ...plain, message: text, hint: text, where }).toRecord();
    };
    const kept = texts(textCharsMax);
    expect(kept.message).toBe("x".repeat(textCharsMax));
    const cut = texts(textCharsMax + 1);
    for (const text of [cut.message, cut.hint, cut.where?.file ?? ""]) {
      expect(text).toHaveLength(textCharsMax);
      expect(text.endsWith("x [cut]")).toBe(true);
    }
  });

  test("a cut text ends in whole characters", () => {
    const message = "x".repeat(textCharsMax - 7) + "\u{1f600}".repeat(5);
    expect(new HakiriError({ ...plain, message }).message.isWellFormed()).toBe(true);
    const shifted = new HakiriError({ ...plain, message: `x${message.slice(2)}` });
    expect(shifted.message.isWellFormed()).toBe(true);
  });

  test(`evidence of ${evidenceCharsMax} is kept, longer JSON becomes a text`, () => {
    const evidence = (length: number) =>
      new HakiriError({ ...plain, evidence: ["x".repeat(length - 4)] }).evidence;
    expect(evidence(evidenceCharsMax)).toEqual(["x".repeat(evidenceCharsMax - 4)]);
    const cut = evidence(evidenceCharsMax + 1);
    expect(typeof cut === "string" ? cut.length : cut).toBe(evidenceCharsMax);
    expect(cut).toMatch(/^\["xxx.*x \[cut\]$/u);
  });

  test(`${causeDepthMax} causes are kept, one more is not`, () => {
    const depthOf = (record: ErrorRecord): number =>
      record.cause === undefined ? 0 : 1 + depthOf(record.cause);
    const chain = (length: number): unknown => {
      let error: Error = new Error("root");
      for (let at = 1; at < length; at++) error = new HakiriError(plain, { cause: error });
      return error;
    };
    for (const length of [causeDepthMax, causeDepthMax + 1]) {
      const record = new HakiriError(plain, { cause: chain(length) }).toRecord();
      expect(depthOf(record)).toBe(causeDepthMax);
      const deeper = { ...plain, cause: { ...plain, cause: record } };
      expect(depthOf(HakiriError.fromRecord(deeper).toRecord())).toBe(causeDepthMax);
    }
    const short = new HakiriError(plain, { cause: chain(causeDepthMax - 1) }).toRecord();
    expect(depthOf(short)).toBe(causeDepthMax - 1);
    const endless = new Error("me");
    endless.cause = endless;
    expect(depthOf(new HakiriError(plain, { cause: endless }).toRecord())).toBe(causeDepthMax);
  });
});

describe("where an error happened", () => {
  test("is told by each who knows more, and what is known already stays", () => {
    const cause = new Error("socket");
    const inner = new HakiriError({ ...plain, where: { stream: "orders" } }, { cause });
    const outer = inner.within({ stream: "other", run: "r1" });
    expect(outer.where).toEqual({ stream: "orders", run: "r1" });
    expect(outer.cause).toBe(cause);
    expect(outer.stack).toBe(inner.stack);
    expect(inner.where).toEqual({ stream: "orders" });
  });
});

describe("what was caught", () => {
  test("stays what it is where it is ours", () => {
    const error = new HakiriError(plain);
    expect(toHakiriError(error)).toBe(error);
  });

  test.each([
    ["an error", new TypeError("x of undefined"), "x of undefined"],
    ["an error without a message", new RangeError(), "RangeError"],
    ["a text", "text", "text"],
    ["nothing", undefined, "undefined"],
    ["an object without a text", Object.create(null), "object"],
    ["a symbol", Symbol("s"), "Symbol(s)"],
  ])("is a defect where it is %s", (_, caught, said) => {
    const error = toHakiriError(caught);
    expect(error.code).toBe("defect.unforeseen");
    expect(error.message).toBe(`an unforeseen error, which is a defect of hakiri: ${said}`);
  });

  test("keeps the stack of a defect across a thread, and no other stack", () => {
    const caught = new TypeError("x");
    const record = structuredClone(toHakiriError(caught).toRecord());
    expect(record.stack).toBe(caught.stack);
    expect(HakiriError.fromRecord(record).stack).toBe(caught.stack);
    expect(new HakiriError(plain).toRecord()).not.toHaveProperty("stack");
  });
});

test("a usage error's code starts with usage., which exits with 2", () => {
  expect(usageError("unknown_command", "m", "h").code).toBe("usage.unknown_command");
});
