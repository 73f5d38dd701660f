/**
 * `npm run build [-- PROFILE... | --package]`: makes each profile's folder and tarball under
 * `dist`, the Lambda zip of core, and the checksums of all. `--package` makes the npm package.
 */
import { statSync } from "node:fs";
import { parseArgs } from "node:util";
import { assemblePackage } from "./build/package.ts";
import { profileOf, profiles } from "./build/profiles.ts";
import { buildReleases } from "./build/releases.ts";

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { package: { type: "boolean" } },
});

const chosen = positionals.length === 0 ? profiles : positionals.map(profileOf);
const files =
  values.package === true
    ? [await assemblePackage("dist/package")]
    : (await buildReleases(chosen.map(({ name }) => name))).flatMap(({ archives }) => archives);
for (const file of files) console.log(`${(statSync(file).size / 1e6).toFixed(2)} MB  ${file}`);
