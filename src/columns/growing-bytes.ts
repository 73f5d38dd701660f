/** Bytes that grow by doubling, in an allocation of their own. */

const startBytes = 64;

/** A growing buffer of which `sizeBytes` are filled. What lies past them may be anything. */
export class GrowingBytes {
  #bytes = new Uint8Array(startBytes);
  #view = new DataView(this.#bytes.buffer);
  sizeBytes = 0;

  /** The buffer; valid until the next `reserve`. */
  get bytes(): Uint8Array {
    return this.#bytes;
  }

  /** The same buffer as a view; valid until the next `reserve`. */
  get view(): DataView {
    return this.#view;
  }

  /** Makes room for so many more bytes, and keeps those that are filled. */
  reserve(more: number): void {
    const needed = this.sizeBytes + more;
    if (needed <= this.#bytes.byteLength) return;
    const grown = this.#bytes.buffer.transfer(Math.max(needed, 2 * this.#bytes.byteLength));
    this.#bytes = new Uint8Array(grown);
    this.#view = new DataView(grown);
  }

  /** Appends bytes. */
  append(bytes: Uint8Array): void {
    this.reserve(bytes.byteLength);
    this.#bytes.set(bytes, this.sizeBytes);
    this.sizeBytes += bytes.byteLength;
  }

  /** Appends so many zeros. */
  appendZeros(count: number): void {
    this.reserve(count);
    this.#bytes.fill(0, this.sizeBytes, this.sizeBytes + count);
    this.sizeBytes += count;
  }

  /** Hands the filled bytes over and starts anew. */
  take(): Uint8Array {
    const taken = new Uint8Array(this.#bytes.buffer.transfer(this.sizeBytes));
    this.#bytes = new Uint8Array(startBytes);
    this.#view = new DataView(this.#bytes.buffer);
    this.sizeBytes = 0;
    return taken;
  }
}
