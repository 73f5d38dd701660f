/** Decimal numbers in text, exactly: no float is involved. */

/** Digits without a point: the value is `unscaled / 10^scale`. */
export interface Decimal {
  readonly unscaled: bigint;
  /** Digits after the point, from 0. */
  readonly scale: number;
}

const form =
  /^(?<sign>[+-]?)(?<whole>\d*)(?:\.(?<fraction>\d*))?(?:[eE](?<exponent>[+-]?\d{1,6}))?$/u;

/** Past so many digits, with its exponent applied, no decimal type takes a number. */
const digitsMax = 400;

/** The number that a text spells; null for what is none or has more than 400 digits. */
export function parseDecimal(text: string): Decimal | null {
  const groups = form.exec(text)?.groups;
  if (groups === undefined) return null;
  const { sign = "", whole = "", fraction = "", exponent = "0" } = groups;
  if (whole === "" && fraction === "") return null;
  const shift = Number(exponent);
  const digits = `${whole}${fraction}`;
  const scale = fraction.length - shift;
  if (digits.length > digitsMax || Math.abs(scale) > digitsMax) return zeroOf(digits);
  const magnitude = BigInt(digits) * (scale < 0 ? 10n ** BigInt(-scale) : 1n);
  return { unscaled: sign === "-" ? -magnitude : magnitude, scale: Math.max(0, scale) };
}

/** Zero is zero however it is spelled. */
function zeroOf(digits: string): Decimal | null {
  return /^0*$/u.test(digits) ? { unscaled: 0n, scale: 0 } : null;
}

/** A decimal's digits at another scale; null where digits other than 0 would be lost. */
export function rescale(decimal: Decimal, scale: number): bigint | null {
  if (scale >= decimal.scale) return decimal.unscaled * 10n ** BigInt(scale - decimal.scale);
  const divisor = 10n ** BigInt(decimal.scale - scale);
  return decimal.unscaled % divisor === 0n ? decimal.unscaled / divisor : null;
}

/** Whether the digits fit a precision. */
export function fitsPrecision(unscaled: bigint, precision: number): boolean {
  const bound = 10n ** BigInt(precision);
  return unscaled < bound && unscaled > -bound;
}

/** Writes 16 bytes, two's complement, little endian. */
export function setDecimal(view: DataView, offset: number, unscaled: bigint): void {
  view.setBigUint64(offset, BigInt.asUintN(64, unscaled), true);
  view.setBigInt64(offset + 8, unscaled >> 64n, true);
}

/** Reads what `setDecimal` wrote. */
export function getDecimal(view: DataView, offset: number): bigint {
  return (view.getBigInt64(offset + 8, true) << 64n) | view.getBigUint64(offset, true);
}
