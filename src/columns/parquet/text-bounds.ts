/**
 * The least and the greatest of texts, by their bytes, cut where they are long: a cut least one is
 * still less than all, and a cut greatest one has its last character replaced by the next.
 */
import type { Bounds } from "./encoded-values.ts";
import type { DenseTexts } from "./dense-values.ts";

/** The bytes from which on a bound is cut. */
const boundBytesMax = 64;

/** The bounds of at least one text; `isUtf8` for those that must stay whole characters. */
export function textBounds({ bytes, lengths, count }: DenseTexts, isUtf8: boolean): Bounds | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let minAt = 0;
  let minLength = lengths[0] ?? 0;
  let maxAt = 0;
  let maxLength = minLength;
  let at = minLength;
  for (let index = 1; index < count; index += 1) {
    const length = lengths[index] ?? 0;
    const underMin = order(view, at, minAt, Math.min(length, minLength));
    if (underMin < 0 || (underMin === 0 && length < minLength)) {
      minAt = at;
      minLength = length;
    } else {
      const overMax = order(view, at, maxAt, Math.min(length, maxLength));
      if (overMax > 0 || (overMax === 0 && length > maxLength)) {
        maxAt = at;
        maxLength = length;
      }
    }
    at += length;
  }
  return cutBounds(
    bytes.subarray(minAt, minAt + minLength),
    bytes.subarray(maxAt, maxAt + maxLength),
    isUtf8,
  );
}

/** Below 0 where the bytes at `left` come first, 0 where as many are equal. */
function order(view: DataView, left: number, right: number, count: number): number {
  let byte = 0;
  for (; byte + 4 <= count; byte += 4) {
    const leftWord = view.getUint32(left + byte);
    const rightWord = view.getUint32(right + byte);
    if (leftWord !== rightWord) return leftWord < rightWord ? -1 : 1;
  }
  for (; byte < count; byte += 1) {
    const step = view.getUint8(left + byte) - view.getUint8(right + byte);
    if (step !== 0) return step;
  }
  return 0;
}

/** Null where no greatest one can be told in as many bytes. */
function cutBounds(min: Uint8Array, max: Uint8Array, isUtf8: boolean): Bounds | null {
  const least = cut(min, isUtf8);
  const isMaxExact = max.byteLength <= boundBytesMax;
  const most = isMaxExact ? max.slice() : isUtf8 ? textAbove(cut(max, true)) : bytesAbove(max);
  if (most === null) return null;
  const isMinExact = least.byteLength === min.byteLength;
  return { min: least, max: most, isMinExact, isMaxExact };
}

function cut(bytes: Uint8Array, isUtf8: boolean): Uint8Array {
  if (bytes.byteLength <= boundBytesMax) return bytes.slice();
  let end = boundBytesMax;
  // 10xxxxxx goes on with a character.
  while (isUtf8 && end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return bytes.slice(0, end);
}

function bytesAbove(bytes: Uint8Array): Uint8Array | null {
  let end = boundBytesMax;
  while (end > 0 && bytes[end - 1] === 0xff) end -= 1;
  if (end === 0) return null;
  const above = bytes.slice(0, end);
  above[end - 1] = (above[end - 1] ?? 0) + 1;
  return above;
}

const codePointMax = 0x10_ffff;
const surrogatesFrom = 0xd800;
const surrogatesTo = 0xdfff;

/** UTF-8 has the order of code points. */
function textAbove(bytes: Uint8Array): Uint8Array | null {
  const text = decoded(bytes);
  if (text === null) return null;
  const characters = Array.from(text);
  for (let end = characters.length; end > 0; end -= 1) {
    const last = characters[end - 1]?.codePointAt(0) ?? codePointMax;
    if (last === codePointMax) continue;
    const next = last + 1 === surrogatesFrom ? surrogatesTo + 1 : last + 1;
    const above = characters.slice(0, end - 1).join("") + String.fromCodePoint(next);
    return new TextEncoder().encode(above);
  }
  return null;
}

/** Null for what isn't UTF-8: without a bound, readers only read more. */
function decoded(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}
