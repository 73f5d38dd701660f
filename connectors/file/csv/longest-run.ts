/**
 * How far line ends lie apart. DuckDB drops the last row of a file without a word where it is
 * longer than the buffers that it reads by (1.5.5), so that somebody else has to look.
 */

const lineFeed = 0x0a;
const carriageReturn = 0x0d;

/** Most bytes between two line ends of CSV; up to there DuckDB itself refuses rows too long. */
export const runBytesMax = 32 * 1024 * 1024;

/** Counts over pieces of a file; what lies between two line ends of one piece is not looked at. */
export class LongestRun {
  #sizeBytes = 0;
  #bytesSinceEnd = 0;

  /** The longest so far, where it is longer than a piece. */
  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  /** Takes the next piece. */
  push(piece: Uint8Array): void {
    const ends = [piece.indexOf(lineFeed), piece.indexOf(carriageReturn)].filter((at) => at >= 0);
    const untilEnd = ends.length === 0 ? piece.length : Math.min(...ends);
    this.#sizeBytes = Math.max(this.#sizeBytes, this.#bytesSinceEnd + untilEnd);
    const last = Math.max(piece.lastIndexOf(lineFeed), piece.lastIndexOf(carriageReturn));
    this.#bytesSinceEnd = last < 0 ? this.#bytesSinceEnd + piece.length : piece.length - 1 - last;
  }
}
