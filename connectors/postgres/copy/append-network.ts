/** Appends network addresses as the text that the server prints. */
import { appendAscii } from "./append-bytes.ts";
import type { ColumnBuffer } from "./column-buffer.ts";
import { copyMalformed } from "./copy-error.ts";
import type { CopySource } from "./copy-source.ts";

/** PGSQL_AF_INET and PGSQL_AF_INET6. */
const familyBytes: ReadonlyMap<number, number> = new Map([
  [2, 4],
  [3, 16],
]);
const headerBytes = 4;

/** Appends an inet or a cidr: family, bits of the mask, whether it is a cidr, bytes, address. */
export function appendNetwork(
  column: ColumnBuffer,
  { bytes }: CopySource,
  at: number,
  length: number,
): void {
  const [family = 0, mask = 0, isCidr = 0, size = 0] = bytes.subarray(at, at + headerBytes);
  const expected = familyBytes.get(family);
  if (length < headerBytes || size !== expected || length !== headerBytes + size) {
    throw copyMalformed("a network address", `${length} bytes of family ${family}`, column);
  }
  const maskMax = 8 * size;
  if (mask > maskMax) throw copyMalformed(`a mask of at most ${maskMax}`, String(mask), column);
  const address = bytes.subarray(at + headerBytes, at + length);
  const host = size === 4 ? address.join(".") : spellSix(address);
  appendAscii(column, isCidr === 0 && mask === maskMax ? host : `${host}/${mask}`);
}

/** Appends a macaddr or macaddr8. */
export function appendMac(
  column: ColumnBuffer,
  { bytes }: CopySource,
  at: number,
  length: number,
): void {
  if (length !== 6 && length !== 8) throw copyMalformed("6 or 8 bytes", String(length), column);
  const parts = Array.from(bytes.subarray(at, at + length), (byte) => hex(byte).padStart(2, "0"));
  appendAscii(column, parts.join(":"));
}

function hex(value: number): string {
  return value.toString(16);
}

/** IPv6, its longest run of zeros left out, an IPv4 address in it spelt as one (inet_net_ntop). */
function spellSix(address: Uint8Array): string {
  const words = Array.from({ length: 8 }, (_, index) => {
    return ((address[2 * index] ?? 0) << 8) | (address[2 * index + 1] ?? 0);
  });
  const run = longestZeros(words);
  const four = address.subarray(12).join(".");
  if (run.from === 0) {
    if (run.count === 6) return `::${four}`;
    if (run.count === 5 && words[5] === 0xff_ff) return `::ffff:${four}`;
  }
  if (run.count < 2) return words.map(hex).join(":");
  const before = words.slice(0, run.from).map(hex).join(":");
  const after = words
    .slice(run.from + run.count)
    .map(hex)
    .join(":");
  return `${before}::${after}`;
}

function longestZeros(words: readonly number[]): { from: number; count: number } {
  let longest = { from: 0, count: 0 };
  let current = { from: 0, count: 0 };
  for (const [index, word] of words.entries()) {
    current = word === 0 ? { from: current.from, count: current.count + 1 } : startAfter(index);
    if (current.count > longest.count) longest = current;
  }
  return longest;
}

function startAfter(index: number): { from: number; count: number } {
  return { from: index + 1, count: 0 };
}
