/** Rows as lines of JSON, written piece by piece. */
import { byteOf, isSpace } from "./passed-value.ts";

/** Writes one row after the other. */
export class RowLines {
  readonly #keyColumn: string;
  #pieces: Uint8Array[] = [];
  /** Whether the row's object has the key's member, and nothing else yet. */
  #awaitsMember = false;
  /** What was read of a `null`, which becomes a row without a value; null for any other value. */
  #nothing: string | null = null;
  #separator = "";
  #closing = "";

  /** `keyColumn` is raw JSON text, with its quotes. */
  constructor(keyColumn: string) {
    this.#keyColumn = keyColumn;
  }

  /**
   * Begins a row with the first byte of its value. An object is the row itself, anything else
   * becomes its member `value`; `key` is raw JSON text, null for a row without one.
   */
  begin(first: number, key: string | null): void {
    const member = key === null ? "" : `${this.#keyColumn}:${key}`;
    const isObject = first === byteOf.openBrace;
    const text = String.fromCodePoint(first);
    this.#awaitsMember = isObject && key !== null;
    this.#nothing = text === "n" ? text : null;
    this.#closing = isObject ? "\n" : "}\n";
    this.#text(`{${member}`);
    if (isObject) return;
    this.#separator = key === null ? "" : ",";
    if (this.#nothing === null) this.#text(`${this.#separator}"value":${text}`);
  }

  /** Goes on with a row's value. What is between tokens may become blanks. */
  add(piece: Uint8Array): void {
    if (this.#nothing !== null) {
      this.#nothing += Buffer.from(piece).toString("latin1");
      return;
    }
    let rest = piece;
    if (this.#awaitsMember) {
      const start = piece.findIndex((byte) => !isSpace(byte));
      if (start === -1) return;
      rest = piece.subarray(start);
      this.#awaitsMember = false;
      if (rest[0] !== byteOf.closeBrace) this.#text(",");
    }
    this.#pieces.push(withoutLineEnds(rest));
  }

  /** Ends a row. */
  end(): void {
    // What only looks like a null goes on, to be refused by who reads it.
    if (this.#nothing !== null && this.#nothing !== "null") {
      this.#text(`${this.#separator}"value":${this.#nothing}`);
    }
    this.#text(this.#closing);
  }

  /** What was written since the last call. */
  take(): Uint8Array {
    const taken = Buffer.concat(this.#pieces);
    this.#pieces = [];
    return taken;
  }

  #text(text: string): void {
    this.#pieces.push(Buffer.from(text));
  }
}

/** A copy: the piece belongs to whoever read it. */
function withoutLineEnds(piece: Uint8Array): Uint8Array {
  const copy = Buffer.from(piece);
  for (const end of [0x0a, 0x0d]) {
    for (let at = copy.indexOf(end); at !== -1; at = copy.indexOf(end, at + 1)) copy[at] = 0x20;
  }
  return copy;
}
