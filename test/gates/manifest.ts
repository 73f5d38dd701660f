/**
 * The shapes of package.json and package-lock.json, as far as the gates read them.
 */
import { z } from "zod";
import type { TreeFile } from "./tree.ts";

const versions = z.record(z.string(), z.string()).default({});

/** npm writes one platform as a word and several as a list. */
const words = z
  .union([z.string(), z.array(z.string())])
  .transform((value) => (typeof value === "string" ? [value] : value))
  .default([]);

const manifestShape = z.object({
  type: z.string().optional(),
  engines: z.record(z.string(), z.string()).default({}),
  bin: z.record(z.string(), z.string()).default({}),
  files: z.array(z.string()).default([]),
  scripts: z.record(z.string(), z.string()).default({}),
  dependencies: versions,
  devDependencies: versions,
  optionalDependencies: versions,
  // A nested override is a record, which the gate refuses: it parses here and is reported there.
  overrides: z.record(z.string(), z.unknown()).default({}),
});

const lockedShape = z.object({
  version: z.string().optional(),
  resolved: z.string().optional(),
  integrity: z.string().optional(),
  link: z.boolean().default(false),
  dev: z.boolean().default(false),
  license: z.string().optional(),
  hasInstallScript: z.boolean().default(false),
  os: words,
  cpu: words,
  libc: words,
  dependencies: versions,
  devDependencies: versions,
  optionalDependencies: versions,
});

const lockShape = z.object({ packages: z.record(z.string(), lockedShape) });

/** package.json. */
export type Manifest = z.infer<typeof manifestShape>;
/** One package of package-lock.json; the one under the empty path is the project itself. */
export type LockedPackage = z.infer<typeof lockedShape>;
/** package-lock.json: packages by the path of their folder. */
export type Lock = z.infer<typeof lockShape>;

/** Parses the text of package.json. */
export function parseManifest(text: string): Manifest {
  return manifestShape.parse(JSON.parse(text));
}

/** Parses the text of package-lock.json. */
export function parseLock(text: string): Lock {
  return lockShape.parse(JSON.parse(text));
}

/** Reads one file of the tree, or throws. */
export function textOf(tree: readonly TreeFile[], path: string): string {
  const file = tree.find((candidate) => candidate.path === path);
  if (file === undefined) throw new Error(`${path} is not in the tree`);
  return file.text;
}

/** The name of a locked package, from the last `node_modules` of its path. */
export function lockedName(path: string): string {
  return path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length);
}

/** The locked packages without the project itself. */
export function lockedPackages(lock: Lock): readonly (readonly [string, LockedPackage])[] {
  return Object.entries(lock.packages).filter(([path]) => path !== "");
}
