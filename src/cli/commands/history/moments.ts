/** Moments and spans of time of the catalog, as the command line shows them. */
import { formatTimestamp } from "../../../columns/temporal-format.ts";
import type { Micros } from "../../../core/catalog-command.ts";
import { durationText } from "../../text/figures.ts";

/** RFC 3339 in UTC, with microseconds where there are any: for documents. */
export function momentDocument(micros: Micros): string {
  return formatTimestamp(BigInt(micros), true);
}

/** The same to the second, with a blank: for people. */
export function momentText(micros: Micros): string {
  const seconds = (BigInt(micros) / 1_000_000n) * 1_000_000n;
  return formatTimestamp(seconds, false).replace("T", " ");
}

/** The same to the microsecond, so that it names a snapshot. */
export function exactMomentText(micros: Micros): string {
  return formatTimestamp(BigInt(micros), false).replace("T", " ");
}

/** Milliseconds between two moments, with up to three decimals. */
export function millisecondsBetween(from: Micros, to: Micros): number {
  return Number(BigInt(to) - BigInt(from)) / 1000;
}

/** A span of time with three digits below a minute: `1.23 ms`, `45.6 s`; then as minutes. */
export function spanText(milliseconds: number): string {
  const ms = Math.max(0, milliseconds);
  if (ms < 999.5) return `${threeDigits(ms)} ms`;
  return ms < 59_950 ? `${threeDigits(ms / 1000)} s` : durationText(ms);
}

function threeDigits(value: number): string {
  if (value < 9.995) return value.toFixed(2);
  return value < 99.95 ? value.toFixed(1) : value.toFixed(0);
}
