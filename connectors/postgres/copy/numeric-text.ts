/** numeric as the text that the server prints (numeric.c, get_str_from_var). */
import type { ColumnBuffer } from "./column-buffer.ts";
import type { CopySource } from "./copy-source.ts";
import { digitAt, digitsAt, numericDigits, shownScale, signs } from "./numeric.ts";

/** Where a text is written; there is room for `numericTextBytes` from `at` on. */
export interface TextTarget {
  readonly bytes: Uint8Array;
  readonly at: number;
}

/** The most bytes that the text of a finite numeric may take. */
export function numericTextBytes(column: ColumnBuffer, source: CopySource, at: number): number {
  const weight = source.view.getInt16(at + 2);
  const scale = shownScale(column, source, at);
  return 2 + Math.max(1, 4 * (weight + 1)) + scale + 4;
}

const latin1 = new TextDecoder("latin1");

/** The text of a finite numeric of so many bytes. */
export function numericText(
  column: ColumnBuffer,
  source: CopySource,
  at: number,
  length: number,
): string {
  const bytes = new Uint8Array(numericTextBytes(column, source, at));
  const end = writeNumericText(column, source, { at, length }, { bytes, at: 0 });
  return latin1.decode(bytes.subarray(0, end));
}

const minus = 0x2d;
const point = 0x2e;
const zero = 0x30;

/** Writes a finite numeric of so many bytes, and returns where its text ends. */
export function writeNumericText(
  column: ColumnBuffer,
  source: CopySource,
  { at, length }: { readonly at: number; readonly length: number },
  target: TextTarget,
): number {
  const { view } = source;
  const digits = numericDigits(column, source, at, length);
  const weight = view.getInt16(at + 2);
  const scale = shownScale(column, source, at);
  const digitOf = (exponent: number): number => {
    const index = weight - exponent;
    if (index < 0 || index >= digits) return 0;
    return digitAt(column, source, at + digitsAt + 2 * index);
  };
  const { bytes } = target;
  let to = target.at;
  if (view.getUint16(at + 4) === signs.negative) bytes[to++] = minus;
  if (weight < 0) bytes[to++] = zero;
  else to = writeFirst(bytes, to, digitOf(weight));
  for (let exponent = weight - 1; exponent >= 0; exponent -= 1) {
    to = writeDigit(bytes, to, digitOf(exponent));
  }
  if (scale === 0) return to;
  bytes[to++] = point;
  const end = to + scale;
  for (let exponent = -1; to < end; exponent -= 1) to = writeDigit(bytes, to, digitOf(exponent));
  return end;
}

/** Writes the four decimal digits of a digit to base 10000. */
function writeDigit(bytes: Uint8Array, to: number, digit: number): number {
  const thousands = (digit / 1000) | 0;
  const hundreds = (digit / 100) | 0;
  const tens = (digit / 10) | 0;
  bytes[to] = zero + thousands;
  bytes[to + 1] = zero + hundreds - 10 * thousands;
  bytes[to + 2] = zero + tens - 10 * hundreds;
  bytes[to + 3] = zero + digit - 10 * tens;
  return to + 4;
}

/** Writes the digit that a number begins with, without zeros before it. */
function writeFirst(bytes: Uint8Array, to: number, digit: number): number {
  const zeros = digit >= 1000 ? 0 : digit >= 100 ? 1 : digit >= 10 ? 2 : 3;
  const end = writeDigit(bytes, to, digit);
  for (let from = to + zeros; from < end; from += 1) bytes[from - zeros] = bytes[from] ?? 0;
  return end - zeros;
}
