/** 64-bit integers in two halves: on a hot path no BigInt is made. */

const halfRange = 2 ** 32;

/** Writes a safe integer, little endian. */
export function setInt64(view: DataView, offset: number, value: number): void {
  const high = Math.floor(value / halfRange);
  view.setUint32(offset, value - high * halfRange, true);
  view.setInt32(offset + 4, high, true);
}
