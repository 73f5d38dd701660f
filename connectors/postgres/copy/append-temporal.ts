/**
 * Appends dates and times. Postgres counts from 2000-01-01, Arrow from 1970-01-01. The infinite
 * ones become the extremes that DuckDB reads as infinite, +-(2^63 - 1) and +-(2^31 - 1); so a
 * finite one must stay below them.
 */
import type { ColumnBuffer } from "./column-buffer.ts";
import { copyMalformed, valueFault } from "./copy-error.ts";
import type { CopySource } from "./copy-source.ts";

/** Days from 1970-01-01 to 2000-01-01. */
const epochDays = 10_957;
/** The same in microseconds, 946,684,800,000,000, as halves. */
const epochHigh = 220_417;
const epochLow = 0x3b_37_e0_00;

const int32Max = 2 ** 31 - 1;
const int32Min = -(2 ** 31);
const uint32Range = 2 ** 32;
const dayMicros = 86_400_000_000;

/** Appends int32 days. */
export function appendDate(column: ColumnBuffer, { view }: CopySource, at: number): void {
  const days = view.getInt32(at);
  column.words[column.rows] = dateDays(column, days);
  column.rows += 1;
}

function dateDays(column: ColumnBuffer, days: number): number {
  if (days === int32Max) return int32Max;
  if (days === int32Min) return -int32Max;
  if (days < int32Max - epochDays) return days + epochDays;
  throw valueFault("out_of_range", column, `a date ${days} days after 2000-01-01`);
}

/** Appends int64 microseconds since midnight. */
export function appendTime(column: ColumnBuffer, { view }: CopySource, at: number): void {
  const [high, low] = [view.getInt32(at), view.getInt32(at + 4)];
  const micros = high * uint32Range + (low >>> 0);
  if (micros < 0 || micros > dayMicros) {
    throw copyMalformed("a time of day", `${micros} microseconds`, column);
  }
  column.words[2 * column.rows] = low;
  column.words[2 * column.rows + 1] = high;
  column.rows += 1;
}

/** Appends int64 microseconds. Throws SchemaIncompatible for one that 64 bits since 1970 can't. */
export function appendTimestamp(column: ColumnBuffer, { view }: CopySource, at: number): void {
  const high = view.getInt32(at);
  const low = view.getInt32(at + 4) >>> 0;
  const { words, rows } = column;
  const sum = low + epochLow;
  const carry = sum >= uint32Range ? 1 : 0;
  const top = high + epochHigh + carry;
  if (high !== int32Min && top < int32Max) {
    words[2 * rows] = sum;
    words[2 * rows + 1] = top;
  } else {
    const [rareTop, rareLow] = rareMoment(column, { high, low, top, sum });
    words[2 * rows] = rareLow;
    words[2 * rows + 1] = rareTop;
  }
  column.rows = rows + 1;
}

interface Moment {
  readonly high: number;
  readonly low: number;
  readonly top: number;
  readonly sum: number;
}

/** A moment at the ends of the range. */
function rareMoment(column: ColumnBuffer, { high, low, top, sum }: Moment): [number, number] {
  const ones = uint32Range - 1;
  if (high === int32Max && low === ones) return [int32Max, ones];
  if (high === int32Min && low === 0) return [-int32Max - 1, 1];
  if (top < int32Max || (top === int32Max && sum % uint32Range !== ones)) return [top, sum];
  throw valueFault("out_of_range", column, "a timestamp after 294247-01-10 04:00:54.775806 UTC");
}
