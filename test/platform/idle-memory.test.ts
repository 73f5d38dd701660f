/** What may be unmapped, and a process that lives on after it was. */
import { spawnSync } from "node:child_process";
import { resolve } from "node:path";
import { expect, test } from "vitest";
import { z } from "zod";
import { executableRanges } from "../../src/platform/idle-memory.ts";

test("only private executable code of files may go", () => {
  const maps = [
    "00400000-0082e000 r--p 00000000 fe:00 123 /opt/node",
    "0082e000-03489000 r-xp 0042e000 fe:00 123 /opt/node",
    "072a7000-07308000 rw-p 06ea7000 fe:00 123 /opt/node",
    "2f2e0000-2f3e0000 r-xp 00000000 00:00 0 ",
    "7f0000000000-7f0000002000 r-xp 00000000 00:00 0 [vdso]",
    "7f1000000000-7f1000002000 r-xs 00000000 fe:00 124 /opt/shared",
    "7f2000000000-7f2000002000 rwxp 00000000 fe:00 125 /opt/written",
    "7f3000000000-7f3000001000 r-xp 00001000 fe:00 126 /opt/a file.so",
  ].join("\n");
  expect(executableRanges(maps)).toEqual([
    [0x82e000n, 0x3489000n],
    [0x7f3000000000n, 0x7f3000001000n],
  ]);
});

const report = z.object({
  trim: z.object({ kind: z.string(), mappedBytes: z.number() }),
  before: z.number(),
  after: z.number(),
  expected: z.number(),
  again: z.array(z.union([z.number(), z.string()])),
});

const script = `
  import { trimIdleMemory } from ${JSON.stringify(resolve("src/platform/idle-memory.ts"))};
  import { readFileSync } from "node:fs";
  const fileKb = () => Number(/RssFile:\\s+(\\d+)/.exec(readFileSync("/proc/self/status", "utf8"))[1]);
  const work = () => JSON.stringify(Array.from({ length: 1e5 }, (_, i) => [i, String(i)])).length;
  const expected = work();
  const before = fileKb();
  const trim = await trimIdleMemory();
  const after = fileKb();
  const again = [work(), work(), (await trimIdleMemory()).kind, work()];
  console.log(JSON.stringify({ trim, before, after, expected, again }));
`;

test.runIf(process.platform === "linux")(
  "a trimmed process holds less, works on as before, and can be trimmed again",
  () => {
    const flags = ["--disable-warning=ExperimentalWarning", "--input-type=module"];
    const { stdout, stderr } = spawnSync(process.execPath, [...flags, "-e", script], {
      encoding: "utf8",
    });
    expect(stderr).toBe("");
    const { trim, before, after, expected, again } = report.parse(JSON.parse(stdout));
    expect(trim.kind).toBe("trimmed");
    expect(trim.mappedBytes).toBeGreaterThan(10e6);
    expect(after).toBeLessThan(before);
    expect(again).toEqual([expected, expected, "trimmed", expected]);
  },
);
