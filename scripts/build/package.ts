/**
 * The npm package: profile full as a bundle that runs on every platform, with native libraries as
 * its only dependencies. It has a folder of its own, since npm can't drop at packing what the
 * tree's package.json needs for development.
 */
import { execFileSync } from "node:child_process";
import { copyFileSync, cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { bundledPackages, notices, sbom } from "./inventory.ts";
import { bundleOptions, entriesOf, entryOf, finish } from "./bundle.ts";
import { portableFiles, type NativeFiles } from "./native-files.ts";
import { profileOf } from "./profiles.ts";

/** What only npm can place for each platform; all else is in the bundle. */
const nativePackages = [
  "@duckdb/node-bindings",
  "better-sqlite3",
  "componentize-qjs",
  "esbuild",
  "usearch",
] as const;

/** Writes the package into `folder`, which is emptied first, and answers its tarball's path. */
export async function assemblePackage(folder: string): Promise<string> {
  const profile = profileOf("full");
  const files: NativeFiles = new Map();
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(join(folder, "bin"), { recursive: true });
  const { metafile } = await build({
    ...bundleOptions,
    ...entriesOf(profile),
    outdir: join(folder, "lib"),
    external: [...bundleOptions.external, ...nativePackages],
    plugins: [portableFiles(files, entryOf(profile))],
  });
  await finish(join(folder, "lib"), files, metafile);
  cpSync("bin/hakiri", join(folder, "bin/hakiri"));
  for (const name of ["LICENSE", "CHANGELOG.md"]) copyFileSync(name, join(folder, name));
  const packages = bundledPackages(metafile);
  writeFileSync(join(folder, "THIRD-PARTY.txt"), notices(packages));
  writeFileSync(join(folder, "sbom.cdx.json"), sbom("npm", packages));
  writeFileSync(join(folder, "README.md"), readme);
  writeFileSync(join(folder, "package.json"), `${JSON.stringify(manifest(), null, 2)}\n`);
  const packed = execFileSync("npm", ["pack", "--silent", "--pack-destination", ".."], {
    cwd: folder,
    encoding: "utf8",
  });
  return join(folder, "..", packed.trim());
}

/** For people who install the package; the tree's own README is for those who build it. */
const readme = `# hakiri

An agent-native, local-first data ingestion engine. Needs Node 26 or newer on Linux; macOS is
untested.

\`\`\`sh
npx hakiri doctor
npx hakiri --help
\`\`\`
`;

function manifest(): object {
  const { name, version, description, license, type, engines, bin } = readManifest("package.json");
  const dependencies = Object.fromEntries(
    nativePackages.map((native) => [
      native,
      readManifest(join("node_modules", native, "package.json"))["version"],
    ]),
  );
  return { name, version, description, license, type, engines, bin, dependencies };
}

function readManifest(file: string): Readonly<Record<string, unknown>> {
  return JSON.parse(readFileSync(file, "utf8")) as Record<string, unknown>; // npm wrote it
}
