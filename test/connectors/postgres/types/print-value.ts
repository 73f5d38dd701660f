/** The values of a batch in the spelling of the server, so that both can be compared as text. */
import {
  formatDate,
  formatTime,
  formatTimestamp,
} from "../../../../src/columns/temporal-format.ts";
import { bitAt } from "../../../../src/columns/bitmap.ts";
import { getDecimal } from "../../../../src/columns/decimal-text.ts";
import type { Vector } from "../../../../src/connector.ts";

/** The text of a row's value, as with DateStyle ISO and TimeZone UTC; null for none. */
export function printValue(vector: Vector, row: number): string | null {
  if (vector.validity !== null && !bitAt(vector.validity, row)) return null;
  const { type, values, offsets } = vector;
  const view = new DataView(values.buffer, values.byteOffset, values.byteLength);
  const bytes = offsets === null ? values : values.subarray(offsets[row], offsets[row + 1]);
  switch (type.kind) {
    case "bool":
      return bitAt(values, row) ? "t" : "f";
    case "int":
      return printInteger(view, row, type.bits, type.signed);
    case "float":
      return type.bits === 32
        ? printFloat32(view.getFloat32(row * 4, true))
        : printFloat(view.getFloat64(row * 8, true), (value) => value.toExponential(), 15);
    case "decimal":
      return printDecimal(getDecimal(view, row * 16), type.scale);
    case "text":
    case "json":
      return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    case "binary":
      return `\\x${Buffer.from(bytes).toString("hex")}`;
    case "uuid":
      return Buffer.from(values.subarray(row * 16, row * 16 + 16))
        .toString("hex")
        .replace(/^(.{8})(.{4})(.{4})(.{4})/u, "$1-$2-$3-$4-");
    case "date":
      return printDate(view.getInt32(row * 4, true));
    case "time":
      return trimFraction(formatTime(view.getBigInt64(row * 8, true)));
    case "timestamp":
      return printMoment(view.getBigInt64(row * 8, true), type.zoned);
    case "list":
      return printArray(vector, row);
    case "null":
    case "struct":
      throw new Error(`expected no ${type.kind}`);
  }
}

function printInteger(view: DataView, row: number, bits: number, signed: boolean): string {
  if (bits === 16) return String(view.getInt16(row * 2, true));
  if (bits === 64) return String(view.getBigInt64(row * 8, true));
  return String(signed ? view.getInt32(row * 4, true) : view.getUint32(row * 4, true));
}

function printFloat32(float: number): string {
  const shortest = (value: number): string => {
    for (let digits = 0; ; digits += 1) {
      const text = value.toExponential(digits);
      if (Math.fround(Number(text)) === value) return text;
    }
  };
  return printFloat(float, shortest, 6);
}

/** `shortest` gives the fewest digits that tell the value, with an exponent. */
function printFloat(
  value: number,
  shortest: (value: number) => string,
  plainBelow: number,
): string {
  if (!Number.isFinite(value)) return String(value);
  if (value === 0) return Object.is(value, -0) ? "-0" : "0";
  const form = /^(?<sign>-?)(?<first>\d)(?:\.(?<rest>\d+))?e(?<exponent>[+-]\d+)$/u;
  const {
    sign = "",
    first = "",
    rest = "",
    exponent = "",
  } = form.exec(shortest(value))?.groups ?? {};
  const power = Number(exponent);
  const digits = `${first}${rest}`;
  if (power < -4 || power >= plainBelow) {
    const fraction = rest === "" ? "" : `.${rest}`;
    const size = String(Math.abs(power)).padStart(2, "0");
    return `${sign}${first}${fraction}e${power < 0 ? "-" : "+"}${size}`;
  }
  if (power < 0) return `${sign}0.${"0".repeat(-power - 1)}${digits}`;
  const whole = digits.slice(0, power + 1).padEnd(power + 1, "0");
  return `${sign}${whole}${digits.length > power + 1 ? `.${digits.slice(power + 1)}` : ""}`;
}

function printDecimal(unscaled: bigint, scale: number): string {
  const digits = String(unscaled < 0n ? -unscaled : unscaled).padStart(scale + 1, "0");
  const sign = unscaled < 0n ? "-" : "";
  if (scale === 0) return `${sign}${digits}`;
  return `${sign}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

function printDate(days: number): string {
  if (days === 2 ** 31 - 1) return "infinity";
  if (days === -(2 ** 31 - 1)) return "-infinity";
  return serverYear(formatDate(days));
}

function printMoment(micros: bigint, zoned: boolean): string {
  if (micros === 2n ** 63n - 1n) return "infinity";
  if (micros === -(2n ** 63n - 1n)) return "-infinity";
  const [date = "", time = ""] = formatTimestamp(micros, false).split("T");
  const [day = "", era = ""] = serverYear(date).split(" ");
  return `${day} ${trimFraction(time)}${zoned ? "+00" : ""}${era === "" ? "" : ` ${era}`}`;
}

/** `+012345-01-01` is `12345-01-01` there, and `-000001-01-01` is `0002-01-01 BC`. */
function serverYear(date: string): string {
  const [, sign = "", digits = "", rest = ""] = /^([+-]?)(\d+)(-.*)$/u.exec(date) ?? [];
  const year = Number(`${sign}${digits}`);
  const shown = String(year > 0 ? year : 1 - year).padStart(4, "0");
  return `${shown}${rest}${year > 0 ? "" : " BC"}`;
}

function trimFraction(time: string): string {
  return time.includes(".") ? time.replace(/0+$/u, "") : time;
}

function printArray({ offsets, children }: Vector, row: number): string {
  const [item] = children;
  if (item === undefined || offsets === null) throw new Error("expected items");
  const parts: string[] = [];
  for (let index = offsets[row] ?? 0; index < (offsets[row + 1] ?? 0); index += 1) {
    const text = printValue(item, index);
    parts.push(item.type.kind === "list" ? (text ?? "NULL") : quoteItem(text));
  }
  return `{${parts.join(",")}}`;
}

function quoteItem(text: string | null): string {
  if (text === null) return "NULL";
  const isPlain = text !== "" && !/[{},"\\\s]/u.test(text) && !/^null$/iu.test(text);
  return isPlain ? text : `"${text.replaceAll(/["\\]/gu, String.raw`\$&`)}"`;
}
