/** A result as a file: complete under its name, or not there. */
import { basename, dirname, resolve, sep } from "node:path";
import { kindOfPath, realPathOf } from "../../../config/path-facts.ts";
import { storeFolder, temporaryPath } from "../../../context/layout.ts";
import { usageError } from "../../../core/error.ts";
import type { Random } from "../../../core/ports/random.ts";
import { nodeFilesystem } from "../../../platform/node-filesystem.ts";

/**
 * The absolute path of what was typed. Throws `usage.output` for a path in a store, whose files are
 * nobody's to replace, for a folder, and where there is no folder to write into.
 */
export async function outputPath(cwd: string, typed: string): Promise<string> {
  if (typed.includes("\0")) {
    throw usageError("output", "expected a path without NUL for --output", "take it out");
  }
  const path = resolve(cwd, typed);
  const folder = await realPathOf(dirname(path));
  if ([...folder.split(sep), basename(path)].includes(storeFolder)) {
    const message = `expected a path outside of ${storeFolder} for --output, got '${typed}'`;
    throw usageError("output", message, "write beside the store: --output result.csv");
  }
  if ((await kindOfPath(path)) === "folder") {
    const message = `expected the path of a file for --output, got the folder '${typed}'`;
    throw usageError("output", message, "add a name: --output FOLDER/result.csv");
  }
  if ((await kindOfPath(folder)) !== "folder") {
    const message = `expected a folder to write '${typed}' into, got none at '${folder}'`;
    throw usageError("output", message, "make that folder first, or name another");
  }
  return path;
}

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
