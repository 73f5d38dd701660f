/**
 * The filesystem port on node:fs, below one folder.
 *
 *   Owns:    paths from the root on, and which refusals of the system are answers.
 *   Doesn't: follow a path out of its root by its text. A symbolic link that a user put inside is
 *            followed, as the rights of the process allow.
 *   Don't read through it what SQLite has open in this process: closing any handle of a file drops
 *   all POSIX locks that the process holds on it (fcntl(2), "Advisory record locking").
 */
import { constants } from "node:fs";
import * as fs from "node:fs/promises";
import { join, resolve } from "node:path";
import type { FileStat, Filesystem, WritableFile } from "../core/ports/filesystem.ts";
import { diskError, errnoOf, onDisk, type FailedStep } from "./disk-error.ts";
import { NodeWritableFile, readPieces, readWhole } from "./node-file.ts";
import { nameSegments, pathSegments } from "./relative-path.ts";

/**
 * A filesystem whose paths lie below a folder. The folder must exist, and making its own name
 * durable is up to whoever made it. Besides the port's codes its calls throw `disk.outside_root`
 * for a path that leaves the root, and `disk.too_large`.
 */
export function nodeFilesystem(rootFolder: string): Filesystem {
  const root = resolve(rootFolder);
  const at = (path: string): string => join(root, ...pathSegments(path));
  const named = (path: string): string => join(root, ...nameSegments(path));
  return {
    absolute: at,
    create: async (path) => create(named(path)),
    read: async (path, sizeMaxBytes) => readWhole(at(path), sizeMaxBytes),
    readPieces: (path) => readPieces(at(path)),
    stat: async (path) => stat(at(path)),
    list: async (folder) => list(at(folder)),
    makeFolder: async (path) => makeFolder(named(path)),
    link: async (from, to) => link(named(from), named(to)),
    rename: async (from, to) => rename(named(from), named(to)),
    unlink: async (path) => unlink(named(path)),
    removeFolder: async (path) => removeFolder(named(path)),
    syncFile: async (path) => sync(at(path), 0),
    syncFolder: async (path) => sync(at(path), constants.O_DIRECTORY),
  };
}

async function create(path: string): Promise<WritableFile> {
  const handle = await onDisk({ deed: "create", path }, () => fs.open(path, "wx"));
  return new NodeWritableFile(handle, path);
}

async function stat(path: string): Promise<FileStat | null> {
  const step = { deed: "look at", path };
  const found = await answering(step, ["ENOENT", "ENOTDIR"], () => fs.stat(path, { bigint: true }));
  if (found === null) return null;
  return {
    kind: found.isFile() ? "file" : found.isDirectory() ? "folder" : "other",
    sizeBytes: Number(found.size),
    modifiedMicros: found.mtimeNs / 1000n,
    inode: found.ino,
  };
}

async function list(path: string): Promise<readonly string[]> {
  const step = { deed: "list", path };
  const names = await answering(step, ["ENOENT"], () => fs.readdir(path));
  // Without an argument the order is by code unit, whatever the locale.
  return names === null ? [] : names.toSorted();
}

async function makeFolder(path: string): Promise<boolean> {
  const step = { deed: "make the folder", path };
  try {
    await fs.mkdir(path);
    return true;
  } catch (error) {
    const isFolder = errnoOf(error) === "EEXIST" && (await stat(path))?.kind === "folder";
    if (isFolder) return false;
    throw diskError(error, step);
  }
}

async function link(from: string, to: string): Promise<boolean> {
  try {
    await fs.link(from, to);
    return true;
  } catch (error) {
    const errno = errnoOf(error) ?? "";
    if (errno === "EEXIST") return false;
    const hint = linklessErrnos.has(errno) ? linklessHint : undefined;
    throw diskError(error, { deed: "link", path: `${from}' as '${to}`, hint });
  }
}

/** What systems answer where the filesystem has no hard links, or no more for this file. */
const linklessErrnos = new Set(["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK"]);
const linklessHint =
  "the filesystem may have no hard links (FAT, exFAT): move the project to ext4, XFS, Btrfs or APFS";

async function rename(from: string, to: string): Promise<void> {
  const step = { deed: "rename", path: `${from}' to '${to}` };
  await onDisk(step, () => fs.rename(from, to));
}

async function unlink(path: string): Promise<boolean> {
  const step = { deed: "remove", path };
  return (await answering(step, ["ENOENT", "ENOTDIR"], () => done(fs.unlink(path)))) ?? false;
}

async function removeFolder(path: string): Promise<boolean> {
  const step = { deed: "remove the folder", path };
  // POSIX leaves a system the choice between ENOTEMPTY and EEXIST (rmdir, "Errors").
  const answers = ["ENOENT", "ENOTEMPTY", "EEXIST"];
  return (await answering(step, answers, () => done(fs.rmdir(path)))) ?? false;
}

async function sync(path: string, flags: number): Promise<void> {
  await onDisk({ deed: "make durable", path }, async () => {
    // Without blocking, as a pipe would; a handle for reading is enough for fsync.
    const handle = await fs.open(path, constants.O_RDONLY | constants.O_NONBLOCK | flags);
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  });
}

async function done(step: Promise<void>): Promise<true> {
  await step;
  return true;
}

/** Runs a step for which some error numbers are an answer, null, and the others failures. */
async function answering<T>(
  step: FailedStep,
  answers: readonly string[],
  run: () => Promise<T>,
): Promise<T | null> {
  try {
    return await run();
  } catch (error) {
    if (answers.includes(errnoOf(error) ?? "")) return null;
    throw diskError(error, step);
  }
}
