/** Times in the catalog: microseconds since 1970, text in commands and integers in tables. */
import type { Micros } from "../../core/catalog-command.ts";
import { refused } from "../../core/refusal.ts";

/**
 * The time as a number, exact until the year 2255. Throws Permanent `refused.time` for any text
 * but a decimal integer from 0 to 2^53 - 1.
 */
export function microsOf(text: Micros): number {
  const value = /^(?:0|[1-9][0-9]{0,15})$/u.test(text) ? Number(text) : -1;
  if (value >= 0 && Number.isSafeInteger(value)) return value;
  throw refused("time", `expected microseconds since 1970 as decimal text, got '${text}'`);
}

/** The time as commands and answers spell it. */
export function microsText(value: number): Micros {
  return String(value);
}
