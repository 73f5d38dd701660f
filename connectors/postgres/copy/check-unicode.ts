/**
 * Whether texts are UTF-8. The server sees to that, also where its database has no encoding: it
 * refuses to send what isn't. A text that isn't was damaged on its way, or the session has another
 * encoding; Parquet's readers would refuse the file. For ASCII it costs next to nothing.
 */
import { isAscii, isUtf8 } from "node:buffer";
import type { Vector } from "../../../src/connector.ts";
import { copyMalformed } from "./copy-error.ts";

/** Throws Permanent `postgres.copy_malformed` for a text, also an item, that isn't UTF-8. */
export function checkUnicode(name: string, vector: Vector): void {
  const { type, values, offsets, children } = vector;
  for (const child of children) checkUnicode(`${name}[]`, child);
  if ((type.kind !== "text" && type.kind !== "json") || offsets === null) return;
  if (isAscii(values) || (isUtf8(values) && !isCutInside(values, offsets))) return;
  for (let row = 0; row < vector.length; row += 1) {
    const text = values.subarray(offsets[row], offsets[row + 1]);
    if (isUtf8(text)) continue;
    const start = text.subarray(0, shownBytesMax);
    throw copyMalformed("UTF-8", JSON.stringify(decoder.decode(start)), { name, type });
  }
}

const decoder = new TextDecoder();
const shownBytesMax = 100;

/** Whether a text begins inside of a character, which the whole of all texts doesn't show. */
function isCutInside(values: Uint8Array, offsets: Int32Array): boolean {
  return offsets.some((offset) => ((values[offset] ?? 0) & 0xc0) === 0x80);
}
