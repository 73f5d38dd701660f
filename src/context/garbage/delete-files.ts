/**
 * Removes files that no retained snapshot holds.
 *
 *   Owns:    the steps from unreferenced to gone.
 *   Doesn't: decide what is unreferenced. The catalog does, when a file's last snapshot expires.
 *
 *   D1. A file is marked in the catalog, unlinked, durably gone, and only then forgotten. Whoever
 *       finds a marked file goes on from there, so a crash leaves nothing but work for the next.
 *   D2. A file stays for the grace after its last snapshot expired: plain DuckDB pins nothing.
 *   D3. Nothing is removed while somebody reads an expired snapshot under a pin.
 */
import {
  pageRowsMax,
  type CatalogQueries,
  type Pins,
  type UnreferencedFile,
} from "../../core/ports/catalog.ts";
import type { Filesystem } from "../../core/ports/filesystem.ts";
import { folderOf } from "../layout.ts";
import type { GarbageContext, GarbageOptions } from "./options.ts";
import type { Tally } from "./report.ts";

/** Most files of one command. */
const commandFilesMax = 256;

/** Removes them, counted as `files`; those that stay as `within_grace` or `pinned_expired`. */
export async function deleteFiles(
  context: GarbageContext,
  options: GarbageOptions,
  { nowMicros, tally }: { readonly nowMicros: bigint; readonly tally: Tally },
): Promise<void> {
  const { catalog, pins } = context;
  const before = nowMicros - options.graceMicros;
  const isPinned = await hasPinOnExpired(catalog, pins);
  let after = -1;
  for (;;) {
    options.signal.throwIfAborted();
    const page = await catalog.unreferenced(after);
    const due: UnreferencedFile[] = [];
    for (const file of page) {
      const isDue = file.deleting || BigInt(file.unreferencedSince) < before;
      if (isDue && !isPinned) due.push(file);
      else tally.add(isDue ? "pinned_expired" : "within_grace", file.sizeBytes);
    }
    for (let start = 0; start < due.length; start += commandFilesMax) {
      const files = due.slice(start, start + commandFilesMax);
      const gone = options.dryRun
        ? files
        : await removeFiles(context, files, { before, nowMicros });
      for (const { sizeBytes } of gone) tally.add("files", sizeBytes);
    }
    if (page.length < pageRowsMax) return;
    after = page.at(-1)?.fileId ?? after;
  }
}

async function hasPinOnExpired(
  catalog: Pick<CatalogQueries, "snapshotAt">,
  pins: Pins,
): Promise<boolean> {
  for (const sequence of pins.live()) {
    if ((await catalog.snapshotAt({ sequence })) === null) return true;
  }
  return false;
}

/** D1. Answers those that were removed. */
async function removeFiles(
  { catalog, publisher }: GarbageContext,
  files: readonly UnreferencedFile[],
  { before, nowMicros }: { readonly before: bigint; readonly nowMicros: bigint },
): Promise<readonly UnreferencedFile[]> {
  const answer = await catalog.apply<"mark_deleting">({
    kind: "mark_deleting",
    version: 1,
    fileIds: files.filter(({ deleting }) => !deleting).map(({ fileId }) => fileId),
    unreferencedBefore: String(before),
    at: String(nowMicros),
  });
  const marked = new Set(answer.marked);
  const gone = files.filter(({ deleting, fileId }) => deleting || marked.has(fileId));
  await unlinkDurably(
    publisher.filesystem,
    gone.map(({ path }) => path),
  );
  // Committed files are of runs that are over: nobody makes others beside them.
  const folders = new Set(gone.map(({ path }) => folderOf(path)));
  await removeEmptyFolders(publisher.filesystem, [
    ...folders,
    ...new Set([...folders].map(folderOf)),
  ]);
  const fileIds = gone.map(({ fileId }) => fileId);
  if (fileIds.length > 0) {
    await catalog.apply<"forget_files">({ kind: "forget_files", version: 1, fileIds });
  }
  return gone;
}

/** Removes names, some of which may be gone already, and makes that durable. */
export async function unlinkDurably(
  filesystem: Filesystem,
  paths: readonly string[],
): Promise<void> {
  for (const path of paths) await filesystem.unlink(path);
  for (const folder of new Set(paths.map(folderOf))) {
    if ((await filesystem.stat(folder)) !== null) await filesystem.syncFolder(folder);
  }
}

/** Removes those of the folders that are empty, in their order, and makes that durable. */
export async function removeEmptyFolders(
  filesystem: Filesystem,
  folders: readonly string[],
): Promise<void> {
  for (const folder of folders) {
    if (await filesystem.removeFolder(folder)) await filesystem.syncFolder(folderOf(folder));
  }
}
