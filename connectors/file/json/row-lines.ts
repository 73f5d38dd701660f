/** Rows as lines of JSON, written piece by piece. */
import { byteOf, isSpace } from "./passed-value.ts";

const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const blank = 0x20;
const letterN = 0x6e;
const valueMember = Buffer.from('"value":');
const restOfNull = Buffer.from("ull");

/** Copying byte by byte is faster than a call for fewer than these. */
const shortBytes = 64;

/** Writes one row after the other. */
export class RowLines {
  readonly #keyColumn: Uint8Array;
  #output: Uint8Array = Buffer.allocUnsafe(64 * 1024);
  #length = 0;
  /** Whether the row's object has the key's member, and nothing else yet. */
  #awaitsMember = false;
  /** Bytes of `null` that were met, for a row without a value; -1 for any other value. */
  #metOfNull = -1;
  #isObject = false;
  #hasKey = false;

  /** `keyColumn` is raw JSON text, with its quotes. */
  constructor(keyColumn: Uint8Array) {
    this.#keyColumn = keyColumn;
  }

  /**
   * Begins a row with the first byte of its value. An object is the row itself, anything else
   * becomes its member `value`; `key` is raw JSON text, null for a row without one.
   */
  begin(first: number, key: Uint8Array | null): void {
    this.#isObject = first === byteOf.openBrace;
    this.#hasKey = key !== null;
    this.#awaitsMember = this.#isObject && this.#hasKey;
    this.#metOfNull = first === letterN ? 0 : -1;
    this.#byte(byteOf.openBrace);
    if (key !== null) {
      this.#copy(this.#keyColumn, 0, this.#keyColumn.length);
      this.#byte(byteOf.colon);
      this.#copy(key, 0, key.length);
    }
    if (!this.#isObject && this.#metOfNull === -1) this.#beginValue(first);
  }

  /** Goes on with a row's value. What is between tokens may become blanks. */
  add(piece: Uint8Array, from: number, to: number): void {
    let at = from;
    while (this.#metOfNull >= 0 && at < to) this.#addToNull(piece[at++] ?? 0);
    while (this.#awaitsMember && at < to) {
      if (isSpace(piece[at] ?? 0)) {
        at += 1;
      } else {
        this.#awaitsMember = false;
        if (piece[at] !== byteOf.closeBrace) this.#byte(byteOf.comma);
      }
    }
    if (at < to) this.#copy(piece, at, to);
  }

  /** Ends a row. */
  end(): void {
    // What only began as a null goes on, to be refused by who reads it.
    if (this.#metOfNull >= 0 && this.#metOfNull < restOfNull.length) this.#notNull();
    if (!this.#isObject) this.#byte(byteOf.closeBrace);
    this.#byte(lineFeed);
  }

  /** What was written since the last call. Valid until the next write. */
  take(): Uint8Array {
    const taken = this.#output.subarray(0, this.#length);
    this.#length = 0;
    return taken;
  }

  #beginValue(first: number): void {
    if (this.#hasKey) this.#byte(byteOf.comma);
    this.#copy(valueMember, 0, valueMember.length);
    this.#byte(first);
  }

  #addToNull(byte: number): void {
    if (restOfNull[this.#metOfNull] === byte) {
      this.#metOfNull += 1;
      return;
    }
    this.#notNull();
    this.#byte(byte);
  }

  #notNull(): void {
    this.#beginValue(letterN);
    this.#copy(restOfNull, 0, this.#metOfNull);
    this.#metOfNull = -1;
  }

  #byte(byte: number): void {
    this.#reserve(1);
    this.#output[this.#length] = byte;
    this.#length += 1;
  }

  /** Line ends become blanks: within texts there are none. */
  #copy(source: Uint8Array, from: number, to: number): void {
    const start = this.#length;
    this.#reserve(to - from);
    this.#length += to - from;
    if (to - from < shortBytes) {
      for (let at = from; at < to; at += 1) {
        const byte = source[at] ?? 0;
        this.#output[start + at - from] = isLineEnd(byte) ? blank : byte;
      }
      return;
    }
    const copied = this.#output.subarray(start, this.#length);
    copied.set(source.subarray(from, to));
    for (const end of [lineFeed, carriageReturn]) {
      for (let at = copied.indexOf(end); at !== -1; at = copied.indexOf(end, at + 1)) {
        copied[at] = blank;
      }
    }
  }

  #reserve(bytes: number): void {
    if (this.#length + bytes <= this.#output.length) return;
    const grown = Buffer.allocUnsafe((this.#length + bytes) * 2);
    grown.set(this.#output.subarray(0, this.#length));
    this.#output = grown;
  }
}

function isLineEnd(byte: number): boolean {
  return byte === lineFeed || byte === carriageReturn;
}
