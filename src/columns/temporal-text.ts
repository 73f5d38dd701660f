/**
 * Dates and times in text, as ISO 8601 and RFC 3339 spell them, with years beyond 9999 as
 * ECMAScript extends them (`+012345-01-01`), and by a seventh digit where a date needs it.
 * Proleptic Gregorian calendar, no leap seconds.
 */

/** Why a text gives no value. */
export type TemporalFault = "unreadable" | "out_of_range" | "inexact";

/** Microseconds, or why there are none. A number where it is exact. */
export type Micros = number | bigint | TemporalFault;

const datePart = String.raw`(?<year>\d{4}|[+-]\d{6,7})-(?<month>\d{2})-(?<day>\d{2})`;
const timePart = String.raw`(?<hour>\d{2}):(?<minute>\d{2})(?::(?<second>\d{2})(?:[.,](?<fraction>\d{1,18}))?)?`;
const zonePart = String.raw`(?<zone>[Zz]|[+-]\d{2}(?::?\d{2}(?::?\d{2})?)?)`;
const dateForm = new RegExp(`^${datePart}$`, "u");
const timeForm = new RegExp(`^${timePart}$`, "u");
const timestampForm = new RegExp(`^${datePart}[Tt ]${timePart}${zonePart}?$`, "u");

const dayMicros = 86_400_000_000;

/** Days since 1970-01-01; a fault for what is no date. */
export function parseDate(text: string): number | TemporalFault {
  const groups = dateForm.exec(text)?.groups;
  return groups === undefined ? "unreadable" : daysOf(groups);
}

/** Microseconds since midnight, below 24 hours. */
export function parseTime(text: string): number | TemporalFault {
  const groups = timeForm.exec(text)?.groups;
  return groups === undefined ? "unreadable" : timeOf(groups);
}

/**
 * Microseconds since 1970-01-01T00:00:00: in UTC by the zone of the text, which must have one if
 * `zoned` and must have none otherwise. A date alone is midnight where no zone is wanted.
 */
export function parseTimestamp(text: string, zoned: boolean): Micros {
  const groups = timestampForm.exec(text)?.groups;
  if (groups === undefined) return zoned ? "unreadable" : midnightOf(parseDate(text));
  if ((groups["zone"] === undefined) === zoned) return "unreadable";
  const days = daysOf(groups);
  const time = timeOf(groups);
  if (typeof days === "string") return days;
  if (typeof time === "string") return time;
  const offset = groups["zone"] === undefined ? 0 : offsetOf(groups["zone"]);
  return typeof offset === "string" ? offset : microsOf(days, time - offset);
}

function midnightOf(days: number | TemporalFault): Micros {
  return typeof days === "string" ? days : microsOf(days, 0);
}

/** Years of six digits reach past what 64 bits of microseconds hold. */
function microsOf(days: number, rest: number): Micros {
  const micros = days * dayMicros + rest;
  if (Number.isSafeInteger(micros)) return micros;
  const exact = BigInt(days) * BigInt(dayMicros) + BigInt(rest);
  return exact < infinityMicros && exact > -infinityMicros ? exact : "out_of_range";
}

/** The largest value of 64 bits, and its negative: what DuckDB takes for the infinite moments. */
const infinityMicros = 2n ** 63n - 1n;

type Groups = Readonly<Record<string, string | undefined>>;

function daysOf(groups: Groups): number | TemporalFault {
  const [year, month, day] = [groups["year"], groups["month"], groups["day"]].map(Number);
  if (year === undefined || month === undefined || day === undefined) return "unreadable";
  if (groups["year"] === "-000000") return "unreadable";
  if (month < 1 || month > 12 || day < 1 || day > monthDays(year, month)) return "unreadable";
  return daysFromCivil(year, month, day);
}

function monthDays(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
}

/** H. Hinnant, "chrono-Compatible Low-Level Date Algorithms", days_from_civil. */
function daysFromCivil(year: number, month: number, day: number): number {
  const shifted = month <= 2 ? year - 1 : year;
  const era = Math.floor(shifted / 400);
  const yearOfEra = shifted - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra =
    yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

function timeOf(groups: Groups): number | TemporalFault {
  const [hour, minute, second] = [groups["hour"], groups["minute"], groups["second"] ?? "0"].map(
    Number,
  );
  if (hour === undefined || minute === undefined || second === undefined) return "unreadable";
  if (hour > 23 || minute > 59 || second > 59) return "unreadable";
  const fraction = groups["fraction"] ?? "";
  if (/[1-9]/u.test(fraction.slice(6))) return "inexact";
  const micros = Number(fraction.slice(0, 6).padEnd(6, "0"));
  return ((hour * 60 + minute) * 60 + second) * 1_000_000 + micros;
}

/** RFC 3339 bounds the parts; offsets with seconds are what Postgres prints for old local times. */
function offsetOf(zone: string): number | TemporalFault {
  if (zone === "Z" || zone === "z") return 0;
  const digits = zone.slice(1).replaceAll(":", "").padEnd(6, "0");
  const [hours, minutes, seconds] = [0, 2, 4].map((at) => Number(digits.slice(at, at + 2)));
  if (hours === undefined || minutes === undefined || seconds === undefined) return "unreadable";
  if (hours > 23 || minutes > 59 || seconds > 59) return "unreadable";
  const micros = ((hours * 60 + minutes) * 60 + seconds) * 1_000_000;
  return zone.startsWith("-") ? -micros : micros;
}
