/**
 * Appends numerics as decimals of 128 bits: by doubles below 2^53, which most are, else by four
 * limbs of 32 bits; a BigInt would cost more than all else in a row.
 */
import type { ColumnBuffer } from "./column-buffer.ts";
import { valueFault } from "./copy-error.ts";
import type { CopySource } from "./copy-source.ts";
import { digitAt, digitsAt, notFinite, numericDigits, signs } from "./numeric.ts";
import { numericText } from "./numeric-text.ts";

const base = 10_000;
/** Decimal digits of a digit to that base. */
const baseDigits = 4;
const uint32Range = 2 ** 32;
const powers: readonly number[] = Array.from({ length: 17 }, (_, power) => 10 ** power);
/** More digits than this, to base 10000, are past what a double holds. */
const smallDigitsMax = 4;
const smallPowerMax = 12;
/** A number with such a first exponent has 41 digits or more before its point. */
const weightEnd = 10;

/** Appends a number. Throws SchemaIncompatible for one that the decimal doesn't hold exactly. */
export function appendDecimal(
  column: ColumnBuffer,
  source: CopySource,
  at: number,
  length: number,
): void {
  const digits = numericDigits(column, source, at, length);
  const sign = source.view.getUint16(at + 4);
  if (sign !== signs.positive && sign !== signs.negative) {
    throw valueFault("not_a_decimal", column, notFinite(column, sign) ?? "no number");
  }
  const { precision, scale } = shapeOf(column);
  const small = digits <= smallDigitsMax ? smallNumber(column, source, at, scale) : notSmall;
  const bound = powers[precision];
  if (small !== notSmall && (bound === undefined || small < bound)) {
    writeSmall(column, small, sign === signs.negative);
  } else {
    const fault = largeNumber(column, source, at, scale) ?? pastPrecision(precision);
    if (fault !== null) throw valueFault(fault, column, numericText(column, source, at, length));
    writeLarge(column, sign === signs.negative);
  }
  column.rows += 1;
}

function shapeOf(column: ColumnBuffer): { readonly precision: number; readonly scale: number } {
  if (column.form.kind !== "decimal") throw new Error("expected a decimal column");
  return column.form;
}

const notSmall = -1;

/** The unscaled number, if few digits make it and it is below 2^53; else `notSmall`. */
function smallNumber(column: ColumnBuffer, source: CopySource, at: number, scale: number): number {
  const digits = source.view.getUint16(at);
  if (digits === 0) return 0;
  const weight = source.view.getInt16(at + 2);
  const last = at + digitsAt + 2 * (digits - 1);
  let value = 0;
  for (let digit = at + digitsAt; digit < last; digit += 2) {
    value = value * base + digitAt(column, source, digit);
  }
  const lastDigit = digitAt(column, source, last);
  // Decimal digits of the unscaled number after the last digit; if negative, so many are cut off.
  const after = scale - baseDigits * (digits - 1 - weight);
  if (after >= 0) {
    if (after > smallPowerMax) return notSmall;
    value = (value * base + lastDigit) * (powers[after] ?? 0);
  } else {
    if (after <= -baseDigits) return notSmall;
    const cut = powers[-after] ?? 1;
    if (lastDigit % cut !== 0) return notSmall;
    value = value * (powers[baseDigits + after] ?? 0) + lastDigit / cut;
  }
  return value <= Number.MAX_SAFE_INTEGER ? value : notSmall;
}

/** Writes the unscaled number of the row that comes next, from 0 to 2^53 - 1. */
export function writeSmall(column: ColumnBuffer, value: number, isNegative: boolean): void {
  const { words } = column;
  const word = column.rows * 4;
  const low = value >>> 0;
  const high = (value - low) / uint32Range;
  if (isNegative && value !== 0) {
    words[word] = -low;
    words[word + 1] = low === 0 ? -high : ~high;
    words[word + 2] = -1;
    words[word + 3] = -1;
  } else {
    words[word] = low;
    words[word + 1] = high;
    words[word + 2] = 0;
    words[word + 3] = 0;
  }
}

/** The unscaled number in 32 bits each, least first. */
const limbs = new Uint32Array(4);

/** Leaves the unscaled number in `limbs`; or says why it can't be there. */
function largeNumber(
  column: ColumnBuffer,
  source: CopySource,
  at: number,
  scale: number,
): "inexact" | "out_of_range" | null {
  const digits = source.view.getUint16(at);
  const weight = source.view.getInt16(at + 2);
  limbs.fill(0);
  if (digits > 0 && weight >= weightEnd) return "out_of_range";
  const end = at + digitsAt + 2 * digits;
  let digit = at + digitsAt;
  const lastExponent = -Math.ceil(scale / baseDigits);
  for (let exponent = weight; exponent >= lastExponent; exponent -= 1) {
    const value = digit < end ? digitAt(column, source, digit) : 0;
    digit += 2;
    // Of the last digits after the point only some may belong to the number.
    const kept = Math.min(baseDigits, scale + baseDigits * (exponent + 1));
    const cut = powers[baseDigits - kept] ?? 1;
    if (value % cut !== 0) return "inexact";
    if (multiplyAdd(powers[kept] ?? 1, value / cut) !== 0) return "out_of_range";
  }
  for (; digit < end; digit += 2) if (digitAt(column, source, digit) !== 0) return "inexact";
  return null;
}

/** Multiplies the limbs and adds to them; answers what goes past 128 bits. */
function multiplyAdd(factor: number, addend: number): number {
  let carry = addend;
  for (let index = 0; index < 4; index += 1) {
    const product = (limbs[index] ?? 0) * factor + carry;
    limbs[index] = product;
    carry = Math.floor(product / uint32Range);
  }
  return carry;
}

/** Ten to each power up to 38, as limbs are. */
const bounds: readonly Uint32Array[] = Array.from({ length: 39 }, (_, power) => {
  const bound = 10n ** BigInt(power);
  return Uint32Array.from([0n, 32n, 64n, 96n], (bits) => Number((bound >> bits) & 0xffff_ffffn));
});

function pastPrecision(precision: number): "out_of_range" | null {
  const bound = bounds[precision];
  for (let index = 3; index >= 0; index -= 1) {
    const difference = (limbs[index] ?? 0) - (bound?.[index] ?? 0);
    if (difference !== 0) return difference < 0 ? null : "out_of_range";
  }
  return "out_of_range";
}

function writeLarge(column: ColumnBuffer, isNegative: boolean): void {
  const { words } = column;
  const word = column.rows * 4;
  let carry = 1;
  for (let index = 0; index < 4; index += 1) {
    const limb = limbs[index] ?? 0;
    const inverted = (~limb >>> 0) + carry;
    carry = inverted >= uint32Range ? 1 : 0;
    words[word + index] = isNegative ? inverted : limb;
  }
}
