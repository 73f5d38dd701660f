/** The last bytes of what a thread or process wrote, however much it writes. */

/** Keeps the newest bytes of a stream. */
export class OutputTail {
  readonly #bytesMax: number;
  #chunks: Uint8Array[] = [];
  #sizeBytes = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** Adds what was written, and forgets what is older than the bound. */
  add(chunk: Uint8Array): void {
    // A copy of the part that is kept, so that a large chunk isn't held for its last bytes.
    const kept = chunk.slice(Math.max(0, chunk.byteLength - this.#bytesMax));
    this.#chunks.push(kept);
    this.#sizeBytes += kept.byteLength;
    // Joined rarely: between two joins at most as much again is held as is kept.
    if (this.#sizeBytes > 2 * this.#bytesMax || this.#chunks.length > 256) this.#join();
  }

  /** The kept bytes as text; a character that the bound cut is a replacement character. */
  text(): string {
    this.#join();
    return new TextDecoder().decode(this.#chunks[0] ?? new Uint8Array(0));
  }

  #join(): void {
    const all = Buffer.concat(this.#chunks);
    const kept = Uint8Array.from(all.subarray(Math.max(0, all.byteLength - this.#bytesMax)));
    this.#chunks = [kept];
    this.#sizeBytes = kept.byteLength;
  }
}
