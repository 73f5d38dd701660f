/** The digest of a file, which also proves that a compressed one is whole. */
import { createHash } from "node:crypto";
import type { InputFile } from "./input-file.ts";
import { decompress, rawPieces, type Compression } from "./read-pieces.ts";

/**
 * SHA-256 of the bytes on disk, lower-case hexadecimal, and how many they were. With a compression
 * the bytes are decompressed too, and what they become is thrown away. Throws as `rawPieces` and
 * `decompress` do.
 */
export async function digestFile(
  file: Pick<InputFile, "path" | "name">,
  compression: Compression,
  signal: AbortSignal,
): Promise<{ readonly sha256: string; readonly sizeBytes: number }> {
  const hash = createHash("sha256");
  let sizeBytes = 0;
  async function* hashed(): AsyncGenerator<Uint8Array, void> {
    for await (const piece of rawPieces(file, signal)) {
      hash.update(piece);
      sizeBytes += piece.byteLength;
      yield piece;
    }
  }
  await decompress(hashed(), compression, file.name, () => undefined);
  return { sha256: hash.digest("hex"), sizeBytes };
}
