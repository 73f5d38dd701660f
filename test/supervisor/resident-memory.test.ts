import { describe, expect, test } from "vitest";
import { startIdle } from "../../bench/measure/idle-process.ts";
import { fromPs, residentBytes } from "../../src/supervisor/resident-memory.ts";

describe.each([
  ["this platform's probe", residentBytes],
  ["ps", fromPs],
])("resident memory by %s", (_, probe) => {
  test("is within the bounds of a process with some megabytes", async () => {
    const bytes = await probe(process.pid);
    expect(bytes).toBeGreaterThan(10 * 1024 * 1024);
    expect(bytes).toBeLessThan(16 * 1024 ** 3);
  });

  test("is null for a process that is gone", async () => {
    const brief = await startIdle(["true"]);
    await brief.stop();
    expect(await probe(brief.pid)).toBe(null);
  });
});
