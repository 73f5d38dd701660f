/** A digest that belongs to a file's state. */
import { digestFile } from "./digest-file.ts";
import { changedWhileRead } from "./file-error.ts";
import { changeBetween, lookAt, type InputFile } from "./input-file.ts";
import type { Compression } from "./read-pieces.ts";

/**
 * The digest of a file that has the state that it was found in, before and after. Throws Transient
 * `file.changed_while_read` where it hasn't, and what `digestFile` throws.
 */
export async function digestUnchanged(
  file: InputFile,
  compression: Compression,
  signal: AbortSignal,
): Promise<string> {
  const { sha256, sizeBytes } = await digestFile(file, compression, signal);
  const after = await lookAt(file.path, file.name);
  const change = changeBetween(file.state, after);
  if (change !== null) throw changedWhileRead(file.name, change);
  if (sizeBytes !== file.state.sizeBytes) throw changedWhileRead(file.name, "was written to");
  return sha256;
}
