/**
 * Decodes COPY BINARY into record batches (PostgreSQL manual, COPY, "Binary Format").
 *
 * Owns the rows of the batch that is being filled and the batches that are full; the socket, its
 * buffer and its pace are the caller's. A row is decoded where it lies. What is cut off at the end
 * of a piece, be it the header, a row's count or a value, is held until the rest of it came; a text
 * goes into its column as it comes, so that one of 1 GB is never held twice.
 *
 * Rows that are whole wait in a block until the bytes of their piece go away, and are then decoded
 * column by column, which takes half the time of row by row.
 *
 * - D1 A batch ends exactly with the row that makes it `rowsMax` rows or `bytesMax` bytes, wherever
 *   the pieces were cut.
 * - D2 Memory grows with the bytes that came, never with a length that they claim.
 * - D3 After a throw no further batch is made.
 */
import type { RecordBatch } from "../../../src/connector.ts";
import type { ColumnPlan } from "../types/column-plan.ts";
import type { WireForm } from "../types/wire-form.ts";
import type { CopySink } from "../wire/copy-sink.ts";
import { appendPart, endText } from "./append-bytes.ts";
import { appendValue } from "./append-value.ts";
import { checkUnicode } from "./check-unicode.ts";
import { anyLength, ColumnBuffer } from "./column-buffer.ts";
import { copyMalformed, copyTruncated } from "./copy-error.ts";
import { decodeBlock } from "./decode-block.ts";
import { CopyHeader } from "./copy-header.ts";
import { copySource } from "./copy-source.ts";
import { HeldBytes } from "./held-bytes.ts";
import { blockRowsMax, RowBlock } from "./row-block.ts";
import { swelling, swells } from "./swelling.ts";

/** Where a batch ends, and what a row may take. */
export interface CopyLimits {
  readonly rowsMax: number;
  /**
   * About the bytes of a batch: those on the wire, where each value has four more, and of a number
   * its text. The row that reaches them is its last. At most 1 GiB count.
   */
  readonly bytesMax: number;
  /** Bytes of a row that came in pieces; by default 1 GiB, the most that PostgreSQL sends. */
  readonly rowBytesMax?: number;
}

/** The most bytes of a batch, so that with a row of 1 GiB its offsets stay below 2^31. */
const batchBytesMax = 2 ** 30;
const rowBytesMaxDefault = 2 ** 30;
const countNext = -1;
const countBytes = 2;
const lengthBytes = 4;
const trailer = -1;
const nullLength = -1;

/** Takes the bytes of one COPY and gives record batches. */
export class CopyDecoder implements CopySink {
  readonly #columns: readonly ColumnBuffer[];
  /** Columns whose values may be far longer than on the wire. */
  readonly #swelling: readonly { readonly index: number; readonly form: WireForm }[];
  readonly #limits: Required<CopyLimits>;
  readonly #header = new CopyHeader();
  readonly #held = new HeldBytes();
  readonly #full: RecordBatch[] = [];
  /** What the last piece lay in, mostly the same buffer each time. */
  #given: Uint8Array = new Uint8Array(0);
  #source = copySource(this.#given);
  /** What comes next: a row's count for -1, else the value of that column. */
  #next = countNext;
  /** Bytes that the open text of column `#next` still lacks; 0 while none is open. */
  #openBytes = 0;
  /** Bytes of the current row in earlier pieces. */
  #rowTaken = 0;
  /** What the current row takes beyond its bytes on the wire. */
  #rowSwelling = 0;
  /** Whole rows that aren't decoded yet. */
  readonly #block: RowBlock;
  /** Of the rows of the block and of the batch, so that batches end where they must. */
  #batchRows = 0;
  #batchBytes = 0;
  #rows = 0;
  #isEnded = false;
  #isFailed = false;

