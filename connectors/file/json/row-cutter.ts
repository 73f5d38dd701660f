/**
 * Cuts the rows out of a JSON document, one line each, in one pass and without holding a row: what
 * DuckDB can't do for an object of rows, and only with the whole document in memory for a pointer.
 *
 *   C1. A row's own text is passed on as it is, but for line ends between tokens. Whether it is
 *       valid is found out by whoever reads the lines.
 *   C2. What lies beside the way to the rows is checked for nothing but its nesting.
 *   C3. A key on the way that comes twice is refused: one of the two would be lost.
 *
 * Syntax: RFC 8259; the pointer: RFC 6901.
 */
import { byteOf, isOpening, isSpace, PassedValue } from "./passed-value.ts";
import { RowLines } from "./row-lines.ts";

/** Where the rows are, and what each becomes. */
export interface RowsPlace {
  /** The pointer's reference tokens, unescaped; empty for the document itself. */
  readonly pointer: readonly string[];
  /** `items`: each item or member of what is there is a row. `one`: what is there is the row. */
  readonly rows: "items" | "one";
  /** The column that a member's key becomes; a row with a member of this name is refused. */
  readonly keyColumn: string;
  /** Stops after so many rows; null takes all. */
  readonly rowsMax: number | null;
}

/** Why rows can't be cut. */
export type CutFault =
  | { readonly kind: "invalid"; readonly reason: string; readonly offsetBytes: number }
  /** The pointer leads nowhere. */
  | { readonly kind: "no_place" }
  /** It leads to a text, number, truth or null, which has no items. */
  | { readonly kind: "no_items" }
  /** Row number, from 1. */
  | { readonly kind: "key_taken"; readonly row: number };

/** Thrown by `RowCutter`. */
export class CutError extends Error {
  readonly fault: CutFault;

  constructor(fault: CutFault) {
    super(`no rows: ${fault.kind}`);
    this.name = "CutError";
    this.fault = fault;
  }
}

/** Most bytes of one key. */
const keyBytesMax = 1024 * 1024;

/** A container on the way to the rows, or the one that has them. */
interface Level {
  readonly isObject: boolean;
  index: number;
  /** Raw text of the key whose value comes; null in an array. */
  key: Uint8Array | null;
  /** Whether the pointer's next token was found in here. */
  wasFound: boolean;
}

type Expectation = "value" | "value_or_end" | "key" | "key_or_end" | "colon" | "comma" | "nothing";

/** Cuts one document in UTF-8, piece by piece. */
export class RowCutter {
  readonly #place: RowsPlace;
  readonly #lines: RowLines;
  readonly #watched: Uint8Array;
  readonly #levels: Level[] = [];
  #expect: Expectation = "value";
  #rows = 0;
  /** Of the current piece's first byte. */
  #offsetBytes = 0;
  /** The raw bytes of a key under way. */
  #key: number[] | null = null;
  #isEscaped = false;
  #value: { readonly isRow: boolean; readonly passed: PassedValue } | null = null;
  #foundPlace = false;

  constructor(place: RowsPlace) {
    this.#place = place;
    this.#watched = Buffer.from(JSON.stringify(place.keyColumn));
    this.#lines = new RowLines(this.#watched);
  }

  /** Whether as many rows as were wanted are cut; what follows isn't looked at. */
  get isDone(): boolean {
    return this.#value === null && this.#rows === this.#place.rowsMax;
  }

  /** Rows that were begun. */
  get rows(): number {
    return this.#rows;
  }

