/** A result as a file: complete under its name, or not there. */
import { basename, dirname } from "node:path";
import { temporaryPath } from "../../../context/layout.ts";
import type { Random } from "../../../core/ports/random.ts";
import { nodeFilesystem } from "../../../platform/node-filesystem.ts";

/**
 * Writes the pieces to a path, absolute, and answers their bytes. A file of that name is replaced
 * once all is written. Throws `disk.*`.
 */
export async function writeOutput(
  path: string,
  pieces: AsyncIterable<Uint8Array>,
  random: Random,
): Promise<number> {
  const filesystem = nodeFilesystem(dirname(path));
  const name = basename(path);
  const temporary = temporaryPath(name, random);
  const file = await filesystem.create(temporary);
  let sizeBytes = 0;
  try {
    try {
      for await (const piece of pieces) {
        await file.write(piece);
        sizeBytes += piece.byteLength;
      }
    } finally {
      await file.close();
    }
    await filesystem.rename(temporary, name);
  } catch (error) {
    // What failed first is what the user must know.
    await filesystem.unlink(temporary).catch(() => false);
    throw error;
  }
  return sizeBytes;
}
