/**
 * `npm run build [-- PROFILE... | --package]`: makes each profile's folder and tarball under
 * `dist`, the Lambda zip of core, and the checksums of all. `--package` makes the npm package.
 */
import { mkdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { archiveRelease, checksumLine } from "./build/archive.ts";
import { assemblePackage } from "./build/package.ts";
import { profileOf, profiles } from "./build/profiles.ts";
import { assemble, releaseFolder, type Release } from "./build/release.ts";

const target = { platform: process.platform, arch: process.arch };
const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { package: { type: "boolean" } },
});

if (values.package === true) console.log(await assemblePackage("dist/package"));
else await release(positionals.length === 0 ? profiles.map((p) => p.name) : positionals);

async function release(names: readonly string[]): Promise<void> {
  mkdirSync("dist", { recursive: true });
  const made: Release[] = [];
  for (const name of names) {
    made.push(await assemble(profileOf(name), target, releaseFolder(name, target)));
  }
  const files = (await Promise.all(made.map(archiveRelease))).flat();
  const lines = await Promise.all(files.map(checksumLine));
  writeFileSync(join("dist", "SHA256SUMS"), lines.join(""));
  for (const file of files) console.log(`${(statSync(file).size / 1e6).toFixed(2)} MB  ${file}`);
}
