/** Appends texts and other bytes. */
import type { ColumnBuffer } from "./column-buffer.ts";
import { copyMalformed } from "./copy-error.ts";
import type { CopySource } from "./copy-source.ts";

/** Up to so many bytes a loop over words is faster than a call out of JavaScript. */
const loopBytesMax = 64;
const wordBytes = 4;

/** Appends a value of these bytes. */
export function appendText(
  column: ColumnBuffer,
  source: CopySource,
  at: number,
  length: number,
): void {
  appendPart(column, source, at, length);
  endText(column);
}

/** Appends bytes to the value that is open. */
export function appendPart(
  column: ColumnBuffer,
  { bytes, view }: CopySource,
  at: number,
  length: number,
): void {
  const { size } = column;
  if (size + length > column.values.byteLength) column.reserve(length);
  const { values, valuesView } = column;
  if (length <= loopBytesMax) {
    let index = 0;
    for (; index <= length - wordBytes; index += wordBytes) {
      valuesView.setInt32(size + index, view.getInt32(at + index));
    }
    for (; index < length; index += 1) values[size + index] = bytes[at + index] ?? 0;
  } else {
    values.set(bytes.subarray(at, at + length), size);
  }
  column.size = size + length;
}

/** Ends the value that is open. */
export function endText(column: ColumnBuffer): void {
  column.rows += 1;
  column.offsets[column.rows] = column.size;
}

/** Appends a value of ASCII. */
export function appendAscii(column: ColumnBuffer, text: string): void {
  column.reserve(text.length);
  const { values, size } = column;
  for (let index = 0; index < text.length; index += 1)
    values[size + index] = text.charCodeAt(index);
  column.size = size + text.length;
  endText(column);
}

const jsonbVersion = 1;

/** Appends the text of a jsonb. */
export function appendJsonb(
  column: ColumnBuffer,
  source: CopySource,
  at: number,
  length: number,
): void {
  const version = length === 0 ? "nothing" : source.bytes[at];
  if (version !== jsonbVersion) throw copyMalformed("jsonb of version 1", `${version}`, column);
  appendText(column, source, at + 1, length - 1);
}
