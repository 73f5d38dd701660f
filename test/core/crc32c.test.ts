/** The checksum, against published vectors and against itself. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { crc32c } from "../../src/core/crc32c.ts";

const iscsiRead = [
  0x01, 0xc0, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
  0x14, 0x00, 0x00, 0x00, 0x00, 0x00, 0x04, 0x00, 0x00, 0x00, 0x00, 0x14, 0x00, 0x00, 0x00, 0x18,
  0x28, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
];

// RFC 3720, B.4, which prints the bytes of the checksum lowest first; the last is the usual check.
test.each<[string, Uint8Array, number]>([
  ["32 zeros", new Uint8Array(32), 0x8a9136aa],
  ["32 ones", new Uint8Array(32).fill(0xff), 0x62a8ab43],
  ["32 rising bytes", Uint8Array.from({ length: 32 }, (_, index) => index), 0x46dd794e],
  ["32 falling bytes", Uint8Array.from({ length: 32 }, (_, index) => 31 - index), 0x113fdb5c],
  ["an iSCSI read command", Uint8Array.from(iscsiRead), 0xd9963a56],
  ["123456789", new TextEncoder().encode("123456789"), 0xe3069283],
  ["nothing", new Uint8Array(0), 0],
])("%s has the published checksum", (_, bytes, expected) => {
  expect(crc32c(bytes)).toBe(expected);
});

/** Bit by bit, as the polynomial says. */
function slowCrc32c(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ ((crc & 1) === 1 ? 0x82f63b78 : 0);
  }
  return ~crc >>> 0;
}

test("it equals the definition at every length and offset, in one piece and in two", () => {
  const bytes = fc.uint8Array({ maxLength: 70 });
  fc.assert(
    fc.property(bytes, fc.nat(70), fc.nat(7), (all, cut, offset) => {
      const held = new Uint8Array(all.length + offset);
      held.set(all, offset);
      const view = held.subarray(offset);
      expect(crc32c(view)).toBe(slowCrc32c(all));
      expect(crc32c(view.subarray(cut), crc32c(view.subarray(0, cut)))).toBe(slowCrc32c(all));
    }),
    { numRuns: 1000 },
  );
});
