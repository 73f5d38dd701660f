/** Dates and times as ISO 8601 text, in the spelling that `temporal-text.ts` reads. */

const dayMicros = 86_400_000_000n;
const secondMicros = 1_000_000n;

/** A date of days since 1970-01-01; years beyond 9999 with a sign and six digits. */
export function formatDate(days: number): string {
  const { year, month, day } = civilFromDays(days);
  return `${formatYear(year)}-${pad(month, 2)}-${pad(day, 2)}`;
}

/** A time of microseconds since midnight; the fraction, if any, has six digits. */
export function formatTime(micros: bigint): string {
  const seconds = Number(micros / secondMicros);
  const fraction = Number(micros % secondMicros);
  const clock = [seconds / 3600, (seconds / 60) % 60, seconds % 60];
  const text = clock.map((part) => pad(Math.floor(part), 2)).join(":");
  return fraction === 0 ? text : `${text}.${pad(fraction, 6)}`;
}

/** A moment of microseconds since 1970-01-01T00:00:00, in UTC with a `Z` if `zoned`. */
export function formatTimestamp(micros: bigint, zoned: boolean): string {
  const rest = ((micros % dayMicros) + dayMicros) % dayMicros;
  const days = Number((micros - rest) / dayMicros);
  return `${formatDate(days)}T${formatTime(rest)}${zoned ? "Z" : ""}`;
}

/** H. Hinnant, "chrono-Compatible Low-Level Date Algorithms", civil_from_days. */
function civilFromDays(days: number): { year: number; month: number; day: number } {
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  );
  const dayOfYear =
    dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shiftedMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9;
  return {
    year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0),
    month,
    day: dayOfYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1,
  };
}

function formatYear(year: number): string {
  if (year >= 0 && year <= 9999) return pad(year, 4);
  return `${year < 0 ? "-" : "+"}${pad(Math.abs(year), 6)}`;
}

function pad(value: number, digits: number): string {
  return String(value).padStart(digits, "0");
}
