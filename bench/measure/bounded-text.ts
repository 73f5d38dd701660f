// Keeps the first bytes that a stream delivers and drains the rest, so that a chatty command
// neither blocks on a full pipe nor fills this process's memory.

import type { Readable } from "node:stream";

/** What was kept of a stream. */
export type BoundedText = {
  /** The first bytes as UTF-8 text. */
  readonly text: () => string;
  /** Bytes that came, kept or not. */
  readonly sizeBytes: () => number;
};

/** Collects at most `bytesMax` bytes of a stream, and reads on to its end. */
export function collectText(stream: Readable, bytesMax: number): BoundedText {
  const chunks: Buffer[] = [];
  let keptBytes = 0;
  let sizeBytes = 0;
  stream.on("data", (chunk: Buffer) => {
    sizeBytes += chunk.length;
    const kept = chunk.subarray(0, bytesMax - keptBytes);
    if (kept.length === 0) return;
    chunks.push(kept);
    keptBytes += kept.length;
  });
  return { text: () => Buffer.concat(chunks).toString("utf8"), sizeBytes: () => sizeBytes };
}
