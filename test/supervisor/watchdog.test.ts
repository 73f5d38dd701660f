import { describe, expect, test } from "vitest";
import { failuresMax, judge } from "../../src/supervisor/watchdog.ts";

const error = { kind: "Permanent", code: "defect.unforeseen", message: "x", hint: "" } as const;

describe("a sample of an executor's memory", () => {
  test("at the limit is fine, and one byte more is the end", () => {
    expect(judge({ kind: "read", rssBytes: 100 }, 3, 100)).toEqual({ kind: "watch", failures: 0 });
    expect(judge({ kind: "read", rssBytes: 101 }, 0, 100)).toEqual({
      kind: "kill",
      cause: { kind: "over_memory", rssBytes: 101, rssBytesMax: 100 },
    });
  });

  test("that fails is forgiven, but not as often in a row as the bound", () => {
    let failures = 0;
    for (let count = 1; count < failuresMax; count += 1) {
      const verdict = judge({ kind: "failed", error }, failures, 100);
      expect(verdict).toEqual({ kind: "watch", failures: count });
      failures = count;
    }
    expect(judge({ kind: "failed", error }, failures, 100)).toEqual({
      kind: "kill",
      cause: { kind: "unwatched", error },
    });
  });

  test("of a process that is gone is for its exit to tell", () => {
    expect(judge({ kind: "gone" }, 1, 100)).toEqual({ kind: "watch", failures: 0 });
  });
});
