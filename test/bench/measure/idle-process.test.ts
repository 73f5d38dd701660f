import { describe, expect, test } from "vitest";

import { startIdle } from "../../../bench/measure/idle-process.ts";
import { readProcessMemory } from "../../../bench/measure/process-memory.ts";

const deadlineMs = 30_000;

/** Says "ready", then answers each line that it is told. */
const ECHO = ["sh", "-c", 'echo ready; while read -r line; do echo "heard $line"; done'];

describe("lines", () => {
  test("what is written to it comes back by lines", async () => {
    await using echo = await startIdle(ECHO);
    expect(await echo.waitForLine(/ready/, { deadlineMs })).toBe("ready");
    echo.writeLine("one");
    echo.writeLine("two");
    expect(await echo.waitForLine(/two/, { deadlineMs })).toBe("heard two");
    echo.writeLine("one");
    expect(await echo.waitForLine(/one/, { deadlineMs })).toBe("heard one");
  });

  test("a line may be awaited on stderr", async () => {
    await using loud = await startIdle(["sh", "-c", "echo listening >&2; exec cat"]);
    const line = await loud.waitForLine(/listening/, { deadlineMs, stream: "stderr" });
    expect(line).toBe("listening");
  });

  test("a line that doesn't come is an error that quotes what came", async () => {
    await using echo = await startIdle(ECHO);
    await echo.waitForLine(/ready/, { deadlineMs });
    const wait = echo.waitForLine(/steady/, { deadlineMs: 50 });
    await expect(wait).rejects.toThrow(/none within 50 ms; last of stdout:\nready/);
  });

  test("the end of the process ends the wait, with its exit code and its last words", async () => {
    await using brief = await startIdle(["sh", "-c", "echo no room >&2; exit 3"]);
    const wait = brief.waitForLine(/ready/, { deadlineMs });
    await expect(wait).rejects.toThrow(/its end \(3\)[^]*last of stderr:\nno room/);
  });
});

describe("idle memory", () => {
  test("it is the median of several readings of the tree", async () => {
    await using family = await startIdle(["sh", "-c", "sleep 600 & echo up; wait"]);
    await family.waitForLine(/up/, { deadlineMs });
    const memory = await family.readIdleMemory({ idleMs: 10, samples: 3, everyMs: 1 });
    expect(memory).toMatchObject({ processes: 2, samples: 3 });
    expect(memory.rssBytes).toBeGreaterThan(0);
    expect(memory.rssSpreadBytes.min).toBeLessThanOrEqual(memory.rssBytes);
    expect(memory.rssSpreadBytes.max).toBeGreaterThanOrEqual(memory.rssBytes);
  });

  test("a process that has ended is an error, not a memory of 0", async () => {
    await using brief = await startIdle(["true"]);
    await brief.stop();
    await expect(brief.readIdleMemory({ idleMs: 0 })).rejects.toThrow(/stay up while idle/);
  });
});

describe("stopping", () => {
  test("SIGTERM ends it, and stopping again says the same", async () => {
    const idle = await startIdle(["cat"]);
    const ended = { exitCode: null, signal: "SIGTERM", isKilled: false };
    expect(await idle.stop()).toEqual(ended);
    expect(await idle.stop()).toEqual(ended);
    expect(readProcessMemory(idle.pid)).toBeNull();
  });

  test("one that ignores SIGTERM is killed at the deadline", async () => {
    const stubborn = await startIdle([
      "sh",
      "-c",
      "trap '' TERM; echo up; while :; do sleep 1; done",
    ]);
    await stubborn.waitForLine(/up/, { deadlineMs });
    expect(await stubborn.stop({ deadlineMs: 100 })).toEqual({
      exitCode: null,
      signal: "SIGKILL",
      isKilled: true,
    });
  });

  test("a program that doesn't exist is an error that names it", async () => {
    await expect(startIdle(["no-such-program-here"])).rejects.toThrow(/no-such-program-here/);
  });
});
