/**
 * The tree that the gates look at: every file that git tracks or would track, read once.
 *
 * A gate never walks the disk itself, so that ignored folders (node_modules, dist) can't hide in
 * its count. Where there is no git, or no checkout of it, the disk is walked here by .gitignore.
 */
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

/**
 * One file: `path` is relative to the root with forward slashes, `text` is empty for a binary
 * file.
 */
export interface TreeFile {
  readonly path: string;
  readonly text: string;
  readonly sizeBytes: number;
}

/** The root folder of the checkout. */
export const rootFolder = join(import.meta.dirname, "../..");

/** The folders whose .ts files are the project's own code. */
export const codeFolders = ["src", "connectors", "sdk", "bench", "scripts", "test"] as const;

/** Makes a file of a planted tree, as the canaries use it. */
export function plantedFile(path: string, text: string): TreeFile {
  return { path, text, sizeBytes: Buffer.byteLength(text) };
}

/**
 * Lists the paths git tracks, or with `untracked` those it neither tracks nor ignores. Undefined
 * where there is no git, or the folder is no checkout of its own.
 */
export function listGitPaths(
  which: "tracked" | "untracked",
  root: string = rootFolder,
): string[] | undefined {
  if (!existsSync(join(root, ".git"))) return undefined;
  const flags = which === "tracked" ? ["--cached"] : ["--others", "--exclude-standard"];
  // safe.directory: the checkout may belong to another user than the one who runs the tests.
  const command = ["-c", "safe.directory=*", "-C", root, "ls-files", "-z", ...flags];
  const { stdout, status } = spawnSync("git", command, { encoding: "utf8", maxBuffer: listingMax });
  return status === 0 ? stdout.split("\0").filter((path) => path !== "") : undefined;
}

/** Lists the paths below the root that no line of its .gitignore names. */
export function listUnignoredPaths(root: string = rootFolder): string[] {
  const lines = readFileSync(join(root, ".gitignore"), "utf8").split("\n");
  const ignored = lines
    .map((line) => line.trim().replace(/\/$/u, ""))
    .filter((line) => line !== "");
  const isIgnored = (name: string): boolean =>
    name === ".git" ||
    ignored.some((line) => (line.startsWith("*") ? name.endsWith(line.slice(1)) : name === line));
  const walk = (folder: string): string[] =>
    readdirSync(join(root, folder), { withFileTypes: true })
      .filter((entry) => !isIgnored(entry.name))
      .flatMap((entry) => {
        const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
        return entry.isDirectory() ? walk(path) : [path];
      });
  return walk("").toSorted();
}

const listingMax = 64 * 1024 * 1024;

let cachedTree: readonly TreeFile[] | undefined;

/**
 * Reads every tracked and every new file that is not ignored, sorted by path. Cached per test
 * file.
 */
export function readTree(): readonly TreeFile[] {
  cachedTree ??= [...new Set(treePaths())]
    .filter((path) => existsSync(join(rootFolder, path)))
    .filter((path) => statSync(join(rootFolder, path)).isFile())
    .toSorted()
    .map(readTreeFile);
  return cachedTree;
}

function treePaths(): readonly string[] {
  const [tracked, untracked] = [listGitPaths("tracked"), listGitPaths("untracked")];
  if (tracked === undefined || untracked === undefined) return listUnignoredPaths();
  return [...tracked, ...untracked];
}

function readTreeFile(path: string): TreeFile {
  const bytes = readFileSync(join(rootFolder, path));
  return { path, text: bytes.includes(0) ? "" : bytes.toString("utf8"), sizeBytes: bytes.length };
}

/**
 * Whether the path is TypeScript of the project: code, tests or a configuration file at the root.
 */
export function isTypeScript(path: string): boolean {
  return path.endsWith(".ts");
}

/** The first segment of a path: `src/core/error.ts` is in `src`. */
export function topFolder(path: string): string {
  return path.split("/")[0] ?? "";
}
