/** What tells whether anybody touched a file: its bytes, and which file it is. */
import { createHash } from "node:crypto";
import { readdir, readFile, stat } from "node:fs/promises";
import { join, relative } from "node:path";

/** By path below the folder, one text for each file. */
export type FileMarks = ReadonlyMap<string, string>;

/** Marks every file below a folder, but for those of SQLite, which nobody else may open. */
export async function markFiles(folder: string): Promise<FileMarks> {
  const marks = new Map<string, string>();
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const name = relative(folder, path);
    if (!entry.isFile() || /^(?:catalog\.sqlite|claims\/|pins\/)/u.test(name)) continue;
    const { ino, mtimeNs } = await stat(path, { bigint: true });
    const digest = createHash("sha256")
      .update(await readFile(path))
      .digest("hex");
    marks.set(name, `${ino} ${mtimeNs} ${digest}`);
  }
  return marks;
}

/** The files that are not as they were: changed, gone or new. */
export function touchedFiles(before: FileMarks, after: FileMarks): readonly string[] {
  const names = new Set([...before.keys(), ...after.keys()]);
  return [...names].filter((name) => before.get(name) !== after.get(name)).toSorted();
}
