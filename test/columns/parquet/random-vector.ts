/** Random columns laid out by hand, of any length, with what a reader shall say of each row. */
import type { FlatType } from "../../../src/columns/parquet/storage.ts";
import type { Vector } from "../../../src/core/batch.ts";

/**
 * A value as readers are asked for it: numbers by their exact unscaled integer, floats as they are,
 * bytes and texts by their hexadecimal digits.
 */
export type Told = bigint | number | boolean | string | null;

/** A row that is a list of items, or none. */
export type ToldList = readonly Told[] | null;

/** Random integers from a seed: Mulberry32. */
export class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed | 0;
  }

  /** 0 to 2^32 - 1. */
  word(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return (mixed ^ (mixed >>> 14)) >>> 0;
  }

  below(bound: number): number {
    return this.word() % bound;
  }

  /** 0 to 2^bits - 1. */
  bits(bits: number): bigint {
    let value = 0n;
    for (let taken = 0; taken < bits; taken += 32) value = (value << 32n) | BigInt(this.word());
    return BigInt.asUintN(bits, value);
  }

  pick<T>(values: readonly T[]): T {
    const value = values[this.below(values.length)];
    if (value === undefined) throw new Error("expected values to pick from");
    return value;
  }
}

/** How the values of a column are made; what it means depends on the type. */
export interface Shape {
  readonly type: FlatType;
  readonly seed: number;
  /** 0 to 1, of rows that are null. */
  readonly nulls: number;
  /** Bits that random numbers have, or the logarithm of how many distinct texts there are. */
  readonly width: number;
  readonly order: "any" | "rising" | "extremes";
}

/** A column, and what each of its rows is told as. */
export interface RandomColumn {
  readonly vector: Vector;
  readonly told: readonly Told[];
}

/** A column of so many rows. What lies under a null is random too. */
export function randomColumn(shape: Shape, rows: number): RandomColumn {
  const dice = new Dice(shape.seed);
  const values = valuesOf(shape, rows, dice);
  const validity = new Uint8Array(Math.ceil(rows / 8));
  const told = values.map((value, row): Told => {
    if (shape.type.kind === "null" || dice.word() < shape.nulls * 2 ** 32) return null;
    validity[row >>> 3] = (validity[row >>> 3] ?? 0) | (1 << (row & 7));
    return value;
  });
  const nullCount = told.filter((value) => value === null).length;
  const common = {
    type: shape.type,
    length: rows,
    nullCount,
    validity: nullCount === 0 || shape.type.kind === "null" ? null : validity,
    children: [],
  };
  return { told, vector: { ...common, ...laidOut(shape.type, values) } };
}

/** A list column of so many rows, and what each of its rows is told as. */
export function randomLists(
  shape: Shape,
  rows: number,
): { readonly vector: Vector; readonly told: readonly ToldList[] } {
  const dice = new Dice(~shape.seed);
  const validity = new Uint8Array(Math.ceil(rows / 8));
  const offsets = new Int32Array(rows + 1);
  for (let row = 0; row < rows; row += 1) {
    const isList = dice.word() >= shape.nulls * 2 ** 32;
    if (isList) validity[row >>> 3] = (validity[row >>> 3] ?? 0) | (1 << (row & 7));
    const items = isList ? dice.pick([0, 1, 1, 2, shape.width]) : 0;
    offsets[row + 1] = (offsets[row] ?? 0) + items;
  }
  const items = randomColumn(shape, offsets[rows] ?? 0);
  const isListAt = (row: number): boolean => (((validity[row >>> 3] ?? 0) >>> (row & 7)) & 1) === 1;
  const told = Array.from({ length: rows }, (_, row) =>
    isListAt(row) ? items.told.slice(offsets[row], offsets[row + 1]) : null,
  );
  const nullCount = told.filter((list) => list === null).length;
  const vector: Vector = {
    type: { kind: "list", item: shape.type },
    length: rows,
    nullCount,
    validity: nullCount === 0 ? null : validity,
    offsets,
    values: new Uint8Array(),
    children: [items.vector],
  };
  return { vector, told };
}

