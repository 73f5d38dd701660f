/**
 * Line ends of CSV text. DuckDB reads each kind, but not several in one file; so such a file is
 * copied with line feeds. What is between quotes stays as it is.
 */
import type { FieldMarks } from "./parse-records.ts";

const lineFeed = 0x0a;
const carriageReturn = 0x0d;

/** Makes every line end outside of quotes a line feed, piece by piece. */
export class LineEnds {
  readonly #quote: number;
  readonly #escape: number;
  readonly #delimiterEnd: number;
  readonly #kinds = new Set<string>();
  #state: "field_start" | "field" | "quoted" | "escaped" | "after_quote" = "field_start";
  /** Whether the last byte was a carriage return, which a line feed may belong to. */
  #isAfterReturn = false;

  constructor({ delimiter, quote, escape }: FieldMarks) {
    this.#quote = quote === "" ? -1 : (Buffer.from(quote)[0] ?? -1);
    this.#escape = escape === "" || escape === quote ? -1 : (Buffer.from(escape)[0] ?? -1);
    this.#delimiterEnd = Buffer.from(delimiter).at(-1) ?? -1;
  }

  /** Whether line ends of more than one kind were met. */
  get isMixed(): boolean {
    return this.#kinds.size > 1;
  }

  /** The piece with its line ends changed, as a copy. */
  push(piece: Uint8Array): Uint8Array {
    const changed = Buffer.allocUnsafe(piece.length);
    let length = 0;
    for (const byte of piece) {
      const isPair = this.#isAfterReturn && byte === lineFeed;
      if (this.#isAfterReturn) this.#kinds.add(isPair ? "both" : "return");
      this.#isAfterReturn = false;
      // The return that it belongs to has become the line feed already.
      if (isPair) continue;
      const isEnd = !this.#isQuoted() && (byte === lineFeed || byte === carriageReturn);
      this.#isAfterReturn = isEnd && byte === carriageReturn;
      if (isEnd && byte === lineFeed) this.#kinds.add("feed");
      changed[length] = isEnd ? lineFeed : byte;
      length += 1;
      this.#pass(byte, isEnd);
    }
    return changed.subarray(0, length);
  }

  #isQuoted(): boolean {
    return this.#state === "quoted" || this.#state === "escaped";
  }

  #pass(byte: number, isEnd: boolean): void {
    switch (this.#state) {
      case "quoted":
        if (byte === this.#escape) this.#state = "escaped";
        else if (byte === this.#quote) this.#state = "after_quote";
        return;
      case "escaped":
        this.#state = "quoted";
        return;
      case "after_quote":
        // A quote after a quote is one of the text.
        if (byte === this.#quote) this.#state = "quoted";
        else this.#state = isEnd || byte === this.#delimiterEnd ? "field_start" : "field";
        return;
      case "field_start":
      case "field": {
        const begins = this.#state === "field_start" && byte === this.#quote;
        if (begins) this.#state = "quoted";
        else this.#state = isEnd || byte === this.#delimiterEnd ? "field_start" : "field";
      }
    }
  }
}

/** Whether a text has line ends of several kinds outside of quotes. */
export function hasMixedLineEnds(text: string, marks: FieldMarks): boolean {
  const lineEnds = new LineEnds(marks);
  lineEnds.push(Buffer.from(text));
  return lineEnds.isMixed;
}
