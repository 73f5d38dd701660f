/**
 * The schema of a Parquet file as bytes: files that have the same ones can be read together, and no
 * reader has to find a type that holds the columns of all.
 *
 * The footer is a struct `FileMetaData` in Thrift's compact protocol, whose second field is the
 * list of schema elements (parquet-format, "File Format"; thrift-compact-protocol.md).
 */

/** Deeper structs than this are no schema. */
const depthMax = 16;

/** Types of fields, as Thrift numbers them. */
const [stop, isTrue, isFalse, byte, i16, i32, i64, double, binary, list, set, map, struct] = [
  0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12,
];

/** The number of the field that has the schema. */
const schemaField = 2;

/** The bytes of the schema in a footer that begins so; null where they aren't all there. */
export function schemaBytes(footer: Uint8Array): Uint8Array | null {
  const cursor = new Cursor(footer);
  let field = 0;
  for (;;) {
    const header = cursor.byte();
    const type = header & 0x0f;
    if (cursor.isPast || type === stop) return null;
    const delta = header >> 4;
    field = delta === 0 ? cursor.zigzag() : field + delta;
    const from = cursor.at;
    cursor.skip(type, depthMax);
    if (cursor.isPast || field > schemaField) return null;
    if (field === schemaField) return footer.subarray(from, cursor.at);
  }
}

/** Reads on in bytes; past their end everything is 0. */
class Cursor {
  at = 0;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get isPast(): boolean {
    return this.at > this.#bytes.length;
  }

  byte(): number {
    const value = this.#bytes[this.at] ?? 0;
    this.at += 1;
    return value;
  }

  zigzag(): number {
    const value = this.#varint();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  skip(type: number, levels: number): void {
    if (levels === 0 || this.isPast) {
      this.#fail();
      return;
    }
    switch (type) {
      case isTrue:
      case isFalse:
        return;
      case byte:
        this.at += 1;
        return;
      case i16:
      case i32:
      case i64:
        this.#varint();
        return;
      case double:
        this.at += 8;
        return;
      case binary: {
        // On its own, since it moves `at` too.
        const length = this.#varint();
        this.at += length;
        return;
      }
      case list:
      case set:
        this.#skipList(levels);
        return;
      case map:
        this.#skipMap(levels);
        return;
      case struct:
        this.#skipStruct(levels);
        return;
      default:
        this.#fail();
    }
  }

  #skipList(levels: number): void {
    const header = this.byte();
    const short = header >> 4;
    const size = short === 15 ? this.#varint() : short;
    const type = header & 0x0f;
    for (let item = 0; item < size && !this.isPast; item += 1) {
      // In a list a truth has a byte of its own.
      this.skip(type === isTrue || type === isFalse ? byte : type, levels - 1);
    }
  }

  #skipMap(levels: number): void {
    const size = this.#varint();
    const types = size === 0 ? 0 : this.byte();
    for (let item = 0; item < size && !this.isPast; item += 1) {
      this.skip(types >> 4, levels - 1);
      this.skip(types & 0x0f, levels - 1);
    }
  }

  #skipStruct(levels: number): void {
    for (;;) {
      const header = this.byte();
      const type = header & 0x0f;
      if (this.isPast || header === stop) return;
      if (header >> 4 === 0) this.zigzag();
      this.skip(type, levels - 1);
    }
  }

  /** Of at most 64 bits; a number past 2^53 is past the end as well. */
  #varint(): number {
    let value = 0;
    for (let shift = 0; shift < 64; shift += 7) {
      const next = this.byte();
      value += (next & 0x7f) * 2 ** shift;
      if (next < 0x80) return value;
    }
    this.#fail();
    return 0;
  }

  #fail(): void {
    this.at = this.#bytes.length + 1;
  }
}
