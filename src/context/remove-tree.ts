/** Removes a folder of hakiri's own with all that is in it. */
import type { Filesystem } from "../core/ports/filesystem.ts";

/** Folders below the one that is removed; hakiri's temporary ones are not as deep. */
const depthMax = 8;

/** What was removed. */
export interface RemovedFile {
  readonly path: string;
  readonly sizeBytes: number;
}

/** The files below a folder, the deepest folders last; none where there is no such folder. */
export async function listTree(filesystem: Filesystem, folder: string): Promise<Tree> {
  const tree: Gathered = { files: [], folders: [] };
  await gather(filesystem, folder, tree, depthMax);
  return tree;
}

/** What lies in a folder. */
export interface Tree {
  readonly files: readonly RemovedFile[];
  /** Itself first, and each before what is in it. */
  readonly folders: readonly string[];
}

interface Gathered {
  readonly files: RemovedFile[];
  readonly folders: string[];
}

/**
 * Removes it, and whatever is gone already by the time. Not durable: after a power cut it may be
 * there again. What is deeper than hakiri makes stays.
 */
export async function removeTree(filesystem: Filesystem, folder: string): Promise<void> {
  const { files, folders } = await listTree(filesystem, folder);
  for (const { path } of files) await filesystem.unlink(path);
  for (const path of folders.toReversed()) await filesystem.removeFolder(path);
}

async function gather(
  filesystem: Filesystem,
  folder: string,
  into: Gathered,
  depth: number,
): Promise<void> {
  into.folders.push(folder);
  for (const name of await filesystem.list(folder)) {
    const path = `${folder}/${name}`;
    const stat = await filesystem.stat(path);
    if (stat === null) continue;
    if (stat.kind !== "folder") into.files.push({ path, sizeBytes: stat.sizeBytes });
    else if (depth > 0) await gather(filesystem, path, into, depth - 1);
  }
}
