/**
 * Whether texts are UTF-8. The server sees to that where its database has an encoding; one of
 * SQL_ASCII sends whatever was put in, and Parquet's readers refuse a file with such a text.
 */
import { isAscii, isUtf8 } from "node:buffer";
import type { Vector } from "../../../src/connector.ts";
import { valueFault } from "./copy-error.ts";

/** Throws SchemaIncompatible `value.not_unicode` for a text, also an item, that isn't UTF-8. */
export function checkUnicode(name: string, vector: Vector): void {
  const { type, values, offsets, children } = vector;
  for (const child of children) checkUnicode(`${name}[]`, child);
  if ((type.kind !== "text" && type.kind !== "json") || offsets === null) return;
  if (isAscii(values) || (isUtf8(values) && !isCutInside(values, offsets))) return;
  for (let row = 0; row < vector.length; row += 1) {
    const text = values.subarray(offsets[row], offsets[row + 1]);
    if (isUtf8(text)) continue;
    const start = text.subarray(0, shownBytesMax);
    throw valueFault("not_unicode", { name, type }, JSON.stringify(decoder.decode(start)));
  }
}

const decoder = new TextDecoder();
const shownBytesMax = 100;

/** Whether a text begins inside of a character, which the whole of all texts doesn't show. */
function isCutInside(values: Uint8Array, offsets: Int32Array): boolean {
  return offsets.some((offset) => ((values[offset] ?? 0) & 0xc0) === 0x80);
}
