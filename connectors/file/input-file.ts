/** An input file as the file system shows it, and what tells that it changed. */
import { stat } from "node:fs/promises";
import type { BigIntStats } from "node:fs";
import { systemCode, unreadable, type FileChange } from "./file-error.ts";

/** What a change of a file's content changes too, but for a change within one tick of the clock. */
export interface FileState {
  readonly sizeBytes: number;
  /** Last change of the content, nanoseconds since 1970. */
  readonly modifiedNs: bigint;
  /** The file system's own number of the file: a replaced file has another one. */
  readonly inode: bigint;
}

/** One file to read. */
export interface InputFile {
  /** Relative to the project, with `/`: what `_hakiri_file` says. */
  readonly name: string;
  /** Absolute. */
  readonly path: string;
  readonly state: FileState;
}

/** The state that a look at a file shows. */
export function stateOf(stats: BigIntStats): FileState {
  return { sizeBytes: Number(stats.size), modifiedNs: stats.mtimeNs, inode: stats.ino };
}

/** The state of a regular file now; null where there is none. Throws `file.unreadable`. */
export async function lookAt(path: string, name: string): Promise<FileState | null> {
  try {
    const stats = await stat(path, { bigint: true });
    return stats.isFile() ? stateOf(stats) : null;
  } catch (error) {
    const code = systemCode(error);
    if (code === "ENOENT" || code === "ENOTDIR") return null;
    throw unreadable(name, error);
  }
}

/** How a file changed between two looks; null where it didn't, or not so that it shows. */
export function changeBetween(before: FileState, after: FileState | null): FileChange | null {
  if (after === null) return "vanished";
  if (after.sizeBytes > before.sizeBytes) return "grew";
  if (after.sizeBytes < before.sizeBytes) return "shrank";
  if (after.inode !== before.inode) return "was replaced";
  return after.modifiedNs === before.modifiedNs ? null : "was written to";
}

const secondNs = 1_000_000_000n;

/** How coarse the clocks are that file systems take their times from. */
const fineTickNs = 100_000_000n;
const coarseTickNs = 2n * secondNs;

/**
 * Whether a later change would show in the modification time, `nowNs` being when the file was
 * looked at: within one tick of the file system's clock two contents have the same time. FAT counts
 * in two seconds, others in the ticks of the kernel, of at most 10 ms.
 */
export function isSettled({ modifiedNs }: FileState, nowNs: bigint): boolean {
  const tick = modifiedNs % secondNs === 0n ? coarseTickNs : fineTickNs;
  return nowNs - modifiedNs > tick;
}
