/** The releases of this platform under `dist`: made, or found again as the last build left them. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Metafile } from "esbuild";
import { archivesOf, archiveRelease, checksumLine } from "./archive.ts";
import { profileOf, type Profile, type ProfileName } from "./profiles.ts";
import { assemble, releaseFolder } from "./release.ts";

/** A release that stands in `dist`. */
export interface BuiltRelease {
  readonly profile: Profile;
  readonly metafile: Metafile;
  /** Paths, the tarball first. */
  readonly archives: readonly string[];
}

const target = { platform: process.platform, arch: process.arch };

/** Makes the named profiles' releases, and the checksums of all archives in `dist`. */
export async function buildReleases(
  names: readonly ProfileName[],
): Promise<readonly BuiltRelease[]> {
  mkdirSync("dist", { recursive: true });
  const made = [];
  for (const name of names) {
    made.push(await assemble(profileOf(name), target, releaseFolder(name, target)));
  }
  const built = await Promise.all(
    made.map(async (release): Promise<BuiltRelease> => {
      const { profile, metafile } = release;
      const archives = await archiveRelease(release);
      writeFileSync(record(profile), JSON.stringify(metafile));
      return { profile, metafile, archives };
    }),
  );
  await writeChecksums();
  return built;
}

/** The named profiles' releases as they were built last. Throws where one was not. */
export function builtReleases(names: readonly ProfileName[]): readonly BuiltRelease[] {
  return names.map((name) => {
    const profile = profileOf(name);
    const folder = releaseFolder(name, target);
    try {
      const metafile = JSON.parse(readFileSync(record(profile), "utf8")) as Metafile; // our own file
      return { profile, metafile, archives: archivesOf(profile, folder) };
    } catch (cause) {
      throw new Error(`expected ${folder} to be built; run 'npm run build'`, { cause });
    }
  });
}

/** What esbuild recorded of the bundle: the proof of what a release carries. */
function record(profile: Profile): string {
  return `dist/${profile.name}.metafile.json`;
}

async function writeChecksums(): Promise<void> {
  const archives = readdirSync("dist").filter((name) => /\.(tar\.zst|zip)$/.test(name));
  const lines = await Promise.all(
    archives.toSorted().map((name) => checksumLine(join("dist", name))),
  );
  writeFileSync("dist/SHA256SUMS", lines.join(""));
}
