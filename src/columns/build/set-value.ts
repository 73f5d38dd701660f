/** How one value of a type becomes bytes of a fixed width, little endian, or why it doesn't. */
import { fitsPrecision, parseDecimal, rescale, setDecimal } from "../decimal-text.ts";
import type { FixedType } from "../fixed-width.ts";
import { setInt64 } from "../int64.ts";
import { parseDate, parseTime, parseTimestamp, type Micros } from "../temporal-text.ts";
import type { ValueFault } from "../value-error.ts";

/** Writes a value at an offset; a fault where it isn't the type's, and then anything is written. */
export type SetValue = (view: DataView, offset: number, value: unknown) => ValueFault | null;

/** The writer of a type's values. */
export function setValueOf(type: FixedType): SetValue {
  switch (type.kind) {
    case "int":
      return setIntOf(type.bits, type.signed);
    case "float":
      return type.bits === 32 ? setFloat32 : setFloat64;
    case "decimal":
      return setDecimalOf(type.precision, type.scale);
    case "uuid":
      return setUuid;
    case "date":
      return setDate;
    case "time":
      return setTime;
    case "timestamp":
      return (view, offset, value) => {
        if (typeof value !== "string") return "wrong_type";
        return setMicros(view, offset, parseTimestamp(value, type.zoned));
      };
  }
}

const integerText = /^[+-]?\d{1,40}$/u;

function setIntOf(bits: 8 | 16 | 32 | 64, signed: boolean): SetValue {
  const min = signed ? -(2n ** BigInt(bits - 1)) : 0n;
  const max = signed ? 2n ** BigInt(bits - 1) - 1n : 2n ** BigInt(bits) - 1n;
  const set = setNumberOf(bits);
  return (view, offset, value) => {
    const integer = integerOf(value);
    if (typeof integer === "string") return integer;
    // Comparing a number with a bigint is exact.
    if (integer < min || integer > max) return "out_of_range";
    if (typeof integer === "number") set(view, offset, integer);
    else if (bits === 64) view.setBigUint64(offset, BigInt.asUintN(64, integer), true);
    else set(view, offset, Number(integer));
    return null;
  };
}

/** Bytes are modular: the same writer serves signed and unsigned values. */
function setNumberOf(bits: 8 | 16 | 32 | 64): (view: DataView, at: number, value: number) => void {
  switch (bits) {
    case 8:
      return (view, at, value) => view.setUint8(at, value);
    case 16:
      return (view, at, value) => view.setUint16(at, value, true);
    case 32:
      return (view, at, value) => view.setUint32(at, value, true);
    case 64:
      return setInt64;
  }
}

function integerOf(value: unknown): number | bigint | ValueFault {
  if (typeof value === "bigint") return value;
  if (typeof value === "string") return integerText.test(value) ? exactly(value) : "unreadable";
  if (typeof value !== "number") return "wrong_type";
  if (!Number.isFinite(value)) return "out_of_range";
  if (!Number.isInteger(value)) return "inexact";
  // Past 2^53 a number has been rounded already, but it is what its source says.
  return Number.isSafeInteger(value) ? value : BigInt(value);
}

function exactly(text: string): number | bigint {
  const number = Number(text);
  return Number.isSafeInteger(number) ? number : BigInt(text.replace(/^\+/u, ""));
}

function setFloat64(view: DataView, offset: number, value: unknown): ValueFault | null {
  const number = floatOf(value);
  if (typeof number === "string") return number;
  view.setFloat64(offset, number, true);
  return null;
}

function setFloat32(view: DataView, offset: number, value: unknown): ValueFault | null {
  const number = floatOf(value);
  if (typeof number === "string") return number;
  const isOverflow = Number.isFinite(number) && !Number.isFinite(Math.fround(number));
  if (isOverflow) return "out_of_range";
  view.setFloat32(offset, number, true);
  return null;
}

const floatText = /^[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|Infinity|NaN)$/u;

function floatOf(value: unknown): number | ValueFault {
  if (typeof value === "number") return value;
  if (typeof value === "bigint") {
    return BigInt(Number(value)) === value ? Number(value) : "inexact";
  }
  if (typeof value !== "string") return "wrong_type";
  if (!floatText.test(value)) return "unreadable";
  const number = Number(value);
  const isOverflow = !Number.isFinite(number) && /^[+-]?[.\d]/u.test(value);
  return isOverflow ? "out_of_range" : number;
}

function setDecimalOf(precision: number, scale: number): SetValue {
  return (view, offset, value) => {
    if (typeof value === "number" && !Number.isFinite(value)) return "not_a_decimal";
    const isSpelled =
      typeof value === "number" || typeof value === "bigint" || typeof value === "string";
    if (!isSpelled) return "wrong_type";
    const decimal = parseDecimal(String(value));
    if (decimal === null) return typeof value === "string" ? notDecimal(value) : "out_of_range";
    const unscaled = rescale(decimal, scale);
    if (unscaled === null) return "inexact";
    if (!fitsPrecision(unscaled, precision)) return "out_of_range";
    setDecimal(view, offset, unscaled);
    return null;
  };
}

function notDecimal(text: string): ValueFault {
  return /^[+-]?[.\d]/u.test(text) && floatText.test(text) ? "out_of_range" : "not_a_decimal";
}

const uuidText = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/iu;

function setUuid(view: DataView, offset: number, value: unknown): ValueFault | null {
  if (typeof value !== "string") return "wrong_type";
  if (!uuidText.test(value)) return "unreadable";
  const digits = value.replaceAll("-", "");
  for (let at = 0; at < 16; at += 4) {
    // Big endian, as RFC 9562 orders the bytes.
    view.setUint32(offset + at, Number.parseInt(digits.slice(2 * at, 2 * at + 8), 16));
  }
  return null;
}

/** The largest value of 32 bits, and its negative: what DuckDB takes for the infinite dates. */
const infiniteDays = 2 ** 31 - 1;

function setDate(view: DataView, offset: number, value: unknown): ValueFault | null {
  if (typeof value !== "string") return "wrong_type";
  const days = parseDate(value);
  if (typeof days === "string") return days;
  if (Math.abs(days) >= infiniteDays) return "out_of_range";
  view.setInt32(offset, days, true);
  return null;
}

function setTime(view: DataView, offset: number, value: unknown): ValueFault | null {
  return typeof value === "string" ? setMicros(view, offset, parseTime(value)) : "wrong_type";
}

function setMicros(view: DataView, offset: number, micros: Micros): ValueFault | null {
  if (typeof micros === "string") return micros;
  if (typeof micros === "number") setInt64(view, offset, micros);
  else view.setBigInt64(offset, micros, true);
  return null;
}
