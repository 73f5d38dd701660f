/** Which encoding a text file has, and which ones DuckDB reads by itself. */

import { TextDecoder } from "node:util";

/** How the text of a file is read. */
export type TextEncoding = KnownEncoding | UnknownEncoding;

/** One that is read. */
export type KnownEncoding =
  /** By DuckDB. `bomBytes` stand before the text. */
  | { readonly kind: "native"; readonly name: "utf-8" | "latin-1"; readonly bomBytes: number }
  /** Through a copy in UTF-8. `label` is for TextDecoder. */
  | { readonly kind: "transcoded"; readonly label: string };

/** Of a byte order mark that nobody here can read. */
export interface UnknownEncoding {
  readonly kind: "unknown";
}

/**
 * DuckDB reads UTF-16 too, but not beyond a buffer's end within a surrogate pair, and the big
 * endian form as garbage without an error; so both go through a copy.
 */
const utf16: Readonly<Record<string, string>> = {
  "utf-16le": "utf-16le",
  "utf-16be": "utf-16be",
};

/** True ISO 8859-1; what TextDecoder calls so is windows-1252. */
const latin1 = new Set(["latin-1", "latin1", "iso-8859-1", "iso8859-1"]);
const utf8 = new Set(["utf-8", "utf8"]);

/** Whether the settings may name it. */
export function isKnownEncoding(name: string): boolean {
  if (latin1.has(name.toLowerCase())) return true;
  try {
    return new TextDecoder(name).encoding !== "";
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

/**
 * The encoding of a file by its first bytes and by what the settings say; null asks the bytes: a
 * byte order mark, or the zeros that UTF-16 has in most scripts' line ends and commas, else UTF-8.
 */
export function encodingOf(head: Uint8Array, named: string | null): TextEncoding {
  const name = named?.toLowerCase() ?? null;
  const mark = markOf(head);
  if (name === null) {
    if (mark !== null) return mark;
    const label = zerosOf(head);
    if (label !== null) return { kind: "transcoded", label };
    return { kind: "native", name: "utf-8", bomBytes: 0 };
  }
  if (utf8.has(name)) {
    const bomBytes = mark?.kind === "native" ? mark.bomBytes : 0;
    return { kind: "native", name: "utf-8", bomBytes };
  }
  if (latin1.has(name)) return { kind: "native", name: "latin-1", bomBytes: 0 };
  if (name === "utf-16") {
    if (mark?.kind === "transcoded") return mark;
    return { kind: "transcoded", label: zerosOf(head) ?? "utf-16le" };
  }
  return { kind: "transcoded", label: utf16[name] ?? name };
}

function markOf(head: Uint8Array): TextEncoding | null {
  const [a, b, c, d] = head;
  if (a === 0xef && b === 0xbb && c === 0xbf) return { kind: "native", name: "utf-8", bomBytes: 3 };
  const isUtf32 = a === 0xff && b === 0xfe && c === 0 && d === 0;
  if (isUtf32) return { kind: "unknown" };
  if (a === 0xff && b === 0xfe) return { kind: "transcoded", label: "utf-16le" };
  if (a === 0xfe && b === 0xff) return { kind: "transcoded", label: "utf-16be" };
  return null;
}

/** Bytes that are looked at for zeros; even. */
const probeBytes = 1024;

/** One unit in so many has a zero byte in UTF-16 of any text with separators. */
const zerosShare = 8;

/** What text in UTF-8 has on both sides of pairs; no script in use has these as high bytes. */
const separators = [0x2c, 0x3b];

/** Zeros on one side of the pairs, often, and no separator there: the high bytes of UTF-16. */
function zerosOf(head: Uint8Array): string | null {
  const probe = head.subarray(0, probeBytes);
  const pairs = probe.length >> 1;
  const even = probe.filter((_, index) => index % 2 === 0);
  const odd = probe.filter((_, index) => index % 2 === 1);
  const zeros = [even, odd].map((side) => side.filter((byte) => byte === 0).length);
  const [evenZeros = 0, oddZeros = 0] = zeros;
  const most = Math.max(evenZeros, oddZeros);
  // Characters such as U+DE00 have a zero on the other side.
  if (most * zerosShare < pairs || Math.min(evenZeros, oddZeros) * zerosShare > most) return null;
  const high = oddZeros === most ? odd : even;
  if (most === 0 || separators.some((separator) => high.includes(separator))) return null;
  return high === odd ? "utf-16le" : "utf-16be";
}
