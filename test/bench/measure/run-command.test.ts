import { describe, expect, test } from "vitest";

import { runMeasured } from "../../../bench/measure/run-command.ts";
import { endsSoon } from "./ends-soon.ts";

const node = process.execPath;
const deadlineMs = 50_000;

/** A bounded amount of work: about a second of CPU where a start of node takes 30 ms. */
const BURN =
  "let x = 1; for (let i = 0; i < 2e8; i++) x = (x * 31 + i) | 0; process.exitCode = x & 0";

describe("CPU time", () => {
  test("the CPU time of a grandchild is counted", async () => {
    const spawner = `require("node:child_process").spawnSync(process.execPath, ["-e", process.argv[1]])`;
    const busy = await runMeasured([node, "-e", spawner, BURN], { deadlineMs });
    const idle = await runMeasured([node, "-e", spawner, "0"], { deadlineMs });
    expect(busy.exitCode).toBe(0);
    expect(busy.cpuMs).toBeGreaterThan(5 * idle.cpuMs);
  });

  test("it is user and system time together, and a run doesn't inherit that of the run before", async () => {
    const busy = await runMeasured([node, "-e", BURN], { deadlineMs });
    const after = await runMeasured([node, "-e", "0"], { deadlineMs });
    expect(busy.cpuMs).toBeCloseTo(busy.userMs + busy.systemMs, 6);
    expect(busy.cpuMs).toBeGreaterThan(5 * after.cpuMs);
  });
});

describe("peak memory", () => {
  const touch200Mb = "Buffer.alloc(200e6, 1)";

  test("200 MB that a child touches and drops are in its peak", async () => {
    const big = await runMeasured([node, "-e", touch200Mb], { deadlineMs });
    const small = await runMeasured([node, "-e", "0"], { deadlineMs });
    expect(big.peakTreeRssBytes).toBeGreaterThan(200e6);
    expect(big.peakTreeRssBytes).toBeLessThan(400e6);
    expect(small.peakTreeRssBytes).toBeLessThan(150e6);
  });

  test("a grandchild's memory is in the peak of the tree", async () => {
    const spawner = `require("node:child_process").spawnSync(process.execPath, ["-e", process.argv[1]])`;
    const run = await runMeasured([node, "-e", spawner, touch200Mb], { deadlineMs });
    expect(run.peakTreeRssBytes).toBeGreaterThan(200e6);
  });

  test("it is null when nobody looked", async () => {
    const run = await runMeasured([node, "-e", "0"], { deadlineMs, memoryEveryMs: 0 });
    expect(run.peakTreeRssBytes).toBeNull();
  });
});

describe("ending", () => {
  test("an exit code is a result", async () => {
    const run = await runMeasured(["sh", "-c", "exit 7"], { deadlineMs });
    expect(run).toMatchObject({ exitCode: 7, signal: null, isTimedOut: false });
  });

  test("a signal is a result", async () => {
    const run = await runMeasured(["sh", "-c", "kill -USR1 $$"], { deadlineMs });
    expect(run).toMatchObject({ exitCode: null, signal: "SIGUSR1", isTimedOut: false });
  });

  test("the deadline kills the command and its children", async () => {
    const script = "sleep 600 & echo $!; wait";
    const run = await runMeasured(["sh", "-c", script], { deadlineMs: 500 });
    expect(run).toMatchObject({ exitCode: null, signal: "SIGKILL", isTimedOut: true });
    // A lower bound only: it shows the unit, and no busy machine can break it.
    expect(run.wallMs).toBeGreaterThan(490);
    expect(await endsSoon(Number(run.stdout))).toBe(true);
  });

  test("a child left behind is killed when the command ends", async () => {
    const run = await runMeasured(["sh", "-c", "sleep 600 & echo $!"], { deadlineMs });
    expect(run).toMatchObject({ exitCode: 0, isTimedOut: false });
    expect(await endsSoon(Number(run.stdout))).toBe(true);
  });

  test("a program that doesn't exist is an error that names it", async () => {
    const run = runMeasured(["no-such-program-here"], { deadlineMs });
    await expect(run).rejects.toThrow(/can't start no-such-program-here: .*ENOENT/);
  });

  test("a second command at the same time is refused, and the first is not disturbed", async () => {
    const first = runMeasured(["sh", "-c", "echo first"], { deadlineMs });
    await expect(runMeasured(["true"], { deadlineMs })).rejects.toThrow(/one measured command/);
    expect((await first).stdout).toBe("first\n");
    expect((await runMeasured(["true"], { deadlineMs })).exitCode).toBe(0);
  });
});

describe("input and output", () => {
  test("stdin, working directory and environment reach the command", async () => {
    const run = await runMeasured(["sh", "-c", 'cat; pwd; echo "$WORD" >&2'], {
      deadlineMs,
      stdin: "from stdin\n",
      cwd: "/",
      env: { ...process.env, WORD: "from env" },
    });
    expect(run.stdout).toBe("from stdin\n/\n");
    expect(run.stderr).toBe("from env\n");
  });

  test("output is kept up to its bound and counted beyond it", async () => {
    const print = (sizeBytes: number) => [
      node,
      "-e",
      `process.stdout.write("x".repeat(${sizeBytes}))`,
    ];
    const options = { deadlineMs, outputBytesMax: 100_000 };
    const exact = await runMeasured(print(100_000), options);
    expect([exact.stdout.length, exact.stdoutBytes]).toEqual([100_000, 100_000]);
    const over = await runMeasured(print(100_001), options);
    expect([over.stdout.length, over.stdoutBytes]).toEqual([100_000, 100_001]);
  });

  test("a command may be pinned to a CPU", async () => {
    const script = "grep Cpus_allowed_list /proc/self/status";
    const run = await runMeasured(["sh", "-c", script], { deadlineMs, cpus: "0" });
    expect(run.stdout).toMatch(/\s0\n$/);
  });
});