function valuesOf(shape: Shape, rows: number, dice: Dice): readonly Exclude<Told, null>[] {
  const { type } = shape;
  switch (type.kind) {
    case "null":
      return Array.from({ length: rows }, () => 0n);
    case "bool":
      return boolsOf(shape, rows, dice);
    case "float":
      return Array.from({ length: rows }, () => floatOf(shape, type.bits, dice));
    case "text":
    case "json":
    case "binary":
      return textsOf(shape, rows, dice);
    case "uuid":
      return Array.from({ length: rows }, () => hexOf(dice.bits(shape.width * 2), 16));
    case "int":
    case "decimal":
    case "date":
    case "time":
    case "timestamp":
      return integersOf(shape, rows, dice);
  }
}

function boolsOf({ order, width }: Shape, rows: number, dice: Dice): readonly boolean[] {
  let value = false;
  return Array.from({ length: rows }, (_, row) => {
    if (order === "rising") return row > rows / 2;
    if (order === "extremes") return width % 2 === 0;
    // Runs about as long as the width is.
    if (dice.below(width) === 0) value = !value;
    return value;
  });
}

/** The least and greatest integers that DuckDB has for a type. */
function rangeOf(type: FlatType): readonly [bigint, bigint] {
  switch (type.kind) {
    case "int": {
      const bits = BigInt(type.bits);
      return type.signed ? [-(2n ** (bits - 1n)), 2n ** (bits - 1n) - 1n] : [0n, 2n ** bits - 1n];
    }
    case "decimal": {
      const bound = 10n ** BigInt(type.precision) - 1n;
      return [-bound, bound];
    }
    case "date":
      return [-2_147_483_646n, 2_147_483_646n];
    case "time":
      return [0n, 86_400_000_000n];
    case "timestamp":
      return [-9_223_372_022_400_000_000n, 9_223_372_036_854_775_806n];
    case "null":
    case "bool":
    case "float":
    case "text":
    case "json":
    case "uuid":
    case "binary":
      throw new Error(`expected a type of integers, got ${type.kind}`);
  }
}

function integersOf({ type, width, order }: Shape, rows: number, dice: Dice): readonly bigint[] {
  const [min, max] = rangeOf(type);
  const within = (value: bigint): bigint =>
    min + ((((value - min) % (max - min + 1n)) + (max - min + 1n)) % (max - min + 1n));
  const edges = [min, max, 0n, 1n, -1n, 2n ** 31n, 2n ** 51n, 2n ** 53n + 1n, -(2n ** 53n) - 1n];
  const base = dice.pick([0n, 0n, min, max, dice.bits(64), -dice.bits(64)]);
  let value = within(base);
  return Array.from({ length: rows }, () => {
    if (order === "extremes") value = within(dice.pick(edges) + dice.bits(2));
    else if (order === "rising") value = within(value + dice.bits(Math.ceil(width / 4)));
    else value = within(base + dice.bits(width));
    return value;
  });
}

function floatOf({ order, width }: Shape, bits: 32 | 64, dice: Dice): number {
  const least = bits === 32 ? 2 ** -149 : Number.MIN_VALUE;
  const greatest = bits === 32 ? (2 - 2 ** -23) * 2 ** 127 : Number.MAX_VALUE;
  const edges = [0, -0, Infinity, -Infinity, least, -least, greatest, -greatest, 1.5];
  if (order === "extremes") return dice.pick(width % 2 === 0 ? [...edges, NaN] : edges);
  if (order === "rising") return dice.pick([0, -0]);
  const view = new DataView(new ArrayBuffer(8));
  view.setBigUint64(0, dice.bits(64));
  const value = bits === 32 ? view.getFloat32(0) : view.getFloat64(0);
  return Number.isNaN(value) && width % 2 === 0 ? 0.5 : value;
}

const characters = [
  "a",
  "z",
  "0",
  " ",
  "é",
  "ß",
  "中",
  "\ud7ff",
  "\ue000",
  "😀",
  "\u{10ffff}",
  "\0",
];

