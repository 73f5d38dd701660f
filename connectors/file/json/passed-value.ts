/** Finds where a JSON value ends, piece by piece, by nothing but its quotes and brackets. */

/** The bytes that JSON is structured by. */
export const byteOf = {
  quote: 0x22,
  backslash: 0x5c,
  comma: 0x2c,
  colon: 0x3a,
  openBrace: 0x7b,
  closeBrace: 0x7d,
  openBracket: 0x5b,
  closeBracket: 0x5d,
} as const;

/** Whether a byte may stand between tokens. */
export function isSpace(byte: number): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

/** Whether a byte begins an object or an array. */
export function isOpening(byte: number): boolean {
  return byte === byteOf.openBrace || byte === byteOf.openBracket;
}

function isClosing(byte: number): boolean {
  return byte === byteOf.closeBrace || byte === byteOf.closeBracket;
}

/** What was wrong with a value, at an index of the piece. */
export interface ValueFault {
  readonly reason: string;
  readonly at: number;
}

/** A value that is passed over. */
export class PassedValue {
  /** Whether it has no end of its own, as a number. */
  readonly isScalar: boolean;
  /** Set where a string has a byte that no string may have. */
  fault: ValueFault | null = null;
  /** Whether a member of the object itself has the watched key. */
  hasWatchedKey = false;
  readonly #watched: Uint8Array | null;
  #depth: number;
  #inString: boolean;
  #isEscaped = false;
  /** Whether a string at the first level is a key. */
  #expectsKey: boolean;
  /** How much of the watched key was met; -1 where a string is another one, or no key. */
  #met = -1;

  /** Begins with the value's first byte. `watched` is the raw text of a key, with its quotes. */
  constructor(first: number, watched: Uint8Array | null) {
    this.isScalar = !isOpening(first) && first !== byteOf.quote;
    this.#watched = watched;
    this.#depth = isOpening(first) ? 1 : 0;
    this.#inString = first === byteOf.quote;
    this.#expectsKey = first === byteOf.openBrace;
  }

  /** The index after the value's last byte; -1 where the value goes on beyond the piece. */
  pass(piece: Uint8Array, from: number): number {
    if (this.isScalar) return scalarEnd(piece, from);
    for (let at = from; at < piece.length; at += 1) {
      const byte = piece[at] ?? 0;
      if (this.#inString) this.#passString(byte, at);
      else this.#passToken(byte);
      if (this.#depth === 0 && !this.#inString) return at + 1;
    }
    return -1;
  }

  #passString(byte: number, at: number): void {
    if (this.#met >= 0) this.#met = this.#watched?.[this.#met] === byte ? this.#met + 1 : -1;
    if (this.#isEscaped) {
      this.#isEscaped = false;
    } else if (byte === byteOf.quote) {
      this.#inString = false;
      if (this.#met === this.#watched?.length) this.hasWatchedKey = true;
      this.#met = -1;
    } else if (byte === byteOf.backslash) {
      this.#isEscaped = true;
    } else if (byte < 0x20) {
      this.fault ??= { reason: "expected control characters in texts to be escaped", at };
    }
  }

  #passToken(byte: number): void {
    if (byte === byteOf.quote) {
      this.#inString = true;
      if (this.#depth === 1 && this.#expectsKey && this.#watched !== null) this.#met = 1;
    } else if (isOpening(byte)) {
      this.#depth += 1;
    } else if (isClosing(byte)) {
      this.#depth -= 1;
    } else if (this.#depth === 1) {
      if (byte === byteOf.comma) this.#expectsKey = true;
      if (byte === byteOf.colon) this.#expectsKey = false;
    }
  }
}

/** A number or word ends before what can't be a part of it. */
function scalarEnd(piece: Uint8Array, from: number): number {
  for (let at = from; at < piece.length; at += 1) {
    const byte = piece[at] ?? 0;
    if (byte === byteOf.comma || isClosing(byte) || isSpace(byte)) return at;
  }
  return -1;
}
