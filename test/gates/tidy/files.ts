/**
 * What git should and should not carry: no large blobs, no file nobody imports.
 */
import { importsOf, resolveImport } from "../imports.ts";
import { isTypeScript, topFolder, type TreeFile } from "../tree.ts";
import type { Check } from "./check.ts";

const blobBytesMax = 512 * 1024;

/** A clone stays small; bigger material is made by a script or fetched by a bench. */
export const blobs: Check = {
  claim: "no file is bigger than 512 KiB",
  floor: 50,
  looksAt: () => true,
  find: (files) =>
    files
      .filter(({ sizeBytes }) => sizeBytes > blobBytesMax)
      .map(({ path, sizeBytes }) => `${path}: has ${String(sizeBytes)} bytes`),
};

const entryPatterns: readonly RegExp[] = [
  /^src\/profiles\/[^/]+\.ts$/u,
  /^scripts\/[^/]+\.ts$/u,
  /^bench\/main\.ts$/u,
  /^bench\/lanes\/[^/]+\.ts$/u,
  /^bench\/footprint\/(?:main|study)\.ts$/u,
  /^connectors\/examples\/[^/]+\/[^/]+\.ts$/u,
  /^sdk\//u,
  /\.test\.ts$/u,
  /\.config\.ts$/u,
  /\.d\.ts$/u,
];

/** Every module is an entry, or reached from one by imports. */
export const deadFiles: Check = {
  claim: "each module is reached from a profile, a script, a bench or a test",
  floor: 40,
  looksAt: isTypeScript,
  find: (files) => {
    const reached = reachable(files);
    return files
      .filter(({ path }) => !reached.has(path))
      .map(({ path }) => `${path}: nothing that runs imports it`);
  },
};

function reachable(files: readonly TreeFile[]): ReadonlySet<string> {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const paths = new Set(byPath.keys());
  const reached = new Set<string>();
  const pending = [...paths].filter((path) => entryPatterns.some((entry) => entry.test(path)));
  for (let path = pending.pop(); path !== undefined; path = pending.pop()) {
    const file = byPath.get(path);
    if (file === undefined || reached.has(path)) continue;
    reached.add(path);
    pending.push(...targetsOf(file, paths));
  }
  return reached;
}

function targetsOf(file: TreeFile, paths: ReadonlySet<string>): string[] {
  const imported = importsOf(file)
    .map((entry) => resolveImport(file.path, entry.specifier, paths))
    .flatMap((target) => (target.kind === "file" ? [target.path] : []));
  return [...imported, ...namedByString(file, paths)];
}

/** A child process is named by a string, whole or from its folder on: `join(here, "guest.ts")`. */
function namedByString(file: TreeFile, paths: ReadonlySet<string>): string[] {
  const names = [...file.text.matchAll(/["'`](\w[\w./-]*\.ts)["'`]/gu)].flatMap(
    (match) => match[1] ?? [],
  );
  if (names.length === 0) return [];
  const isNear = (path: string): boolean => topFolder(path) === topFolder(file.path);
  return [...paths].filter((path) =>
    names.some((name) => path === name || (isNear(path) && path.endsWith(`/${name}`))),
  );
}
