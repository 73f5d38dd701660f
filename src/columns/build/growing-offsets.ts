/** Offsets under construction: one more than there are rows, the first of them 0. */

const startRows = 16;

/** The offsets of a column that is built. */
export class GrowingOffsets {
  #offsets = new Int32Array(startRows);
  #rows = 0;

  get sizeBytes(): number {
    return (this.#rows + 1) * 4;
  }

  /** One more row, which ends there. */
  append(end: number): void {
    this.#rows += 1;
    if (this.#rows >= this.#offsets.length) {
      this.#offsets = new Int32Array(this.#offsets.buffer.transfer(8 * this.#offsets.length));
    }
    this.#offsets[this.#rows] = end;
  }

  /** Forgets the rows from that one on, and answers where the last one left ends. */
  truncate(rows: number): number {
    this.#rows = rows;
    return this.#offsets[rows] ?? 0;
  }

  /** Hands the offsets over and starts anew. */
  take(): Int32Array {
    const taken = new Int32Array(this.#offsets.buffer.transfer(this.sizeBytes));
    this.#offsets = new Int32Array(startRows);
    this.#rows = 0;
    return taken;
  }
}
