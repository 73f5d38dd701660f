/** What the filesystem says of a path that somebody typed. */
import { opendir, realpath, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { HakiriError } from "../core/error.ts";
import { nearest } from "../core/near-miss.ts";

/** Most names of a folder that are looked at for a near miss. */
const namesMax = 10_000;

/** What a path leads to, links followed; null for nothing. Throws Permanent `file.unreadable`. */
export async function kindOfPath(path: string): Promise<"file" | "folder" | "other" | null> {
  const found = await orNull(path, () => stat(path));
  if (found === null) return null;
  if (found.isFile()) return "file";
  return found.isDirectory() ? "folder" : "other";
}

/**
 * The path without links. Where its end doesn't exist that end is kept as it is, so that a file
 * that is gone is still the same file. Throws Permanent `file.unreadable`.
 */
export async function realPathOf(path: string): Promise<string> {
  const found = await orNull(path, () => realpath(path));
  if (found !== null) return found;
  const parent = dirname(path);
  return parent === path ? path : join(await realPathOf(parent), basename(path));
}

/**
 * What exists beside a path that doesn't: the name nearest to its own, or one that only has an
 * ending more. Where its folder doesn't exist either, the same of that folder. Null for none.
 */
export async function nearPath(path: string): Promise<string | null> {
  const folder = dirname(path);
  if (folder === path) return null;
  if ((await kindOfPath(folder)) !== "folder") return nearPath(folder);
  const name = basename(path);
  const names = (await namesIn(folder)).toSorted();
  const near = nearest(name, names) ?? names.find((other) => other.startsWith(`${name}.`));
  return near === undefined ? null : join(folder, near);
}

/** The first names of a folder, in no order. */
export async function namesIn(folder: string): Promise<readonly string[]> {
  const names: string[] = [];
  const entries = await orNull(folder, () => opendir(folder));
  if (entries === null) return names;
  for await (const entry of entries) {
    if (names.push(entry.name) >= namesMax) break;
  }
  return names;
}

const absent: ReadonlySet<unknown> = new Set(["ENOENT", "ENOTDIR", "ENAMETOOLONG"]);

/** What a look at a path gives; null where nothing is there. Throws Permanent `file.unreadable`. */
export async function orNull<T>(path: string, look: () => Promise<T>): Promise<T | null> {
  try {
    return await look();
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : null;
    if (absent.has(code)) return null;
    if (typeof code !== "string") throw error;
    throw new HakiriError(
      {
        kind: "Permanent",
        code: "file.unreadable",
        message: `expected to read '${path}', got ${code}`,
        hint: "check the owner and mode of that path and of the folders above it",
      },
      { cause: error },
    );
  }
}
