/** Whether a file of the store is still the one that a journal or manifest names. */
import type { Filesystem } from "../core/ports/filesystem.ts";
import { sha256 } from "./digest.ts";

/** What is known of a file by its reference. */
export interface FileReference {
  /** Relative to `.hakiri/`. */
  readonly path: string;
  /** Null where the reference doesn't say. */
  readonly sizeBytes: number | null;
  readonly sha256: string;
}

/** Looks at a file's size and every byte: null when it is as named, else what is wrong with it. */
export async function fileFault(
  filesystem: Filesystem,
  reference: FileReference,
  signal: AbortSignal,
): Promise<string | null> {
  const { path } = reference;
  const stat = await filesystem.stat(path);
  if (stat?.kind !== "file") return `'${path}' is missing`;
  const expected = reference.sizeBytes ?? stat.sizeBytes;
  if (stat.sizeBytes !== expected) {
    return `'${path}' has ${stat.sizeBytes} bytes, not ${expected}`;
  }
  const digest = sha256();
  for await (const piece of filesystem.readPieces(path)) {
    signal.throwIfAborted();
    digest.update(piece);
  }
  return digest.hex() === reference.sha256
    ? null
    : `'${path}' has other bytes than its digest says`;
}
