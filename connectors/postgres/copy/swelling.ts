/** Values that swell as text: 10 bytes of a numeric on the wire may be 100,000 digits. */
import type { WireForm } from "../types/wire-form.ts";

/** Whether the values of a form may swell. */
export function swells(form: WireForm): boolean {
  return form.kind === "numeric-text" || (form.kind === "array" && swells(form.item));
}

/** Bytes of a numeric's header. */
const headerBytes = 8;
const digitChars = 4;
const arrayHeaderBytes = 12;
const dimensionBytes = 8;
const dimensionsMax = 6;
const lengthBytes = 4;

/**
 * About the characters of the value of `length` bytes at `at` beyond those bytes, by the first
 * exponents and scales of its numbers. 0 for what is no such value: decoding it says so.
 */
export function swelling(form: WireForm, view: DataView, at: number, length: number): number {
  if (form.kind === "array") return swellingOfItems(form.item, view, at, length);
  if (length < headerBytes) return 0;
  const weight = view.getInt16(at + 2);
  return digitChars * (Math.max(weight, 0) + 1) + (view.getUint16(at + 6) & 0x3f_ff);
}

function swellingOfItems(item: WireForm, view: DataView, start: number, length: number): number {
  const end = start + length;
  const dimensions = length < arrayHeaderBytes ? -1 : view.getInt32(start);
  if (dimensions < 0 || dimensions > dimensionsMax) return 0;
  let at = start + arrayHeaderBytes + dimensionBytes * dimensions;
  let sum = 0;
  while (end - at >= lengthBytes) {
    const size = view.getInt32(at);
    at += lengthBytes;
    if (size > end - at) break;
    if (size <= 0) continue;
    sum += swelling(item, view, at, size);
    at += size;
  }
  return sum;
}