  /**
   * Takes a piece of the document and answers a piece of lines, valid until the next call. Throws
   * `CutError`.
   */
  push(piece: Uint8Array): Uint8Array {
    let at = 0;
    while (at < piece.length && !this.isDone) {
      if (this.#value !== null) at = this.#pass(piece, at);
      else if (this.#key !== null) at = this.#keyByte(piece[at] ?? 0, at);
      else if (isSpace(piece[at] ?? 0)) at += 1;
      else at = this.#token(piece[at] ?? 0, at);
    }
    this.#offsetBytes += piece.length;
    return this.#lines.take();
  }

  /** Ends the document, and answers what ends its lines. Throws `CutError`. */
  end(): Uint8Array {
    if (this.isDone) return this.#lines.take();
    if (this.#value?.passed.isScalar === true) this.#endValue();
    if (this.#expect !== "nothing") throw this.#invalid("it ends too early", 0);
    if (!this.#foundPlace) throw new CutError({ kind: "no_place" });
    return this.#lines.take();
  }

  #token(byte: number, at: number): number {
    const level = this.#levels.at(-1);
    switch (this.#expect) {
      case "value_or_end":
        if (byte === byteOf.closeBracket) return this.#close(at);
        return this.#beginValue(byte, at);
      case "value":
        return this.#beginValue(byte, at);
      case "key_or_end":
      case "key":
        if (byte === byteOf.closeBrace && this.#expect === "key_or_end") return this.#close(at);
        if (byte !== byteOf.quote) throw this.#invalid("expected a key", at);
        this.#key = [byte];
        return at + 1;
      case "colon":
        if (byte !== byteOf.colon) throw this.#invalid("expected ':'", at);
        this.#expect = "value";
        return at + 1;
      case "comma":
        if (level === undefined) throw new Error("expected a container around a comma");
        if (byte === (level.isObject ? byteOf.closeBrace : byteOf.closeBracket)) {
          return this.#close(at);
        }
        if (byte !== byteOf.comma) throw this.#invalid("expected ','", at);
        level.index += 1;
        this.#expect = level.isObject ? "key" : "value";
        return at + 1;
      case "nothing":
        throw this.#invalid("expected nothing after the document", at);
    }
  }

  #keyByte(byte: number, at: number): number {
    const key = this.#key ?? [];
    key.push(byte);
    if (key.length > keyBytesMax) throw this.#invalid("expected a shorter key", at);
    if (this.#isEscaped) {
      this.#isEscaped = false;
    } else if (byte === byteOf.backslash) {
      this.#isEscaped = true;
    } else if (byte < 0x20) {
      throw this.#invalid("expected control characters in keys to be escaped", at);
    } else if (byte === byteOf.quote) {
      const level = this.#levels.at(-1);
      if (level !== undefined) level.key = Uint8Array.from(key);
      this.#key = null;
      this.#expect = "colon";
    }
    return at + 1;
  }

  /** Decides what a value is: on the way to the rows, a row, or neither. */
  #beginValue(byte: number, at: number): number {
    const { pointer, rows } = this.#place;
    const depth = this.#levels.length;
    if (depth > pointer.length) return this.#passOver(byte, at, { isRow: true });
    const parent = this.#levels.at(-1);
    if (parent !== undefined && !this.#isOnWay(parent, pointer[depth - 1] ?? "", at)) {
      return this.#passOver(byte, at, { isRow: false });
    }
    if (depth === pointer.length) {
      this.#foundPlace = true;
      if (rows === "one") return this.#passOver(byte, at, { isRow: true });
    }
    if (!isOpening(byte)) {
      throw new CutError({ kind: depth === pointer.length ? "no_items" : "no_place" });
    }
    const isObject = byte === byteOf.openBrace;
    this.#levels.push({ isObject, index: 0, key: null, wasFound: false });
    this.#expect = isObject ? "key_or_end" : "value_or_end";
    return at + 1;
  }

  #isOnWay(level: Level, token: string, at: number): boolean {
    const name = level.key === null ? String(level.index) : this.#textOf(level.key, at);
    if (name !== token) return false;
    if (level.wasFound) throw this.#invalid(`expected the key '${token}' once`, at);
    level.wasFound = true;
    return true;
  }

  #textOf(key: Uint8Array, at: number): string {
    try {
      return String(JSON.parse(Buffer.from(key).toString()));
    } catch (error) {
      if (error instanceof SyntaxError) throw this.#invalid("expected a valid key", at);
      throw error;
    }
  }

  #passOver(byte: number, at: number, { isRow }: { readonly isRow: boolean }): number {
    // A member of an object of rows has a key, a row that is the whole of something has none.
    const level = this.#levels.length > this.#place.pointer.length ? this.#levels.at(-1) : null;
    const key = isRow ? (level?.key ?? null) : null;
    this.#value = { isRow, passed: new PassedValue(byte, key === null ? null : this.#watched) };
    if (isRow) {
      this.#rows += 1;
      this.#lines.begin(byte, key);
    }
    return at + 1;
  }

  #pass(piece: Uint8Array, from: number): number {
    if (this.#value === null) throw new Error("expected a value under way");
    const { isRow, passed } = this.#value;
    const end = passed.pass(piece, from);
    if (passed.fault !== null) throw this.#invalid(passed.fault.reason, passed.fault.at);
    if (isRow) this.#lines.add(piece, from, end === -1 ? piece.length : end);
    if (end === -1) return piece.length;
    this.#endValue();
    return end;
  }

  #endValue(): void {
    if (this.#value?.passed.hasWatchedKey === true) {
      throw new CutError({ kind: "key_taken", row: this.#rows });
    }
    if (this.#value?.isRow === true) this.#lines.end();
    this.#value = null;
    this.#afterValue();
  }

  #afterValue(): void {
    this.#expect = this.#levels.length === 0 ? "nothing" : "comma";
  }

  #close(at: number): number {
    const closed = this.#levels.pop();
    // A container that isn't the one of the rows had to have the way to them.
    const isOnWay = this.#levels.length < this.#place.pointer.length;
    if (isOnWay && closed?.wasFound !== true) throw new CutError({ kind: "no_place" });
    this.#afterValue();
    return at + 1;
  }

  #invalid(reason: string, at: number): CutError {
    return new CutError({ kind: "invalid", reason, offsetBytes: this.#offsetBytes + at });
  }
}
