/** Bitmaps as Arrow lays them out: one bit a row, least significant first. */

/** Bytes that a bitmap of so many rows takes. */
export function bitmapBytes(rows: number): number {
  return Math.ceil(rows / 8);
}

/** Whether the bit of a row is 1. A row past the end is 0. */
export function bitAt(bitmap: Uint8Array, row: number): boolean {
  return (((bitmap[row >>> 3] ?? 0) >>> (row & 7)) & 1) === 1;
}

/** Sets the bit of a row to 1 or 0. */
export function setBit(bitmap: Uint8Array, row: number, value: 0 | 1): void {
  const index = row >>> 3;
  const mask = 1 << (row & 7);
  const byte = bitmap[index] ?? 0;
  bitmap[index] = value === 1 ? byte | mask : byte & ~mask;
}

/** The bits that are 0 among the first rows. */
export function countZeros(bitmap: Uint8Array, rows: number): number {
  let ones = 0;
  const whole = rows >>> 3;
  for (let index = 0; index < whole; index += 1) ones += onesIn(bitmap[index] ?? 0);
  for (let row = whole * 8; row < rows; row += 1) ones += bitAt(bitmap, row) ? 1 : 0;
  return rows - ones;
}

function onesIn(byte: number): number {
  const pairs = byte - ((byte >>> 1) & 0x55);
  const quads = (pairs & 0x33) + ((pairs >>> 2) & 0x33);
  return (quads + (quads >>> 4)) & 0x0f;
}

/** A bitmap of so many ones. */
export function onesBitmap(rows: number): Uint8Array {
  const bitmap = new Uint8Array(bitmapBytes(rows)).fill(0xff);
  clearTail(bitmap, rows);
  return bitmap;
}

/** Sets the bits past the last row to 0, so that equal rows have equal bytes. */
function clearTail(bitmap: Uint8Array, rows: number): void {
  if ((rows & 7) === 0) return;
  const last = rows >>> 3;
  bitmap[last] = (bitmap[last] ?? 0) & ((1 << (rows & 7)) - 1);
}

/** Where bits are copied from and to. */
export interface BitCopy {
  readonly from: Uint8Array;
  readonly fromRow: number;
  readonly to: Uint8Array;
  readonly toRow: number;
  readonly rows: number;
}

/** Copies the bits of rows into a bitmap of zeros; what lies beside them stays. */
export function copyBits({ from, fromRow, to, toRow, rows }: BitCopy): void {
  if ((fromRow & 7) === 0 && (toRow & 7) === 0) {
    const whole = rows >>> 3;
    to.set(from.subarray(fromRow >>> 3, (fromRow >>> 3) + whole), toRow >>> 3);
    for (let row = whole * 8; row < rows; row += 1) {
      if (bitAt(from, fromRow + row)) setBit(to, toRow + row, 1);
    }
    return;
  }
  for (let row = 0; row < rows; row += 1) {
    if (bitAt(from, fromRow + row)) setBit(to, toRow + row, 1);
  }
}
