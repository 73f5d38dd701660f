/**
 * Moments as text: ISO 8601 and RFC 3339, with all digits of what the type holds. Years before 0
 * and past 9999 have a sign and six digits, as ECMAScript extends the format. Infinities are words.
 */
import { formatDate } from "../../../columns/temporal-format.ts";

const daysMax = 2 ** 31 - 1;

/** `YYYY-MM-DD` of days since 1970-01-01; the ends of 32 bits are the infinities. */
export function dateText(days: number): string {
  if (Math.abs(days) === daysMax) return days < 0 ? "-infinity" : "infinity";
  return formatDate(days);
}

function padded(value: number, digits: number): string {
  return String(value).padStart(digits, "0");
}

/** Units in a second, the digits that they take after its point, and zeros to come after. */
export interface Precision {
  readonly perSecond: bigint;
  readonly digits: number;
  readonly zeros: string;
}

/** Of DuckDB's TIMESTAMP_S. */
export const seconds: Precision = { perSecond: 1n, digits: 0, zeros: "000000" };
/** Of DuckDB's TIMESTAMP_MS. */
export const milliseconds: Precision = { perSecond: 1000n, digits: 3, zeros: "000" };
/** Of DuckDB's TIME and TIMESTAMP. */
export const microseconds: Precision = { perSecond: 1_000_000n, digits: 6, zeros: "" };
/** Of DuckDB's TIME_NS and TIMESTAMP_NS. */
export const nanoseconds: Precision = { perSecond: 1_000_000_000n, digits: 9, zeros: "" };

/** `HH:MM:SS.ffffff` of units since midnight; 24:00:00 is a time too. */
export function timeText(units: bigint, precision: Precision): string {
  const whole = units / precision.perSecond;
  return clockText(Number(whole)) + fractionText(units - whole * precision.perSecond, precision);
}

function clockText(secondOfDay: number): string {
  const minutes = Math.floor(secondOfDay / 60);
  const hours = Math.floor(minutes / 60);
  return `${padded(hours, 2)}:${padded(minutes % 60, 2)}:${padded(secondOfDay % 60, 2)}`;
}

function fractionText(rest: bigint, { digits, zeros }: Precision): string {
  return `.${digits === 0 ? "" : String(rest).padStart(digits, "0")}${zeros}`;
}

const secondsOfDay = 86_400;
const unitsMax = 2n ** 63n - 1n;

/** `YYYY-MM-DDTHH:MM:SS.ffffff` of units since 1970; the ends of 64 bits are the infinities. */
export function timestampText(units: bigint, precision: Precision): string {
  if (units === unitsMax) return "infinity";
  if (units === -unitsMax) return "-infinity";
  const { perSecond } = precision;
  const remainder = units % perSecond;
  const rest = remainder < 0n ? remainder + perSecond : remainder;
  const second = Number((units - rest) / perSecond);
  const days = Math.floor(second / secondsOfDay);
  const clock = clockText(second - days * secondsOfDay);
  return `${dateText(days)}T${clock}${fractionText(rest, precision)}`;
}

/** `+HH:MM` or `+HH:MM:SS` of seconds east of UTC. */
export function offsetText(east: number): string {
  const clock = clockText(Math.abs(east));
  return `${east < 0 ? "-" : "+"}${clock.endsWith(":00") ? clock.slice(0, -3) : clock}`;
}
