/** Polars beside full: what it would add in bytes and in memory. */
import { execFileSync } from "node:child_process";
import { copyFileSync, cpSync, mkdtempSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { startIdle } from "../../measure/idle-process.ts";
import type { Releases } from "../unpack.ts";
import { markdownTable, megabytes } from "./markdown.ts";
import { packed } from "./sizes.ts";

const version = "0.26.1";

const host = `
  const [folder, work] = process.argv.slice(1);
  if (work !== "nothing") {
    const { default: polars } = await import(folder + "/node_modules/nodejs-polars/bin/index.js");
    const frame = polars.DataFrame({ id: Array.from({ length: 100_000 }, (_, i) => i % 7) });
    const groups = frame.groupBy("id").len();
    if (groups.height !== 7) throw new Error("expected 7 groups, got " + groups.height);
  }
  setInterval(() => {}, 2 ** 30);
  (await import("node:fs")).writeSync(1, "idle\\n");
`;

/** The addon's size, raw and compressed, and a process's memory with and without it. */
export async function polars(releases: Releases): Promise<string> {
  const folder = mkdtempSync(join(dirname(releases.full.folder), "polars-"));
  writeFileSync(join(folder, "package.json"), "{}");
  execFileSync("npm", ["install", "--silent", "--ignore-scripts", `nodejs-polars@${version}`], {
    cwd: folder,
    stdio: "inherit",
  });
  const addon = addonBelow(join(folder, "node_modules"));
  execFileSync("strip", [addon]);
  const compressed = (command: string): number =>
    Number(
      execFileSync("sh", ["-c", `${command} -c "$1" | wc -c`, "sh", addon], { encoding: "utf8" }),
    );
  const without = await resident(releases, folder, "nothing");
  const withIt = await resident(releases, folder, "group");
  return markdownTable(
    ["what", "MB"],
    [
      [`nodejs-polars ${version}, addon, stripped`, megabytes(statSync(addon).size)],
      ["addon under zstd -19", megabytes(compressed("zstd -19"))],
      ["addon under gz -9", megabytes(compressed("gzip -9"))],
      ["full with the addon, under zstd -19 --long=27", megabytes(variant(releases, addon))],
      ["RSS of node, idle", megabytes(without)],
      ["RSS after one group-by of 100,000 rows, idle", megabytes(withIt)],
    ],
  );
}

/** Size of full's tarball had it the addon too. */
function variant(releases: Releases, addon: string): number {
  const folder = `${releases.full.folder}-polars`;
  cpSync(releases.full.folder, folder, { recursive: true });
  copyFileSync(addon, join(folder, "lib/native/polars.node"));
  return packed(folder, "zstd -19 --long=27 -T1");
}

async function resident(releases: Releases, folder: string, work: string): Promise<number> {
  const node = join(releases.full.folder, "bin/node");
  await using idle = await startIdle([node, "--input-type=module", "-e", host, "--", folder, work]);
  await idle.waitForLine(/^idle$/, { deadlineMs: 60_000 });
  return (await idle.readIdleMemory({ idleMs: 5000 })).rssBytes;
}

function addonBelow(folder: string): string {
  const found = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) =>
    name.endsWith(".node"),
  );
  const [name] = found;
  if (name === undefined) throw new Error(`expected an addon below ${folder}`);
  return join(folder, name);
}
