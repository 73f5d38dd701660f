/** Appends numerics that no decimal type holds: as text, or as the nearest float64. */
import { appendAscii, endText } from "./append-bytes.ts";
import type { ColumnBuffer } from "./column-buffer.ts";
import type { CopySource } from "./copy-source.ts";
import { notFinite, numericDigits } from "./numeric.ts";
import { numericText, numericTextBytes, writeNumericText } from "./numeric-text.ts";

/** Appends the text that the server prints, `NaN` and `Infinity` among them. */
export function appendNumericText(
  column: ColumnBuffer,
  source: CopySource,
  at: number,
  length: number,
): void {
  numericDigits(column, source, at, length);
  const special = notFinite(column, source.view.getUint16(at + 4));
  if (special !== null) return appendAscii(column, special);
  column.reserve(numericTextBytes(column, source, at));
  const target = { bytes: column.values, at: column.size };
  column.size = writeNumericText(column, source, { at, length }, target);
  endText(column);
}

/** Appends the float64 that is nearest to the number. */
export function appendNumericDouble(
  column: ColumnBuffer,
  source: CopySource,
  at: number,
  length: number,
): void {
  const value = nearestDouble(column, source, at, length);
  floats[0] = value;
  column.words[2 * column.rows] = halves[0] ?? 0;
  column.words[2 * column.rows + 1] = halves[1] ?? 0;
  column.rows += 1;
}

const floats = new Float64Array(1);
const halves = new Int32Array(floats.buffer);

function nearestDouble(
  column: ColumnBuffer,
  source: CopySource,
  at: number,
  length: number,
): number {
  numericDigits(column, source, at, length);
  const special = notFinite(column, source.view.getUint16(at + 4));
  return Number(special ?? numericText(column, source, at, length));
}
