/** Compressed sizes: which compressor, with and without strip, and what weighs. */
import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync, mkdtempSync, readdirSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { profiles } from "../../../scripts/build/profiles.ts";
import { assemble } from "../../../scripts/build/release.ts";
import { installedBytes } from "../contents.ts";
import type { Releases } from "../unpack.ts";
import { markdownTable, megabytes } from "./markdown.ts";

const compressors: Readonly<Record<string, string>> = {
  "zstd -19": "zstd -19 -T1",
  "zstd -19 --long=27 (shipped)": "zstd -19 --long=27 -T1",
  "zstd --ultra -22": "zstd --ultra -22 -T1",
  "gz -9": "gzip -9",
  "xz -9e": "xz -9e -T1",
};

/** One row a profile and compressor, then one a file of core and full. */
export async function sizes(releases: Releases): Promise<string> {
  const rows: string[][] = [];
  for (const name of ["coord", "core", "full"] as const) {
    const { folder } = releases[name];
    const sizesOf = Object.values(compressors).map((command) => packed(folder, command));
    rows.push([name, megabytes(installedBytes(folder)), ...sizesOf.map(megabytes)]);
  }
  rows.push(await unstripped(releases));
  const all = markdownTable(["release", "installed MB", ...Object.keys(compressors)], rows);
  return `${all}\n\n${parts(releases)}`;
}

/** Bytes of the folder as a tar through a compressor, such as `gzip -9`. */
export function packed(folder: string, command: string): number {
  const script = 'tar --sort=name -C "$1" -cf - "$2" | $3 | wc -c';
  const [parent, name] = [dirname(folder), folder.slice(dirname(folder).length + 1)];
  const args = ["-c", script, "sh", parent, name, command];
  return Number(execFileSync("sh", args, { encoding: "utf8" }));
}

/** Enough to tell what strip saves; the others take minutes and say the same. */
const quick: ReadonlySet<string> = new Set(["zstd -19 --long=27 -T1", "gzip -9"]);

/** Core with all symbols. */
async function unstripped(releases: Releases): Promise<string[]> {
  const core = profiles.find((profile) => profile.name === "core");
  if (core === undefined) throw new Error("expected a profile core");
  const folder = join(dirname(releases.core.folder), "unstripped");
  const target = { platform: process.platform, arch: process.arch };
  await assemble(core, target, folder, { strip: "keep-symbols" });
  const cells = Object.values(compressors).map((command) =>
    quick.has(command) ? megabytes(packed(folder, command)) : "",
  );
  return ["core, not stripped", megabytes(installedBytes(folder)), ...cells];
}

/** What each large file weighs by itself under zstd -19. */
function parts(releases: Releases): string {
  const scratch = mkdtempSync(join(dirname(releases.core.folder), "parts-"));
  const files = [
    join(releases.core.folder, "bin/node"),
    ...natives(releases.core.folder),
    ...natives(releases.full.folder).filter((file) => !existsSync(inCore(file, releases))),
    join(releases.full.folder, "lib/node_modules/@esbuild/linux-x64/bin/esbuild"),
  ];
  const rows = files.map((file, i) => {
    const folder = join(scratch, String(i));
    execFileSync("mkdir", [folder]);
    copyFileSync(file, join(folder, "f"));
    return [
      file.slice(file.lastIndexOf("/") + 1),
      megabytes(statSync(file).size),
      megabytes(packed(folder, "zstd -19 -T1")),
    ];
  });
  return markdownTable(["file", "MB", "MB under zstd -19"], rows);
}

function natives(folder: string): readonly string[] {
  const native = join(folder, "lib/native");
  return readdirSync(native).map((name) => join(native, name));
}

function inCore(file: string, releases: Releases): string {
  return join(releases.core.folder, "lib/native", file.slice(file.lastIndexOf("/") + 1));
}
