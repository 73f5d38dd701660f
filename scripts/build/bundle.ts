/** Bundles one profile with esbuild into `lib/`: split, lazily loaded, with its native files. */
import { existsSync } from "node:fs";
import { copyFile, cp, mkdir, readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { build, type BuildOptions, type Metafile } from "esbuild";
import { portableFiles, targetAddons, type NativeFiles, type Target } from "./native-files.ts";
import type { Profile } from "./profiles.ts";

/** CommonJS that esbuild carries into a module still expects these three names. */
const banner =
  'import{createRequire as hakiriRequire}from"node:module";' +
  "const require=hakiriRequire(import.meta.url)," +
  "__dirname=import.meta.dirname,__filename=import.meta.filename;";

/** What a bundle was made of. */
export interface Bundle {
  readonly metafile: Metafile;
  /** Names in `lib/native`. */
  readonly nativeFiles: readonly string[];
}

/** What every bundle of hakiri is built with. */
export const bundleOptions = {
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node26",
  // Names stay: errors, traces and libraries that read `constructor.name` need them.
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: "none",
  banner: { js: banner },
  chunkNames: "[name]-[hash]",
  // Both only make their callers faster, are native, and are asked for in a `try`.
  external: ["msgpackr-extract", "@napi-rs/nice"],
  metafile: true,
  logLevel: "error",
} as const satisfies BuildOptions;

/** Writes the profile's bundle into the folder `lib`, which is made. */
export async function bundle(profile: Profile, target: Target, lib: string): Promise<Bundle> {
  const files: NativeFiles = new Map();
  const { metafile } = await build({
    ...bundleOptions,
    ...entriesOf(profile),
    outdir: lib,
    external: [...bundleOptions.external, ...profile.unbundled],
    plugins: [targetAddons(target, files), portableFiles(files, entryOf(profile))],
  });
  await finish(lib, files, metafile);
  for (const name of profile.unbundled) await copyPackage(name, target, lib);
  return { metafile, nativeFiles: [...files.keys()].toSorted() };
}

/** The profile's entries as esbuild takes them. */
export function entriesOf(profile: Profile): Pick<BuildOptions, "entryPoints"> {
  const entries = Object.entries(profile.entries);
  return { entryPoints: entries.map(([out, source]) => ({ in: source, out })) };
}

/** Answers the output name of a source file, or undefined where it is no entry of the profile. */
export function entryOf(profile: Profile): (sourceFile: string) => string | undefined {
  const entries = Object.entries(profile.entries);
  const names = new Map(entries.map(([name, source]) => [resolve(source), name]));
  return (source) => names.get(source);
}

/** Marks the folder as ESM and copies the collected files beside the bundle. */
export async function finish(lib: string, files: NativeFiles, metafile: Metafile): Promise<void> {
  await writeFile(join(lib, "package.json"), '{"type":"module"}\n');
  await copyNativeFiles(files, lib);
  await refuseMissingFiles(lib, metafile);
}

/** A file that the bundle names by URL and that isn't there would fail a user, not the build. */
async function refuseMissingFiles(lib: string, metafile: Metafile): Promise<void> {
  for (const output of Object.keys(metafile.outputs)) {
    const text = await readFile(output, "utf8");
    for (const [, name = ""] of text.matchAll(
      /new URL\(["'](\.[^"'$]+)["'],import\.meta\.url\)/g,
    )) {
      if (existsSync(join(lib, name))) continue;
      throw new Error(`${output} starts or reads ${name}, which is neither an entry nor copied`);
    }
  }
}

async function copyNativeFiles(files: NativeFiles, lib: string): Promise<void> {
  if (files.size === 0) return;
  await mkdir(join(lib, "native"), { recursive: true });
  for (const [name, source] of files) await copyFile(source, join(lib, "native", name));
}

async function copyPackage(pattern: string, target: Target, lib: string): Promise<void> {
  const name = pattern.replace("{platform}", `${target.platform}-${target.arch}`);
  await cp(join("node_modules", name), join(lib, "node_modules", name), { recursive: true });
}