function textsOf(shape: Shape, rows: number, dice: Dice): readonly string[] {
  const distinct = Array.from({ length: Math.min(rows, 2 ** (shape.width % 12)) }, (_, at) =>
    textOf(shape, at, dice),
  );
  return Array.from({ length: rows }, (_, row) =>
    shape.order === "any"
      ? dice.pick(distinct)
      : (distinct[Math.floor((row * distinct.length) / rows)] ?? ""),
  );
}

function textOf({ type, width, order }: Shape, at: number, dice: Dice): string {
  const size = dice.pick([0, 1, 3, 4, 7, 20, 63, 64, 65, 66, 300]);
  if (type.kind === "json") return utf8Hex(JSON.stringify({ at, text: "x".repeat(size) }));
  if (type.kind === "binary") {
    return Array.from({ length: size }, () =>
      hexOf(order === "extremes" ? 0xffn : dice.bits(8), 1),
    ).join("");
  }
  const prefix = width % 3 === 0 ? "the same beginning of all " : "";
  if (order === "extremes") return utf8Hex(dice.pick(characters).repeat(size));
  return utf8Hex(prefix + Array.from({ length: size }, () => dice.pick(characters)).join(""));
}

function utf8Hex(text: string): string {
  return new TextEncoder().encode(text).toHex();
}

function hexOf(value: bigint, bytes: number): string {
  return value
    .toString(16)
    .padStart(2 * bytes, "0")
    .slice(-2 * bytes);
}

/** The buffers of values, with no regard to nulls. */
function laidOut(
  type: FlatType,
  values: readonly Exclude<Told, null>[],
): Pick<Vector, "values" | "offsets"> {
  switch (type.kind) {
    case "null":
      return { values: new Uint8Array(), offsets: null };
    case "bool":
      return { values: bitmapOf(values), offsets: null };
    case "float":
      return { values: floatBytes(values, type.bits), offsets: null };
    case "text":
    case "json":
    case "binary": {
      const texts = values.map((value) => Uint8Array.fromHex(String(value)));
      const offsets = new Int32Array(texts.length + 1);
      for (const [at, text] of texts.entries()) offsets[at + 1] = (offsets[at] ?? 0) + text.length;
      return { values: new Uint8Array(Buffer.concat(texts)), offsets };
    }
    case "uuid":
      return { values: Uint8Array.fromHex(values.join("")), offsets: null };
    case "int":
      return { values: integerBytes(values, type.bits / 8), offsets: null };
    case "decimal":
      return { values: integerBytes(values, 16), offsets: null };
    case "date":
      return { values: integerBytes(values, 4), offsets: null };
    case "time":
    case "timestamp":
      return { values: integerBytes(values, 8), offsets: null };
  }
}

function bitmapOf(values: readonly Told[]): Uint8Array {
  const bitmap = new Uint8Array(Math.ceil(values.length / 8));
  for (const [row, value] of values.entries()) {
    if (value === true) bitmap[row >>> 3] = (bitmap[row >>> 3] ?? 0) | (1 << (row & 7));
  }
  return bitmap;
}

function floatBytes(values: readonly Told[], bits: 32 | 64): Uint8Array {
  const numbers = values.map(Number);
  return new Uint8Array(
    (bits === 32 ? Float32Array.from(numbers) : Float64Array.from(numbers)).buffer,
  );
}

function integerBytes(values: readonly Told[], width: number): Uint8Array {
  const bytes = new Uint8Array(values.length * width);
  const view = new DataView(bytes.buffer);
  for (const [row, value] of values.entries()) {
    const integer = typeof value === "bigint" ? value : 0n;
    const at = row * width;
    if (width === 1) view.setInt8(at, Number(BigInt.asIntN(8, integer)));
    else if (width === 2) view.setInt16(at, Number(BigInt.asIntN(16, integer)), true);
    else if (width === 4) view.setInt32(at, Number(BigInt.asIntN(32, integer)), true);
    else view.setBigInt64(at, BigInt.asIntN(64, integer), true);
    if (width === 16) view.setBigInt64(at + 8, integer >> 64n, true);
  }
  return bytes;
}
