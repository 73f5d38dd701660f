/**
 * From which value on a boundary has every row that was delivered: the lag may be another one now,
 * and rows before it can't be told from new ones.
 */
import type { DataType, StartCursor } from "../../../src/connector.ts";
import { comparableOf } from "./cursor-values.ts";
import { parseLag, type Lag } from "./lag.ts";

/** A value, and how far before it. */
export interface KnownSince {
  /** Exact text of a value of the column. */
  readonly value: string;
  readonly lag: Lag;
  /** What both come to, in units of the column's values. */
  readonly edge: bigint;
}

const word = "since";

/** A line of the boundary that says it. */
export function sinceLine({ value, lag }: KnownSince): string {
  return `${word} ${lag.text} ${value}`;
}

/** Whether a line of a boundary is `sinceLine`'s: the others begin with a hash, which is longer. */
export function isSinceLine(line: string): boolean {
  return line.startsWith(`${word} `);
}

/** What a value and a lag come to; null for a column without a lag. */
export function sinceOf(type: DataType, value: string, lag: Lag): KnownSince | null {
  const comparable = comparableOf(type, value);
  return typeof comparable === "bigint" ? { value, lag, edge: comparable - lag.units } : null;
}

/** As the start's boundary says it; without a word of it, from the cursor's value on. */
export function knownSince(
  { stored, boundaryLines }: StartCursor,
  type: DataType,
  column: string,
): KnownSince | null {
  const [, lagText = "0", ...rest] = boundaryLines.find(isSinceLine)?.split(" ") ?? [];
  const value = rest.length === 0 ? stored.value : rest.join(" ");
  return value === null ? null : sinceOf(type, value, parseLag(lagText, type, column));
}
