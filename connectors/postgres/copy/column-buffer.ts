/**
 * The rows of one column so far, in memory that is used again for each batch: what is handed over
 * is a copy of exactly the bytes that hold values. So a batch leaves no half-filled buffers to the
 * collector, and what is allocated doesn't depend on how far buffers had to grow.
 */
import type { DataType, Vector } from "../../../src/connector.ts";
import { valueFault, type ValuePlace } from "./copy-error.ts";
import type { WireForm } from "../types/wire-form.ts";

/** The length of a form whose values have different ones. */
export const anyLength = -1;

/** A column of a batch that is being filled. */
export class ColumnBuffer implements ValuePlace {
  readonly name: string;
  readonly type: DataType;
  readonly form: WireForm;
  /** Bytes that a row takes at least, its offset included; a bit counts as a byte. */
  readonly rowBytes: number;
  /** Whether offsets cut its values. */
  readonly isCut: boolean;
  /** Bytes of each value on the wire; `anyLength` where they differ. */
  readonly wireBytes: number;
  /** The items of a list. */
  readonly item: ColumnBuffer | null;
  rows = 0;
  nullCount = 0;
  /** Bytes of `values` that are filled, of a type that offsets cut. */
  size = 0;
  /** Rows that there is room for. */
  capacity = startRows;
  values: Uint8Array<ArrayBuffer>;
  /** The same memory as `values`. */
  words: Int32Array<ArrayBuffer>;
  /** The same memory as `values`. */
  valuesView: DataView<ArrayBuffer>;
  /** One more than rows; all zero for a type that nothing cuts. */
  offsets: Int32Array<ArrayBuffer>;
  readonly #isNullable: boolean;
  readonly #width: number;
  /** Bits are 1 unless a row is null, so that a value needn't write its own. */
  #validity = new Uint8Array(startRows / 8).fill(0xff);

