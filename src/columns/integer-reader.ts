/** Reads the values of a column of ints, whatever their width. */
import type { DataType } from "../core/type.ts";

/** The reader of a row's value, which must be there. */
export function integerReader(
  type: Extract<DataType, { kind: "int" }>,
  view: DataView,
): (row: number) => bigint {
  switch (type.bits) {
    case 8:
      return type.signed ? (row) => BigInt(view.getInt8(row)) : (row) => BigInt(view.getUint8(row));
    case 16:
      return type.signed
        ? (row) => BigInt(view.getInt16(row * 2, true))
        : (row) => BigInt(view.getUint16(row * 2, true));
    case 32:
      return type.signed
        ? (row) => BigInt(view.getInt32(row * 4, true))
        : (row) => BigInt(view.getUint32(row * 4, true));
    case 64:
      return type.signed
        ? (row) => view.getBigInt64(row * 8, true)
        : (row) => view.getBigUint64(row * 8, true);
  }
}
