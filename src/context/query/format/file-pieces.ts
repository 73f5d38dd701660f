/** A file's bytes in pieces. */
import { open } from "node:fs/promises";

/** Most bytes of a piece. */
const pieceBytes = 256 * 1024;

/** Yields the file's bytes in order. Each piece is an allocation of its own. */
export async function* filePieces(
  path: string,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined> {
  const file = await open(path, "r");
  try {
    for (;;) {
      const piece = new Uint8Array(pieceBytes);
      const { bytesRead } = await file.read(piece, 0, pieceBytes);
      if (bytesRead === 0) return;
      yield bytesRead === pieceBytes ? piece : piece.slice(0, bytesRead);
    }
  } finally {
    await file.close();
  }
}
