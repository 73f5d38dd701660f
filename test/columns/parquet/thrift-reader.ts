/** Reads Thrift's compact protocol without a schema: footer and headers as other readers do. */

/** A struct by its fields' ids. */
export type Thrift = ReadonlyMap<number, ThriftValue>;

/** A value of a field or a list. */
export type ThriftValue = boolean | number | Uint8Array | Thrift | readonly ThriftValue[];

/** Reads the struct that begins there, and tells where it ends. */
export function readThrift(
  bytes: Uint8Array,
  from: number,
): { readonly value: Thrift; readonly end: number } {
  const reader = new Reader(bytes, from);
  const value = reader.struct();
  return { value, end: reader.at };
}

class Reader {
  readonly #bytes: Uint8Array;
  at: number;

  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = bytes;
    this.at = at;
  }

  struct(): Thrift {
    const fields = new Map<number, ThriftValue>();
    let id = 0;
    for (;;) {
      const header = this.#byte();
      if (header === 0) return fields;
      id = header >> 4 === 0 ? this.#integer() : id + (header >> 4);
      const type = header & 15;
      fields.set(id, type === 1 || type === 2 ? type === 1 : this.#value(type));
    }
  }

  #value(type: number): ThriftValue {
    switch (type) {
      case 1:
      case 2:
        return this.#byte() === 1;
      case 3:
        return this.#byte();
      case 4:
      case 5:
      case 6:
        return this.#integer();
      case 8: {
        const length = this.#varint();
        this.at += length;
        return this.#bytes.subarray(this.at - length, this.at);
      }
      case 9: {
        const header = this.#byte();
        const count = header >> 4 === 15 ? this.#varint() : header >> 4;
        return Array.from({ length: count }, () => this.#value(header & 15));
      }
      case 12:
        return this.struct();
      default:
        throw new Error(`expected a type of Thrift's, got ${type}`);
    }
  }

  #byte(): number {
    const byte = this.#bytes[this.at];
    if (byte === undefined) throw new Error(`expected a byte at ${this.at}`);
    this.at += 1;
    return byte;
  }

  #varint(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = this.#byte();
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  }

  #integer(): number {
    const value = this.#varint();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }
}