  constructor(plans: readonly ColumnPlan[], limits: CopyLimits) {
    this.#columns = plans.map(({ field, form }) => new ColumnBuffer(field, form, field.nullable));
    this.#swelling = this.#columns.flatMap(({ form }, index) =>
      swells(form) ? [{ index, form }] : [],
    );
    this.#block = new RowBlock(this.#columns.length);
    const { rowsMax, bytesMax, rowBytesMax = rowBytesMaxDefault } = limits;
    this.#limits = { rowsMax, bytesMax: Math.min(bytesMax, batchBytesMax), rowBytesMax };
  }

  /** Rows that came whole. */
  get rows(): number {
    return this.#rows;
  }

  /** Whether a batch is full. */
  get isFull(): boolean {
    return this.#full.length > 0;
  }

  /**
   * Takes bytes[start, end). Throws Permanent `postgres.copy_malformed`, and SchemaIncompatible
   * `value.*` for a value that its column's type doesn't hold; the decoder takes nothing then.
   */
  push(bytes: Uint8Array, start: number, end: number): void {
    if (this.#isFailed) throw new Error("expected no more data after a failure");
    if (bytes !== this.#given) {
      this.flush();
      this.#given = bytes;
      this.#source = copySource(bytes);
    }
    try {
      let at = this.#header.isDone ? start : this.#header.take(bytes, start, end);
      while (at < end) {
        if (this.#isEnded) throw copyMalformed("nothing after the end", "more data");
        at = this.#isCutOff ? this.#resume(at, end) : this.#takeWhole(at, end);
        if (at < end && !this.#isCutOff) at = this.#takeRows(at, end);
      }
    } catch (error) {
      this.#isFailed = true;
      throw error;
    }
  }

  /** Decodes the rows that wait. Throws as `push`. */
  flush(): void {
    if (this.#block.rows === 0 || this.#isFailed) return;
    try {
      this.#decodeBlock();
    } catch (error) {
      this.#isFailed = true;
      throw error;
    }
  }

  /** The next whole batch, whose buffers are the caller's; null while none is full. */
  take(): RecordBatch | null {
    return this.#full.shift() ?? null;
  }

  /**
   * The rows after the last whole batch, once the copy has ended and all whole ones were taken;
   * null for none. Throws Transient `postgres.copy_truncated` where the end is missing.
   */
  end(): RecordBatch | null {
    this.flush();
    if (this.#isFailed || this.isFull) throw new Error("expected every batch to be taken before");
    if (!this.#isEnded) throw copyTruncated(this.#rows);
    return this.#batchRows === 0 ? null : this.#finish();
  }

  get #isCutOff(): boolean {
    return this.#openBytes > 0 || this.#held.size > 0;
  }

  /** Takes rows that are whole, as far as there are some; returns where the others begin. */
  #takeWhole(start: number, end: number): number {
    const block = this.#block;
    const { view } = this.#source;
    if (this.#next !== countNext) return start;
    let at = start;
    while (at < end) {
      const next = block.find(view, at, end);
      if (next === -1) break;
      if (next - at > this.#limits.rowBytesMax) throw this.#rowTooLong();
      block.rows += 1;
      this.#countRow(next - at + this.#swollenBytes(block));
      at = next;
    }
    if (at < end) this.#decodeBlock();
    return at;
  }

  /** A row is whole: D1. */
  #countRow(bytes: number): void {
    const { rowsMax, bytesMax } = this.#limits;
    this.#rows += 1;
    this.#batchRows += 1;
    this.#batchBytes += bytes;
    const isFull = this.#batchRows >= rowsMax || this.#batchBytes >= bytesMax;
    if (isFull || this.#block.rows === blockRowsMax) this.#decodeBlock();
    if (isFull) this.#full.push(this.#finish());
  }

  /** What the last row of a block takes beyond its bytes on the wire. */
  #swollenBytes({ rows, columns, places, lengths }: RowBlock): number {
    let bytes = 0;
    for (const { index, form } of this.#swelling) {
      const place = (rows - 1) * columns + index;
      bytes += swelling(form, this.#source.view, places[place] ?? 0, lengths[place] ?? 0);
    }
    return bytes;
  }

  #decodeBlock(): void {
    const block = this.#block;
    for (const [index, column] of this.#columns.entries()) {
      decodeBlock(column, this.#source, { block, index });
    }
    block.rows = 0;
  }

  /** Takes rows where they lie; what is cut off at the end is held. Returns the end. */
  #takeRows(start: number, end: number): number {
    const source = this.#source;
    const { view } = source;
    const columns = this.#columns;
    let rowStart = start;
    let at = start;
    for (;;) {
      if (this.#next === countNext) {
        if (end - at < countBytes) return this.#hold(at, end, at - rowStart);
        this.#beginRow(view.getInt16(at));
        at += countBytes;
        if (this.#isEnded) return at;
      }
      for (let index = this.#next; index < columns.length; index += 1) {
        const value = at + lengthBytes;
        const length = value > end ? 0 : view.getInt32(at);
        if (length < nullLength || value + length > end) {
          this.#next = index;
          return this.#hold(at, end, at - rowStart);
        }
        const column = columns[index];
        if (column === undefined) break;
        if (length === nullLength) {
          column.appendNull();
          at = value;
        } else {
          appendValue(column, source, value, length);
          this.#noteSwelling(index, view, value, length);
          at = value + length;
        }
      }
      this.#endRow(at - rowStart);
      rowStart = at;
      if (at === end) return end;
    }
  }

  #beginRow(count: number): void {
    if (count === trailer) this.#isEnded = true;
    else if (count === this.#columns.length) this.#next = 0;
    else throw copyMalformed(`a row of ${this.#columns.length} values`, `one of ${count}`);
  }

  #endRow(bytes: number): void {
    const taken = this.#rowTaken + bytes;
    if (taken > this.#limits.rowBytesMax) throw this.#rowTooLong();
    const swollen = this.#rowSwelling;
    this.#next = countNext;
    this.#rowTaken = 0;
    this.#rowSwelling = 0;
    this.#countRow(taken + swollen);
  }

  #noteSwelling(index: number, view: DataView, at: number, length: number): void {
    for (const each of this.#swelling) {
      if (each.index === index) this.#rowSwelling += swelling(each.form, view, at, length);
    }
  }

  #finish(): RecordBatch {
    const rows = this.#batchRows;
    this.#batchRows = 0;
    this.#batchBytes = 0;
    const columns = this.#columns.map((column) => column.take());
    for (const [index, vector] of columns.entries()) {
      checkUnicode(this.#columns[index]?.name ?? "", vector);
    }
    return { rows, columns, tombstones: null };
  }

  /** Holds what is cut off; `taken` are the bytes of the row before it in this piece. */
  #hold(at: number, end: number, taken: number): number {
    this.#rowTaken += taken;
    return at === end ? end : this.#resume(at, end);
  }

  /** Takes what was cut off as far as it came, and returns where the next begins. */
  #resume(start: number, end: number): number {
    const { bytes } = this.#source;
    let at = start;
    if (this.#openBytes > 0) return this.#resumeText(at, end);
    while (at < end) {
      const step = Math.min(end - at, this.#missingBytes());
      this.#held.append(bytes, at, step);
      at += step;
      if (this.#missingBytes() === 0) {
        this.#takeHeld();
        return at;
      }
      if (this.#openText()) return at;
    }
    return at;
  }

  /** What the held part of a count or value lacks, as far as it is known. */
  #missingBytes(): number {
    const { size, view } = this.#held;
    if (this.#next === countNext) return countBytes - size;
    if (size < lengthBytes) return lengthBytes - size;
    const length = view.getInt32(0);
    const column = this.#columns[this.#next];
    if (length < nullLength) throw copyMalformed("a length", String(length), column);
    if (this.#rowTaken + lengthBytes + length > this.#limits.rowBytesMax) throw this.#rowTooLong();
    const expected = column?.wireBytes ?? anyLength;
    if (length !== nullLength && expected !== anyLength && length !== expected) {
      throw copyMalformed(`${expected} bytes`, String(length), column);
    }
    return lengthBytes + Math.max(0, length) - size;
  }

  #rowTooLong(): Error {
    return copyMalformed(`a row of at most ${this.#limits.rowBytesMax} bytes`, "a longer one");
  }

  /** Takes a count or a value that is whole now. */
  #takeHeld(): void {
    const held = this.#held;
    const { size, view } = held;
    const column = this.#columns[this.#next];
    this.#rowTaken += size;
    if (column === undefined) this.#beginRow(view.getInt16(0));
    else if (view.getInt32(0) === nullLength) column.appendNull();
    else {
      appendValue(column, held, lengthBytes, size - lengthBytes);
      this.#noteSwelling(this.#next, view, lengthBytes, size - lengthBytes);
    }
    held.clear();
    if (column !== undefined) this.#passValue();
    else if (this.#next === this.#columns.length) this.#endRow(0);
  }

  #passValue(): void {
    this.#next += 1;
    if (this.#next === this.#columns.length) this.#endRow(0);
  }

  /** Opens a text whose length is known, so that it needn't be held. */
  #openText(): boolean {
    const { size, view } = this.#held;
    const column = this.#columns[this.#next];
    const kind = column?.form.kind;
    if (size !== lengthBytes || (kind !== "text" && kind !== "bytes")) return false;
    this.#openBytes = view.getInt32(0);
    this.#rowTaken += lengthBytes;
    this.#held.clear();
    return true;
  }

  #resumeText(start: number, end: number): number {
    const column = this.#columns[this.#next];
    if (column === undefined) throw new Error("expected a text to be open");
    const step = Math.min(end - start, this.#openBytes);
    appendPart(column, this.#source, start, step);
    this.#openBytes -= step;
    this.#rowTaken += step;
    if (this.#openBytes === 0) {
      if (column.rows === column.capacity) column.grow();
      endText(column);
      this.#passValue();
    }
    return start + step;
  }
}
