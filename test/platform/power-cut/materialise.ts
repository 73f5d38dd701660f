/** Writes a possible disk into a real folder, for the real program to open. */
import { link, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Disk, DiskFile, DiskFolder } from "./disk.ts";

/**
 * Makes a folder, whose parent exists, with all that is on the disk; throws when the folder is
 * there already. Two names of one file are that again.
 */
export async function materialise(disk: Disk, folder: string): Promise<void> {
  await writeFolder(disk.root, folder, new Map());
}

async function writeFolder(
  node: DiskFolder,
  path: string,
  written: Map<DiskFile, string>,
): Promise<void> {
  await mkdir(path);
  for (const [name, below] of node.names) {
    const target = join(path, name);
    if (below.kind === "folder") {
      await writeFolder(below, target, written);
      continue;
    }
    const twin = written.get(below);
    if (twin === undefined) await writeFile(target, below.bytes);
    else await link(twin, target);
    written.set(below, target);
  }
}
