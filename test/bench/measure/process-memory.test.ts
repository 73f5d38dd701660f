import { describe, expect, test } from "vitest";

import { startIdle } from "../../../bench/measure/idle-process.ts";
import { readProcessMemory, readTreeMemory } from "../../../bench/measure/process-memory.ts";
import { listProcessTree } from "../../../bench/measure/process-tree.ts";

const deadlineMs = 30_000;

/** A shell with two sleeping children; it prints a line when they run. */
const FAMILY = ["sh", "-c", "sleep 600 & sleep 600 & echo up; wait"];

describe("one process", () => {
  test("its resident memory is the sum of its kinds and at most its peak", () => {
    const memory = readProcessMemory(process.pid, { withPss: true });
    if (memory === null) throw new Error("expected our own memory, came null");
    expect(memory.rssBytes).toBe(memory.anonBytes + memory.fileBytes + memory.shmemBytes);
    expect(memory.peakRssBytes).toBeGreaterThanOrEqual(memory.rssBytes);
    expect(memory.pssBytes).toBeGreaterThan(0);
  });

  test("PSS is read only on request", () => {
    expect(readProcessMemory(process.pid)?.pssBytes).toBeNull();
  });

  test("a vanished process has no memory and no tree", async () => {
    const idle = await startIdle(["cat"]);
    expect(readProcessMemory(idle.pid)).not.toBeNull();
    await idle.stop();
    expect(readProcessMemory(idle.pid)).toBeNull();
    expect(readTreeMemory(idle.pid)).toBeNull();
    expect(listProcessTree(idle.pid)).toEqual([]);
  });
});

describe("a tree of processes", () => {
  test("it sums the process and its descendants", async () => {
    await using family = await startIdle(FAMILY);
    await family.waitForLine(/^up$/, { deadlineMs });
    const [root, ...children] = listProcessTree(family.pid);
    expect(root).toBe(family.pid);
    expect(children).toHaveLength(2);
    const memory = readTreeMemory(family.pid, { withPss: true });
    expect(memory?.processes).toBe(3);
    expect(memory?.rssBytes).toBeGreaterThan(readProcessMemory(family.pid)?.rssBytes ?? Infinity);
    expect(listProcessTree(family.pid, 3)).toHaveLength(3);
    expect(() => listProcessTree(family.pid, 2)).toThrow(/at most 2 processes/);
    // Three processes share libc: fair shares add up to less than three times the whole.
    expect(memory?.pssBytes).toBeLessThan(memory?.rssBytes ?? 0);
  });
});