  constructor(place: ValuePlace, form: WireForm, isNullable: boolean) {
    this.name = place.name;
    this.type = place.type;
    this.form = form;
    this.#isNullable = isNullable;
    this.#width = widthOf(place.type);
    this.isCut = this.#width === 0;
    this.rowBytes = this.isCut ? 4 : this.#width;
    this.wireBytes = wireBytesOf(form);
    this.item = itemOf(place, form);
    this.values = new Uint8Array(this.isCut ? startBytes : startRows * this.#width);
    this.words = new Int32Array(this.values.buffer);
    this.valuesView = new DataView(this.values.buffer);
    this.offsets = new Int32Array(this.isCut ? startRows + 1 : 1);
  }

  /** About the bytes that the batch will hold of it beyond `rowBytes` a row. */
  get cutBytes(): number {
    const { item } = this;
    return item === null ? this.size : item.rows * item.rowBytes + item.cutBytes;
  }

  /** Appends a row without a value. Throws SchemaIncompatible where there must be one. */
  appendNull(): void {
    if (!this.#isNullable) throw valueFault("missing", this, "no value");
    const row = this.rows;
    if (row === this.capacity) this.grow();
    const index = row >>> 3;
    this.#validity[index] = (this.#validity[index] ?? 0) & ~(1 << (row & 7));
    this.nullCount += 1;
    this.rows = row + 1;
    if (this.isCut) this.offsets[row + 1] = this.item === null ? this.size : this.item.rows;
    else if (this.type.kind === "bool") this.setBit(row, 0);
    else this.values.fill(0, row * this.#width, (row + 1) * this.#width);
  }

  /** Writes the bit of the row that comes next, of a bool. */
  setBit(row: number, bit: number): void {
    const index = row >>> 3;
    // The first bit of a byte clears what an earlier batch left there.
    const before = (row & 7) === 0 ? 0 : (this.values[index] ?? 0);
    this.values[index] = before | (bit << (row & 7));
  }

  /** Makes room for so many rows more. */
  growBy(rows: number): void {
    while (this.rows + rows > this.capacity) this.grow();
  }

  /** Makes room for more rows. */
  grow(): void {
    this.capacity *= 2;
    const validity = new Uint8Array(this.capacity / 8).fill(0xff);
    validity.set(this.#validity);
    this.#validity = validity;
    if (!this.isCut) return this.#resize(this.capacity * this.#width);
    const offsets = new Int32Array(this.capacity + 1);
    offsets.set(this.offsets);
    this.offsets = offsets;
  }

  /** Makes room for so many bytes more. Throws SchemaIncompatible past what offsets reach. */
  reserve(bytes: number): void {
    const needed = this.size + bytes;
    if (needed <= this.values.byteLength) return;
    if (needed > cutBytesMax) throw valueFault("out_of_range", this, `${needed} bytes in a batch`);
    this.#resize(Math.min(cutBytesMax, Math.max(needed + 7, 2 * this.values.byteLength)));
  }

  #resize(bytes: number): void {
    // Transferred, so that the smaller memory goes back at once and not when it is collected.
    this.values = new Uint8Array(this.values.buffer.transfer(bytes & ~7));
    this.words = new Int32Array(this.values.buffer);
    this.valuesView = new DataView(this.values.buffer);
  }

  /** The column of all rows, in buffers of the caller's; this starts anew. */
  take(): Vector {
    const { rows, nullCount } = this;
    const used = this.isCut ? this.size : usedBytes(this.type, rows, this.#width);
    // Large memory isn't kept, and is handed over itself: its untouched end costs nothing.
    const isLarge = this.values.byteLength > keptBytesMax;
    const vector = {
      type: this.type,
      length: rows,
      nullCount,
      validity: nullCount === 0 ? null : this.#takeValidity(rows),
      offsets: this.isCut ? this.offsets.slice(0, rows + 1) : null,
      values: isLarge ? this.values.subarray(0, used) : this.values.slice(0, used),
      children: this.item === null ? [] : [this.item.take()],
    };
    this.rows = 0;
    this.nullCount = 0;
    this.size = 0;
    if (isLarge) this.#release();
    return vector;
  }

  #takeValidity(rows: number): Uint8Array {
    const taken = this.#validity.slice(0, Math.ceil(rows / 8));
    const tail = rows & 7;
    const last = taken.byteLength - 1;
    if (tail !== 0) taken[last] = (taken[last] ?? 0) & ((1 << tail) - 1);
    this.#validity.fill(0xff, 0, taken.byteLength);
    return taken;
  }

  /** One large text mustn't be paid for by all later batches. */
  #release(): void {
    this.capacity = startRows;
    this.values = new Uint8Array(this.isCut ? startBytes : startRows * this.#width);
    this.words = new Int32Array(this.values.buffer);
    this.valuesView = new DataView(this.values.buffer);
    this.offsets = new Int32Array(this.isCut ? startRows + 1 : 1);
    this.#validity = new Uint8Array(startRows / 8).fill(0xff);
  }
}

const startRows = 64;
const startBytes = 1024;
/** What offsets of 32 bits reach, as a multiple of 8. */
const cutBytesMax = 2 ** 31 - 8;
/** Memory that one column keeps from batch to batch. */
const keptBytesMax = 16 * 1024 * 1024;

function itemOf(place: ValuePlace, form: WireForm): ColumnBuffer | null {
  if (place.type.kind !== "list" || form.kind !== "array") return null;
  const item = { name: `${place.name}[]`, type: place.type.item };
  const inner = form.dimensions > 1 ? { ...form, dimensions: form.dimensions - 1 } : form.item;
  return new ColumnBuffer(item, inner, true);
}

function wireBytesOf(form: WireForm): number {
  switch (form.kind) {
    case "bool":
      return 1;
    case "number":
      return form.bytes;
    case "date":
      return 4;
    case "time":
    case "timestamp":
      return 8;
    case "uuid":
      return 16;
    case "decimal":
    case "numeric-text":
    case "numeric-double":
    case "text":
    case "bytes":
    case "jsonb":
    case "network":
    case "mac":
    case "array":
      return anyLength;
  }
}

/** 0 for a type that offsets cut; of a bool, more than its bit. */
function widthOf(type: DataType): number {
  switch (type.kind) {
    case "bool":
      return 1;
    case "int":
    case "float":
      return type.bits / 8;
    case "date":
      return 4;
    case "time":
    case "timestamp":
      return 8;
    case "decimal":
    case "uuid":
      return 16;
    case "text":
    case "json":
    case "binary":
    case "list":
      return 0;
    case "null":
    case "struct":
      throw new Error(`expected no column of type ${type.kind} in Postgres`);
  }
}

function usedBytes(type: DataType, rows: number, width: number): number {
  return type.kind === "bool" ? Math.ceil(rows / 8) : rows * width;
}
