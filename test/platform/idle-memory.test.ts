/** What may be unmapped, and a process that lives on after it was. */
import { spawnSync } from "node:child_process";
import { resolve } from "node:path";
import { expect, test } from "vitest";
import { z } from "zod";
import { droppableRanges } from "../../src/platform/idle-memory.ts";

const own =
  "Private_Dirty:         4 kB\nAnonymous:             4 kB\nSwap:                  0 kB\n";
const swapped =
  "Private_Dirty:     0 kB\nAnonymous:             0 kB\nSwap:                  4 kB\n";
const none =
  "Private_Dirty:        0 kB\nAnonymous:             0 kB\nSwap:                  0 kB\n";
const installed =
  "Private_Dirty:   4 kB\nAnonymous:             0 kB\nSwap:                  0 kB\n";

test("only private code of files goes, and only where no page is the process's own copy", () => {
  const smaps = [
    `00400000-0082e000 r--p 00000000 fe:00 123 /opt/node\n${none}`,
    `0082e000-03489000 r-xp 0042e000 fe:00 123          /opt/node\nRss: 9 kB\n${none}`,
    `072a7000-07308000 rw-p 06ea7000 fe:00 123 /opt/node\n${own}`,
    `2f2e0000-2f3e0000 r-xp 00000000 00:00 0 \n${none}`,
    `7f0000000000-7f0000002000 r-xp 00000000 00:00 0 [vdso]\n${none}`,
    `7f1000000000-7f1000002000 r-xs 00000000 fe:00 124 /opt/shared\n${none}`,
    `7f2000000000-7f2000002000 rwxp 00000000 fe:00 125 /opt/written\n${none}`,
    `7f2800000000-7f2800002000 r-xp 00000000 fe:00 127 /opt/relocated.so\n${own}`,
    `7f2900000000-7f2900002000 r-xp 00000000 fe:00 128 /opt/swapped.so\n${swapped}`,
    `7f2a00000000-7f2a00002000 r-xp 00000000 fe:00 129 /opt/installed.so\n${installed}`,
    `7f3000000000-7f3000001000 r-xp 00001000 fe:00 126 /opt/a file.so\n${none}`,
  ].join("");
  expect(droppableRanges(smaps)).toEqual([
    [0x82e000n, 0x3489000n],
    [0x7f2a00000000n, 0x7f2a00002000n],
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
