/** Archives: the release as a compressed tar, the Lambda zip, and their checksums. */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { createReadStream, createWriteStream, renameSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { constants, createZstdCompress } from "node:zlib";
import { ZipFile } from "yazl";
import { filesBelow } from "./inventory.ts";
import type { Profile } from "./profiles.ts";
import type { Release } from "./release.ts";

/** Archives one release beside its folder and answers the archives' paths, the tarball first. */
export async function archiveRelease({ profile, folder }: Release): Promise<readonly string[]> {
  const archives = archivesOf(profile, folder);
  const [tarball = "", zip] = archives;
  await whole(tarball, (file) => archiveTarZst(folder, file));
  if (zip !== undefined) await whole(zip, (file) => archiveZip(join(folder, "lib"), file));
  return archives;
}

/** An archive gets its name once it is complete: an interrupted build leaves the old one. */
async function whole(file: string, write: (file: string) => Promise<number>): Promise<void> {
  await write(`${file}.part`);
  renameSync(`${file}.part`, file);
}

/** Where a release's archives are, the tarball first; core has a zip for Lambda too. */
export function archivesOf(profile: Profile, folder: string): readonly string[] {
  const tarball = `${folder}.tar.zst`;
  return profile.name === "core" ? [tarball, `${folder}-lambda.zip`] : [tarball];
}

/** 128 MiB: the largest window that `zstd -d` accepts without a flag. */
const windowLog = 27;

/**
 * Writes the folder as a tar with zstd -19 and long-distance matching, and answers its size in
 * bytes. Equal folders give equal bytes: names sorted, times zero, owner root.
 */
export async function archiveTarZst(folder: string, file: string): Promise<number> {
  const tar = spawn(
    "tar",
    [...reproducible, "-C", join(folder, ".."), "-cf", "-", basename(folder)],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  const ended = new Promise<number | null>((resolve, reject) => {
    tar.once("error", reject);
    tar.once("close", resolve);
  });
  const compress = createZstdCompress({
    params: {
      [constants.ZSTD_c_compressionLevel]: 19,
      [constants.ZSTD_c_enableLongDistanceMatching]: 1,
      [constants.ZSTD_c_windowLog]: windowLog,
    },
  });
  await pipeline(tar.stdout, compress, createWriteStream(file));
  if ((await ended) !== 0) throw new Error(`expected tar to archive ${folder}, it failed`);
  return statSync(file).size;
}

/** Nothing of the machine that packs: no order of its folders, no time, no user, no umask. */
const reproducible = [
  "--format=ustar",
  "--sort=name",
  "--mtime=@0",
  "--mode=u=rwX,go=rX",
  "--owner=0",
  "--group=0",
  "--numeric-owner",
];

/** Writes the folder's files as a zip, deflated, and answers its size in bytes. */
export async function archiveZip(folder: string, file: string): Promise<number> {
  const zip = new ZipFile();
  // A zip tells local time, so a local date is the same everywhere.
  const mtime = new Date(2000, 0, 1);
  for (const name of filesBelow(folder)) {
    zip.addFile(join(folder, name), name, {
      mtime,
      mode: 0o100644,
      compressionLevel: 9,
      forceDosTimestamp: true,
    });
  }
  zip.end();
  await pipeline(zip.outputStream, createWriteStream(file));
  return statSync(file).size;
}

/** One line in the form that `sha256sum -c` reads. */
export async function checksumLine(file: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(file), hash);
  return `${hash.digest("hex")}  ${basename(file)}\n`;
}
