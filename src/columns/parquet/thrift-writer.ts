/**
 * Thrift's compact protocol, as much of it as Parquet's headers and footer need. Source: Apache
 * Thrift, "Thrift Compact protocol encoding".
 */
import type { GrowingBytes } from "../growing-bytes.ts";
import { appendVarint, zigzag } from "./varint.ts";

/** Codes of the types that a list may hold. */
export const thriftType = { bool: 1, i32: 5, i64: 6, binary: 8, struct: 12 } as const;

const codes = { true: 1, false: 2, byte: 3, i16: 4, list: 9 } as const;

/** Appends structs to bytes: `begin`, the fields by rising id, `end`. */
export class ThriftWriter {
  readonly #out: GrowingBytes;
  /** The last field's id, of this struct and of those around it. */
  readonly #outer: number[] = [];
  #last = 0;

  constructor(out: GrowingBytes) {
    this.#out = out;
  }

  /** Begins a struct that is no field: the outermost one, or an element of a list. */
  begin(): void {
    this.#outer.push(this.#last);
    this.#last = 0;
  }

  /** Ends the struct that was begun last. */
  end(): void {
    this.#byte(0);
    this.#last = this.#outer.pop() ?? 0;
  }

  /** Begins a field that is a struct, or a union. */
  beginField(id: number): void {
    this.#header(id, thriftType.struct);
    this.begin();
  }

  /** A field that is a struct without fields: what a union names by it alone. */
  emptyField(id: number): void {
    this.beginField(id);
    this.end();
  }

  bool(id: number, value: boolean): void {
    this.#header(id, value ? codes.true : codes.false);
  }

  byte(id: number, value: number): void {
    this.#header(id, codes.byte);
    this.#byte(value);
  }

  i16(id: number, value: number): void {
    this.#header(id, codes.i16);
    this.elementInteger(value);
  }

  i32(id: number, value: number): void {
    this.#header(id, thriftType.i32);
    this.elementInteger(value);
  }

  /** A safe integer. */
  i64(id: number, value: number): void {
    this.#header(id, thriftType.i64);
    this.elementInteger(value);
  }

  binary(id: number, value: Uint8Array): void {
    this.#header(id, thriftType.binary);
    this.elementBinary(value);
  }

  text(id: number, value: string): void {
    this.binary(id, new TextEncoder().encode(value));
  }

  /** Begins a list; `count` elements follow. */
  list(id: number, type: (typeof thriftType)[keyof typeof thriftType], count: number): void {
    this.#header(id, codes.list);
    if (count < 15) {
      this.#byte((count << 4) | type);
      return;
    }
    this.#byte(0xf0 | type);
    appendVarint(this.#out, count);
  }

  elementInteger(value: number): void {
    appendVarint(this.#out, zigzag(value));
  }

  elementBool(value: boolean): void {
    this.#byte(value ? codes.true : codes.false);
  }

  elementBinary(value: Uint8Array): void {
    appendVarint(this.#out, value.byteLength);
    this.#out.append(value);
  }

  #header(id: number, type: number): void {
    const step = id - this.#last;
    this.#last = id;
    if (step > 0 && step < 16) {
      this.#byte((step << 4) | type);
      return;
    }
    this.#byte(type);
    this.elementInteger(id);
  }

  #byte(value: number): void {
    this.#out.reserve(1);
    this.#out.bytes[this.#out.sizeBytes] = value;
    this.#out.sizeBytes += 1;
  }
}
