/** Unpacks releases into an empty folder, as a user would who has neither npm nor node. */
import { execFileSync } from "node:child_process";
import { createReadStream, createWriteStream, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createZstdDecompress } from "node:zlib";
import type { ProfileName } from "../../scripts/build/profiles.ts";

/** An unpacked release and the environment to run it in. */
export interface Unpacked {
  readonly folder: string;
  /** A PATH that leads nowhere, and a home of its own. */
  readonly env: Readonly<Record<string, string>>;
}

/** All three releases, unpacked. */
export type Releases = Readonly<Record<ProfileName, Unpacked>>;

/** A new folder for this run of the gate; its name has a space, as users' folders do. */
export function emptyFolder(): string {
  return mkdtempSync(join(tmpdir(), "hakiri footprint "));
}

/** Unpacks a tarball into `parent` and proves that what comes out starts. */
export async function unpack(tarball: string, parent: string): Promise<Unpacked> {
  // By a file, not a pipe: tar may close its end before the last padding is written.
  const tar = join(parent, "release.tar");
  await pipeline(createReadStream(tarball), createZstdDecompress(), createWriteStream(tar));
  execFileSync("tar", ["-C", parent, "-xf", tar]);
  rmSync(tar);
  const folder = join(parent, basename(tarball, ".tar.zst"));
  const home = join(parent, "home");
  mkdirSync(join(home, "empty"), { recursive: true });
  const env = { PATH: join(home, "empty"), HOME: home, TMPDIR: parent };
  execFileSync(join(folder, "bin/hakiri"), ["doctor"], {
    env,
    stdio: ["ignore", "ignore", "inherit"],
  });
  return { folder, env };
}
