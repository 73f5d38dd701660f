/**
 * numeric as its send function writes it: a count of digits to base 10000, the first digit's
 * exponent, a sign, the digits to show after the point, and the digits (numeric.c, numeric_send).
 */
import type { ColumnBuffer } from "./column-buffer.ts";
import { copyMalformed } from "./copy-error.ts";
import type { CopySource } from "./copy-source.ts";

/** Where the digits begin, from the start of the value. */
export const digitsAt = 8;

/** The sign of a numeric, as it is sent. */
export const signs = {
  positive: 0x00_00,
  negative: 0x40_00,
  nan: 0xc0_00,
  infinity: 0xd0_00,
  negativeInfinity: 0xf0_00,
} as const;

const scaleMax = 0x3f_ff;
const digitMax = 9999;

/** The digits that a numeric says it has, checked against its length. */
export function numericDigits(
  column: ColumnBuffer,
  { view }: CopySource,
  at: number,
  length: number,
): number {
  const digits = length < digitsAt ? 0 : view.getUint16(at);
  if (length === digitsAt + 2 * digits) return digits;
  throw copyMalformed(`${digitsAt + 2 * digits} bytes of a numeric`, String(length), column);
}

/** A digit to base 10000. */
export function digitAt(column: ColumnBuffer, { view }: CopySource, at: number): number {
  const digit = view.getUint16(at);
  if (digit <= digitMax) return digit;
  throw copyMalformed("a digit below 10000", String(digit), column);
}

/** The text of a number that isn't finite; null for a finite one. */
export function notFinite(column: ColumnBuffer, sign: number): "NaN" | Infinite | null {
  switch (sign) {
    case signs.positive:
    case signs.negative:
      return null;
    case signs.nan:
      return "NaN";
    case signs.infinity:
      return "Infinity";
    case signs.negativeInfinity:
      return "-Infinity";
    default:
      throw copyMalformed("the sign of a numeric", `0x${sign.toString(16)}`, column);
  }
}

type Infinite = "Infinity" | "-Infinity";

/** Digits to show after the point. */
export function shownScale(column: ColumnBuffer, { view }: CopySource, at: number): number {
  const scale = view.getUint16(at + 6);
  if (scale <= scaleMax) return scale;
  throw copyMalformed(`a scale of at most ${scaleMax}`, String(scale), column);
}
