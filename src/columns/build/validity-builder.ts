/** Which rows have a value, and how many rows there are: the part that all builders share. */
import { bitmapBytes, countZeros, setBit } from "../bitmap.ts";
import { GrowingBytes } from "../growing-bytes.ts";

/** What a vector says of missing values. */
export interface Validity {
  readonly length: number;
  readonly nullCount: number;
  readonly validity: Uint8Array | null;
}

/** The validity of a column under construction. */
export class ValidityBuilder {
  readonly #bits = new GrowingBytes();
  #length = 0;

  get length(): number {
    return this.#length;
  }

  get sizeBytes(): number {
    return this.#bits.sizeBytes;
  }

  /** One more row, which has a value (1) or none (0). */
  append(bit: 0 | 1): void {
    if ((this.#length & 7) === 0) this.#bits.appendZeros(1);
    setBit(this.#bits.bytes, this.#length, bit);
    this.#length += 1;
  }

  /** Forgets the rows from that one on. */
  truncate(length: number): void {
    this.#length = length;
    this.#bits.sizeBytes = bitmapBytes(length);
    for (let row = length; row < this.#bits.sizeBytes * 8; row += 1) {
      setBit(this.#bits.bytes, row, 0);
    }
  }

  /** Hands over what is known, and starts anew. A column without missing values has no bitmap. */
  take(): Validity {
    const length = this.#length;
    this.#length = 0;
    const bitmap = this.#bits.take();
    const nullCount = countZeros(bitmap, length);
    return { length, nullCount, validity: nullCount === 0 ? null : bitmap };
  }
}
