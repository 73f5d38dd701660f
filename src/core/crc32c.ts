/**
 * CRC-32C (Castagnoli), the checksum of journal and log lines: reflected polynomial 0x82f63b78,
 * start and final complement 0xffffffff (RFC 3720, 12.1).
 *
 * Slicing by 8 (M. Kounavis and F. Berry, "A Systematic Approach to Building High Performance
 * Software-based CRC Generators", 2005): eight tables take eight bytes a step.
 */

const polynomial = 0x82f63b78;
const slices = 8;

/** Table k at `k * 256`: what a byte does to the checksum once k more bytes have come. */
const tables = makeTables();

function makeTables(): Int32Array {
  const made = new Int32Array(slices * 256);
  for (let byte = 0; byte < 256; byte += 1) {
    let remainder = byte;
    for (let bit = 0; bit < 8; bit += 1) {
      remainder = (remainder >>> 1) ^ ((remainder & 1) === 1 ? polynomial : 0);
    }
    made[byte] = remainder;
  }
  for (let index = 256; index < made.length; index += 1) {
    const before = made[index - 256] ?? 0;
    made[index] = (before >>> 8) ^ (made[before & 0xff] ?? 0);
  }
  return made;
}

/**
 * The checksum of the bytes, 0 to 2^32 - 1; 0 for none. With `previous`, the checksum of what came
 * before, it is that of both together.
 */
export function crc32c(bytes: Uint8Array, previous = 0): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const sliced = bytes.length - (bytes.length % slices);
  let crc = ~previous;
  let at = 0;
  for (; at < sliced; at += slices) {
    const low = crc ^ view.getInt32(at, true);
    const high = view.getInt32(at + 4, true);
    crc =
      look(7, low) ^
      look(6, low >>> 8) ^
      look(5, low >>> 16) ^
      look(4, low >>> 24) ^
      look(3, high) ^
      look(2, high >>> 8) ^
      look(1, high >>> 16) ^
      look(0, high >>> 24);
  }
  for (; at < bytes.length; at += 1) crc = (crc >>> 8) ^ look(0, crc ^ view.getUint8(at));
  return ~crc >>> 0;
}

/** What the lowest byte does to the checksum. */
function look(table: number, byte: number): number {
  return tables[table * 256 + (byte & 0xff)] ?? 0;
}
