/** Bytes of a value that was cut off, gathered until the rest of it came. */
import type { CopySource } from "./copy-source.ts";

const startBytes = 4096;
/** Memory that is kept for the next value that is cut off. */
const keptBytesMax = 1024 * 1024;

/** A buffer that grows with what is appended. */
export class HeldBytes implements CopySource {
  bytes = new Uint8Array(startBytes);
  view = new DataView(this.bytes.buffer);
  size = 0;

  /** Appends bytes[at, at + length). */
  append(bytes: Uint8Array, at: number, length: number): void {
    const needed = this.size + length;
    if (needed > this.bytes.byteLength) {
      this.#resize(Math.max(needed, 2 * this.bytes.byteLength));
    }
    this.bytes.set(bytes.subarray(at, at + length), this.size);
    this.size = needed;
  }

  /** Forgets them. */
  clear(): void {
    this.size = 0;
    if (this.bytes.byteLength > keptBytesMax) this.#resize(startBytes);
  }

  #resize(bytes: number): void {
    this.bytes = new Uint8Array(this.bytes.buffer.transfer(bytes));
    this.view = new DataView(this.bytes.buffer);
  }
}
