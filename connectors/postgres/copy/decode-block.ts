/**
 * Decodes one column of a block of rows: the forms that most values have in loops of their own, all
 * others value by value.
 */
import { appendDecimal, writeSmall } from "./append-decimal.ts";
import { digitsAt, signs } from "./numeric.ts";
import { appendTimestamp } from "./append-temporal.ts";
import { appendValue } from "./append-value.ts";
import type { ColumnBuffer } from "./column-buffer.ts";
import type { CopySource } from "./copy-source.ts";
import type { RowBlock } from "./row-block.ts";

/** A column of a block. */
export interface BlockColumn {
  readonly block: RowBlock;
  /** Its place among the columns. */
  readonly index: number;
}

/** Appends the values of all rows of the block. */
export function decodeBlock(
  column: ColumnBuffer,
  source: CopySource,
  { block, index }: BlockColumn,
): void {
  column.growBy(block.rows);
  const { form } = column;
  switch (form.kind) {
    case "number":
      if (form.bytes === 8) return decode8(column, source, block, index);
      if (form.bytes === 4) return decode4(column, source, block, index);
      return decodeEach(column, source, block, index);
    case "text":
      return decodeText(column, source, block, index);
    case "decimal":
      return decodeDecimals(column, source, block, index);
    case "timestamp":
      return decodeTimestamps(column, source, block, index);
    case "bool":
      return decodeBools(column, source, block, index);
    case "bytes":
    case "date":
    case "time":
    case "uuid":
    case "jsonb":
    case "numeric-text":
    case "numeric-double":
    case "network":
    case "mac":
    case "array":
      return decodeEach(column, source, block, index);
  }
}

/** Appends one value in the way that all can be. */
function decodeOne(column: ColumnBuffer, source: CopySource, at: number, length: number): void {
  if (length === -1) column.appendNull();
  else appendValue(column, source, at, length);
}

function decodeEach(
  column: ColumnBuffer,
  source: CopySource,
  { rows, columns, places, lengths }: RowBlock,
  index: number,
): void {
  for (let row = 0, place = index; row < rows; row += 1, place += columns) {
    decodeOne(column, source, places[place] ?? 0, lengths[place] ?? 0);
  }
}

function decode8(
  column: ColumnBuffer,
  source: CopySource,
  { rows, columns, places, lengths }: RowBlock,
  index: number,
): void {
  const { view } = source;
  const { words } = column;
  let to = column.rows;
  for (let row = 0, place = index; row < rows; row += 1, place += columns) {
    const at = places[place] ?? 0;
    if (lengths[place] === 8) {
      words[2 * to] = view.getInt32(at + 4);
      words[2 * to + 1] = view.getInt32(at);
    } else {
      column.rows = to;
      decodeOne(column, source, at, lengths[place] ?? 0);
    }
    to += 1;
  }
  column.rows = to;
}

function decode4(
  column: ColumnBuffer,
  source: CopySource,
  { rows, columns, places, lengths }: RowBlock,
  index: number,
): void {
  const { view } = source;
  const { words } = column;
  let to = column.rows;
  for (let row = 0, place = index; row < rows; row += 1, place += columns) {
    const at = places[place] ?? 0;
    if (lengths[place] === 4) words[to] = view.getInt32(at);
    else {
      column.rows = to;
      decodeOne(column, source, at, lengths[place] ?? 0);
    }
    to += 1;
  }
  column.rows = to;
}

function decodeTimestamps(
  column: ColumnBuffer,
  source: CopySource,
  { rows, columns, places, lengths }: RowBlock,
  index: number,
): void {
  for (let row = 0, place = index; row < rows; row += 1, place += columns) {
    if (lengths[place] === 8) appendTimestamp(column, source, places[place] ?? 0);
    else decodeOne(column, source, places[place] ?? 0, lengths[place] ?? 0);
  }
}

