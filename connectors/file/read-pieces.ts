/** The bytes of a file in pieces, and what they decompress to. */
import { constants, open } from "node:fs/promises";
import type { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip, createZstdDecompress } from "node:zlib";
import type { ScanFile } from "../../src/connector.ts";
import { fileError, systemCode, unreadable } from "./file-error.ts";
import type { InputFile } from "./input-file.ts";

/** How a file is compressed. */
export type Compression = ScanFile["compression"];

const pieceBytes = 1024 * 1024;

/**
 * The bytes on disk, in order; a piece is valid until the next is asked for. Throws
 * `file.unreadable`, and `file.not_a_file` where a folder or pipe has taken the file's place.
 */
export async function* rawPieces(
  { path, name }: Pick<InputFile, "path" | "name">,
  signal: AbortSignal,
  bytesMax: number = pieceBytes,
): AsyncGenerator<Uint8Array, void> {
  // Without O_NONBLOCK the opening of a pipe would wait for a writer for ever.
  const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK).catch(
    (error: unknown) => {
      throw unreadable(name, error);
    },
  );
  try {
    const stats = await handle.stat();
    if (!stats.isFile()) {
      throw fileError("not_a_file", name, {
        message: `expected a file at '${name}', got something else in its place`,
        hint: "narrow the pattern so that it leaves it out",
      });
    }
    // A small file gets a small buffer, one larger than itself, so that one read meets its end.
    const buffer = Buffer.allocUnsafe(Math.min(pieceBytes, bytesMax, stats.size + 1));
    let total = 0;
    for (;;) {
      signal.throwIfAborted();
      const { bytesRead } = await handle.read(buffer, 0, buffer.length);
      total += bytesRead;
      if (bytesRead > 0) yield buffer.subarray(0, bytesRead);
      // Less than was asked for is an end only where the file's size says so.
      if (bytesRead === 0 || (bytesRead < buffer.length && total === stats.size)) return;
    }
  } catch (error) {
    throw unreadable(name, error);
  } finally {
    await handle.close();
  }
}

/** How bytes are compressed, by how they begin; null for a kind that nobody here reads. */
export function compressionOf(head: Uint8Array): Compression | null {
  const [a, b, c, d] = head;
  if (a === 0x1f && b === 0x8b) return "gzip";
  if (a === 0x28 && b === 0xb5 && c === 0x2f && d === 0xfd) return "zstd";
  const isBzip = a === 0x42 && b === 0x5a && c === 0x68 && d !== undefined && d >= 0x31;
  const isZip = a === 0x50 && b === 0x4b && c === 0x03 && d === 0x04;
  const isXz = a === 0xfd && b === 0x37 && c === 0x7a && d === 0x58;
  return isBzip || isZip || isXz ? null : "none";
}

/**
 * Feeds what the pieces decompress to into `take`, as it comes; a piece is valid until `take` is
 * done. Throws Permanent `file.damaged` for what is cut off or has a wrong checksum, which DuckDB
 * reads as a shorter file without an error.
 */
export async function decompress(
  pieces: AsyncIterable<Uint8Array>,
  compression: Compression,
  name: string,
  take: (piece: Uint8Array) => void | Promise<void>,
): Promise<void> {
  const drain = async (source: AsyncIterable<unknown>): Promise<void> => {
    // What the streams of bytes give is bytes.
    for await (const piece of source) await take(piece as Uint8Array);
  };
  if (compression === "none") {
    await drain(pieces);
    return;
  }
  const decoder: Transform = compression === "gzip" ? createGunzip() : createZstdDecompress();
  try {
    await pipeline(copies(pieces), decoder, drain);
  } catch (error) {
    const code = systemCode(error);
    if (code === null || !/^(?:Z_|ZSTD_)/u.test(code)) throw error;
    throw damagedFile(name, compression, error);
  }
}

/** A stream keeps pieces for later, when their buffer is used again. */
async function* copies(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void> {
  for await (const piece of pieces) yield Buffer.from(piece);
}

function damagedFile(name: string, compression: Compression, error: unknown): Error {
  const reason = error instanceof Error ? error.message : String(error);
  const words = {
    message: `expected a whole ${compression} file at '${name}', got one that ends or breaks: ${reason}`,
    hint: "write or download the file again",
  };
  return fileError("damaged", name, words, error);
}
