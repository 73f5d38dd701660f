/** What a release carries: npm packages by the bundler's own record, their licences, the SBOM. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Metafile } from "esbuild";

/** Names of the npm packages of which at least one byte went into the bundle, sorted. */
export function bundledPackages(metafile: Metafile): readonly string[] {
  const names = new Set<string>();
  for (const output of Object.values(metafile.outputs)) {
    for (const [input, { bytesInOutput }] of Object.entries(output.inputs)) {
      const name = packageOf(input);
      if (name !== undefined && bytesInOutput > 0) names.add(name);
    }
  }
  return [...names].toSorted();
}

/** Inputs of the bundle that match a pattern; empty where the profile carries none of it. */
export function carried(metafile: Metafile, patterns: readonly RegExp[]): readonly string[] {
  return Object.keys(metafile.inputs).filter((input) =>
    patterns.some((pattern) => pattern.test(input)),
  );
}

/** `node_modules/a/node_modules/@b/c/d.js` is of `a/node_modules/@b/c`: where it is installed. */
function packageOf(input: string): string | undefined {
  return /(?:^|\/)node_modules\/((?:.*\/node_modules\/)?(?:@[^/]+\/)?[^/]+)\//.exec(input)?.[1];
}

/** Paths of all files below a folder, relative to it, sorted. */
export function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .toSorted();
}

interface PackageFacts {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  readonly folder: string;
}

/** Name, version and licence text of each package, for people. */
export function notices(packages: readonly string[]): string {
  return packages
    .map(factsOf)
    .map((facts) => `${facts.name} ${facts.version}, ${facts.license}\n\n${licenceText(facts)}\n`)
    .join(`\n${"-".repeat(80)}\n\n`);
}

/** The packages as a CycloneDX 1.6 document, without a date, so that equal builds are equal. */
export function sbom(profile: string, packages: readonly string[]): string {
  const { version } = factsAt("package.json");
  const components = packages.map(factsOf).map((facts) => ({
    type: "library",
    name: facts.name,
    version: facts.version,
    purl: `pkg:npm/${facts.name.replace("@", "%40")}@${facts.version}`,
    licenses: [{ expression: facts.license }],
  }));
  const component = { type: "application", name: `hakiri-${profile}`, version };
  const document = { bomFormat: "CycloneDX", specVersion: "1.6", metadata: { component } };
  return `${JSON.stringify({ ...document, components }, null, 1)}\n`;
}

function factsOf(name: string): PackageFacts {
  const folder = join("node_modules", name);
  return { ...factsAt(join(folder, "package.json")), folder };
}

function factsAt(file: string): Omit<PackageFacts, "folder"> {
  const parsed: unknown = JSON.parse(readFileSync(file, "utf8"));
  const facts = parsed as { name: string; version: string; license?: string }; // npm requires these
  // Written with a space by usearch, where SPDX has a hyphen.
  const license = (facts.license ?? "NOASSERTION").replace(/^Apache 2\.0$/, "Apache-2.0");
  return { name: facts.name, version: facts.version, license };
}

function licenceText(facts: PackageFacts): string {
  const files = readdirSync(facts.folder).filter((name) =>
    /^(licen[cs]e|copying|notice)/i.test(name),
  );
  if (files.length === 0) return "(the package carries no licence text)";
  return files.map((name) => readFileSync(join(facts.folder, name), "utf8").trim()).join("\n\n");
}