function decodeDecimals(
  column: ColumnBuffer,
  source: CopySource,
  { rows, columns, places, lengths }: RowBlock,
  index: number,
): void {
  const { form } = column;
  if (form.kind !== "decimal") throw new Error("expected a decimal column");
  const { view } = source;
  const { scale } = form;
  const bound = smallPowers[form.precision] ?? Number.POSITIVE_INFINITY;
  for (let row = 0, place = index; row < rows; row += 1, place += columns) {
    const at = places[place] ?? 0;
    const length = lengths[place] ?? 0;
    // One to three digits to base 10000, none of which is cut off: what most numbers are.
    const digits = length < digitsAt ? 0 : view.getUint16(at);
    const sign = digits === 0 ? 0 : view.getUint16(at + 4);
    const after = digits === 0 ? 0 : scale - baseDigits * (digits - 1 - view.getInt16(at + 2));
    const isPlain =
      digits > 0 &&
      digits <= smallDigitsMax &&
      length === digitsAt + 2 * digits &&
      (sign === signs.positive || sign === signs.negative) &&
      after > -baseDigits &&
      after <= smallPowerMax;
    let value = isPlain ? smallValue(view, at + digitsAt, digits) : -1;
    if (value >= 0 && after < 0) {
      const cut = smallPowers[-after] ?? 1;
      value = value % cut === 0 ? value / cut : -1;
    } else if (value >= 0) value *= smallPowers[after] ?? 0;
    if (value < 0 || value >= bound || value > Number.MAX_SAFE_INTEGER) {
      if (length === -1) column.appendNull();
      else appendDecimal(column, source, at, length);
      continue;
    }
    writeSmall(column, value, sign === signs.negative);
    column.rows += 1;
  }
}

const base = 10_000;
const baseDigits = 4;
const smallDigitsMax = 3;
const smallPowerMax = 4;
/** Powers of ten that a double holds exactly. */
const smallPowers: readonly number[] = Array.from({ length: 16 }, (_, power) => 10 ** power);

/** The number that one to three digits make; -1 where one isn't a digit. */
function smallValue(view: DataView, at: number, digits: number): number {
  const first = view.getUint16(at);
  if (first >= base) return -1;
  if (digits === 1) return first;
  const second = view.getUint16(at + 2);
  if (second >= base) return -1;
  if (digits === 2) return first * base + second;
  const third = view.getUint16(at + 4);
  return third >= base ? -1 : (first * base + second) * base + third;
}

function decodeBools(
  column: ColumnBuffer,
  source: CopySource,
  { rows, columns, places, lengths }: RowBlock,
  index: number,
): void {
  const { bytes } = source;
  const { values } = column;
  for (let row = 0, place = index; row < rows; row += 1, place += columns) {
    const at = places[place] ?? 0;
    const bit = bytes[at] ?? 0;
    if (lengths[place] !== 1 || bit > 1) decodeOne(column, source, at, lengths[place] ?? 0);
    else {
      const to = column.rows;
      const byte = to >>> 3;
      // The first bit of a byte clears what an earlier batch left there.
      if ((to & 7) === 0) values[byte] = bit;
      else if (bit === 1) values[byte] = (values[byte] ?? 0) | (1 << (to & 7));
      column.rows = to + 1;
    }
  }
}

const wordBytes = 4;
/** Up to so many bytes a loop over words is faster than a call out of JavaScript. */
const loopBytesMax = 64;

function decodeText(
  column: ColumnBuffer,
  source: CopySource,
  { rows, columns, places, lengths }: RowBlock,
  index: number,
): void {
  let sum = 0;
  for (let row = 0, place = index; row < rows; row += 1, place += columns) {
    const length = lengths[place] ?? 0;
    if (length > 0) sum += length;
  }
  column.reserve(sum);
  const { bytes, view } = source;
  const { values, valuesView, offsets } = column;
  let { size } = column;
  for (let row = 0, place = index; row < rows; row += 1, place += columns) {
    const at = places[place] ?? 0;
    const length = lengths[place] ?? 0;
    if (length === -1) {
      column.size = size;
      column.appendNull();
      continue;
    }
    if (length > loopBytesMax) values.set(bytes.subarray(at, at + length), size);
    else {
      let byte = 0;
      for (; byte <= length - wordBytes; byte += wordBytes) {
        valuesView.setInt32(size + byte, view.getInt32(at + byte));
      }
      for (; byte < length; byte += 1) values[size + byte] = bytes[at + byte] ?? 0;
    }
    size += length;
    column.rows += 1;
    offsets[column.rows] = size;
  }
  column.size = size;
}
