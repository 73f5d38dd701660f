/**
 * Files under their final name: durable, complete, and never written again.
 *
 *   Owns:    the steps from bytes to a durable name, and which folders are durable.
 *   Doesn't: decide that a file counts. A journal line or a manifest does, written after this.
 *
 * P1. A name appears only when every byte under it was fsynced; it never changes or is replaced.
 * P2. When `publish` resolves, the name is durable, and so is each folder above it.
 * P3. A folder that was there may be one that a dead process made and never fsynced, so the first
 *     use of each folder syncs it into its parent, whoever made it.
 * P4. Whatever fails or dies on the way leaves a `.tmp-` name or a file that nothing names.
 */
import { HakiriError } from "../core/error.ts";
import type { Filesystem, WritableFile } from "../core/ports/filesystem.ts";
import type { Random } from "../core/ports/random.ts";
import { sha256 } from "./digest.ts";
import { folderOf, temporaryPath } from "./layout.ts";

/** A file that stands under its name. */
export interface PublishedFile {
  /** Relative to `.hakiri/`. */
  readonly path: string;
  readonly sizeBytes: number;
  /** Of the whole file, lower-case hexadecimal. */
  readonly sha256: string;
}

/** A file that stands under its name and is still open at its end. */
export interface OpenPublished {
  readonly path: string;
  readonly file: WritableFile;
}

/** Publishes files below one root. Calls may overlap. */
export interface Publisher {
  readonly filesystem: Filesystem;
  readonly random: Random;
  /** Makes a folder and those above it, durably. Cheap for one that this publisher made before. */
  makeFolder(folder: string): Promise<void>;
  /**
   * Writes the pieces, in order, as a new file. Throws Permanent `store.name_taken` where the name
   * is taken, and what the filesystem throws.
   */
  publish(path: string, pieces: Iterable<Uint8Array>): Promise<PublishedFile>;
  /** As `publish`, and hands the file over open, for a writer that appends. */
  publishOpen(path: string, pieces: Iterable<Uint8Array>): Promise<OpenPublished>;
  /** Publishes what something else wrote under a temporary name in the same filesystem. */
  publishExisting(temporary: string, path: string): Promise<PublishedFile>;
}

/** A publisher over a filesystem whose root is the store's folder. */
export function createPublisher(filesystem: Filesystem, random: Random): Publisher {
  const durable = new Map<string, Promise<void>>();
  const makeFolder = (folder: string): Promise<void> => {
    if (folder === "") return Promise.resolve();
    const known = durable.get(folder);
    if (known !== undefined) return known;
    const made = makeDurably(filesystem, folder, makeFolder).catch((error: unknown) => {
      // The next caller tries again: what failed here is not known to be durable.
      durable.delete(folder);
      throw error;
    });
    durable.set(folder, made);
    return made;
  };
  const steps: Steps = { filesystem, random, makeFolder };
  return {
    ...steps,
    publish: (path, pieces) => publish(steps, path, pieces),
    publishOpen: async (path, pieces) => ({
      path,
      file: (await writeAndName(steps, path, pieces)).file,
    }),
    publishExisting: (temporary, path) => publishExisting(steps, temporary, path),
  };
}

type Steps = Pick<Publisher, "filesystem" | "random" | "makeFolder">;

/** P3. */
async function makeDurably(
  filesystem: Filesystem,
  folder: string,
  makeFolder: Publisher["makeFolder"],
): Promise<void> {
  const parent = folderOf(folder);
  await makeFolder(parent);
  await filesystem.makeFolder(folder);
  await filesystem.syncFolder(parent);
}

async function publish(
  steps: Steps,
  path: string,
  pieces: Iterable<Uint8Array>,
): Promise<PublishedFile> {
  const { file, sizeBytes, digest } = await writeAndName(steps, path, pieces);
  await file.close();
  return { path, sizeBytes, sha256: digest };
}

interface Written {
  readonly file: WritableFile;
  readonly sizeBytes: number;
  readonly digest: string;
}

async function writeAndName(
  steps: Steps,
  path: string,
  pieces: Iterable<Uint8Array>,
): Promise<Written> {
  await steps.makeFolder(folderOf(path));
  const temporary = temporaryPath(path, steps.random);
  const file = await steps.filesystem.create(temporary);
  try {
    const written = await writePieces(file, pieces);
    await giveName(steps.filesystem, temporary, path);
    return { file, ...written };
  } catch (error) {
    await abandon(steps.filesystem, file, temporary);
    throw error;
  }
}

async function writePieces(
  file: WritableFile,
  pieces: Iterable<Uint8Array>,
): Promise<Omit<Written, "file">> {
  const digest = sha256();
  let sizeBytes = 0;
  for (const piece of pieces) {
    await file.write(piece);
    digest.update(piece);
    sizeBytes += piece.byteLength;
  }
  await file.sync();
  return { sizeBytes, digest: digest.hex() };
}

async function publishExisting(
  { filesystem, makeFolder }: Steps,
  temporary: string,
  path: string,
): Promise<PublishedFile> {
  await makeFolder(folderOf(path));
  await filesystem.syncFile(temporary);
  const digest = sha256();
  let sizeBytes = 0;
  for await (const piece of filesystem.readPieces(temporary)) {
    digest.update(piece);
    sizeBytes += piece.byteLength;
  }
  await giveName(filesystem, temporary, path);
  return { path, sizeBytes, sha256: digest.hex() };
}

/** P1: a link refuses a taken name, which a rename would replace. */
async function giveName(filesystem: Filesystem, temporary: string, path: string): Promise<void> {
  if (!(await filesystem.link(temporary, path))) throw nameTaken(path);
  await filesystem.unlink(temporary);
  await filesystem.syncFolder(folderOf(path));
}

function nameTaken(path: string): HakiriError {
  return new HakiriError({
    kind: "Permanent",
    code: "store.name_taken",
    message: `expected no file under the new name '${path}', but there is one`,
    hint: "run 'hakiri doctor', then run the pipeline again: it gets new names",
  });
}

/** P4: the first failure is the one to tell; what can't be removed now is gc's. */
async function abandon(
  filesystem: Filesystem,
  file: WritableFile,
  temporary: string,
): Promise<void> {
  await Promise.allSettled([file.close(), filesystem.unlink(temporary)]);
}
