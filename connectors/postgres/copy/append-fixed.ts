/** Appends values of one width that need no thought but for the order of their bytes. */
import type { ColumnBuffer } from "./column-buffer.ts";
import { copyMalformed } from "./copy-error.ts";
import type { CopySource } from "./copy-source.ts";

/** Appends an integer or float of 2, 4 or 8 bytes, the last as two halves. */
export function appendNumber(
  column: ColumnBuffer,
  { view }: CopySource,
  at: number,
  bytes: 2 | 4 | 8,
): void {
  const row = column.rows;
  if (bytes === 4) {
    column.words[row] = view.getInt32(at);
  } else if (bytes === 8) {
    column.words[2 * row] = view.getInt32(at + 4);
    column.words[2 * row + 1] = view.getInt32(at);
  } else {
    const value = view.getInt16(at);
    column.values[2 * row] = value;
    column.values[2 * row + 1] = value >> 8;
  }
  column.rows = row + 1;
}

/** Appends a bit of a byte. */
export function appendBool(column: ColumnBuffer, { bytes }: CopySource, at: number): void {
  const value = bytes[at] ?? 0;
  if (value > 1) throw copyMalformed("0 or 1", String(value), column);
  column.setBit(column.rows, value);
  column.rows += 1;
}

/** Appends 16 bytes in their order. */
export function appendUuid(column: ColumnBuffer, { view }: CopySource, at: number): void {
  const { valuesView } = column;
  const to = column.rows * 16;
  for (let index = 0; index < 16; index += 4) {
    valuesView.setInt32(to + index, view.getInt32(at + index));
  }
  column.rows += 1;
}
