/** The digest of a file, which also proves that a compressed one is whole. */
import { createHash } from "node:crypto";
import { LongestRun } from "./csv/longest-run.ts";
import type { InputFile } from "./input-file.ts";
import { decompress, rawPieces, type Compression } from "./read-pieces.ts";

/** What was found out of a file's bytes. */
export interface FileDigest {
  readonly sha256: string;
  readonly sizeBytes: number;
  /** As `LongestRun` counts. */
  readonly longestRunBytes: number;
}

/**
 * SHA-256 of the bytes on disk, lower-case hexadecimal, how many they were, and how far line ends
 * lie apart in them, decompressed where there is a compression. Throws as `rawPieces` and
 * `decompress` do.
 */
export async function digestFile(
  file: Pick<InputFile, "path" | "name">,
  compression: Compression,
  signal: AbortSignal,
): Promise<FileDigest> {
  const hash = createHash("sha256");
  let sizeBytes = 0;
  async function* hashed(): AsyncGenerator<Uint8Array, void> {
    for await (const piece of rawPieces(file, signal)) {
      hash.update(piece);
      sizeBytes += piece.byteLength;
      yield piece;
    }
  }
  const run = new LongestRun();
  await decompress(hashed(), compression, file.name, (piece) => run.push(piece));
  return { sha256: hash.digest("hex"), sizeBytes, longestRunBytes: run.sizeBytes };
}
