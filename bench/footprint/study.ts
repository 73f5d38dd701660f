/**
 * `npm run footprint:study -- SECTION...`: what was tried on the way to the budgets, as Markdown
 * tables for docs/footprint.md. Sections: sizes, memory, start, polars. Takes the releases that
 * `npm run footprint` left in `dist`, and needs zstd, gzip, xz and strip; polars needs npm's
 * registry. Minutes each, so no part of CI.
 */
import { rmSync } from "node:fs";
import { releaseFolder } from "../../scripts/build/release.ts";
import type { ProfileName } from "../../scripts/build/profiles.ts";
import { emptyFolder, unpack, type Releases, type Unpacked } from "./unpack.ts";

const sections: Readonly<Record<string, () => Promise<(releases: Releases) => Promise<string>>>> = {
  sizes: async () => (await import("./study/sizes.ts")).sizes,
  memory: async () => (await import("./study/memory.ts")).memory,
  start: async () => (await import("./study/start.ts")).start,
  polars: async () => (await import("./study/polars.ts")).polars,
};

const names = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(sections);
const target = { platform: process.platform, arch: process.arch };
const parent = emptyFolder();
try {
  const release = (name: ProfileName): Promise<Unpacked> =>
    unpack(`${releaseFolder(name, target)}.tar.zst`, parent);
  const releases = {
    coord: await release("coord"),
    core: await release("core"),
    full: await release("full"),
  };
  for (const name of names) {
    const load = sections[name];
    if (load === undefined) {
      throw new Error(`expected a section (${Object.keys(sections).join(", ")}), got '${name}'`);
    }
    const section = await load();
    console.log(`## ${name}\n\n${await section(releases)}\n`);
  }
} finally {
  rmSync(parent, { recursive: true, force: true });
}
