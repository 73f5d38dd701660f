/** Columns that have one value in all rows. */
import type { Vector } from "../core/batch.ts";
import type { DataType } from "../core/type.ts";
import { bitmapBytes, onesBitmap } from "./bitmap.ts";
import { fixedWidthOf } from "./fixed-width.ts";

/** A column of one text. */
export function constantText(text: string, rows: number): Vector {
  const bytes = new TextEncoder().encode(text);
  const values = new Uint8Array(bytes.byteLength * rows);
  const offsets = new Int32Array(rows + 1);
  values.set(rows === 0 ? [] : bytes);
  // Each copy doubles what is there: a call for each row would cost more than all the bytes.
  for (let filled = bytes.byteLength; filled > 0 && filled < values.byteLength; filled *= 2) {
    values.copyWithin(filled, 0, filled);
  }
  for (let row = 1; row <= rows; row += 1) offsets[row] = row * bytes.byteLength;
  const type = { kind: "text" } as const;
  return { type, length: rows, nullCount: 0, validity: null, offsets, values, children: [] };
}

/** A column of one instant, microseconds since 1970. */
export function constantTimestamp(micros: bigint, rows: number): Vector {
  const values = new Uint8Array(new BigInt64Array(rows).fill(micros).buffer);
  const type = { kind: "timestamp", zoned: true } as const;
  return { type, length: rows, nullCount: 0, validity: null, offsets: null, values, children: [] };
}

/** A column of booleans of one byte a row, 0 or not; null for false in all rows. */
export function boolVector(bytes: Uint8Array | null, rows: number): Vector {
  const type = { kind: "bool" } as const;
  const values = new Uint8Array(bitmapBytes(rows));
  for (let row = 0; bytes !== null && row < rows; row += 1) {
    if (bytes[row] !== 0) values[row >>> 3] = (values[row >>> 3] ?? 0) | (1 << (row & 7));
  }
  return { type, length: rows, nullCount: 0, validity: null, offsets: null, values, children: [] };
}

/** A column without a value in any row. */
export function missingVector(type: DataType, rows: number): Vector {
  const isNull = type.kind === "null";
  const children = childrenOf(type, rows);
  const hasOffsets = ["text", "json", "binary", "list"].includes(type.kind);
  return {
    type,
    length: rows,
    nullCount: rows,
    validity: isNull || rows === 0 ? null : onesBitmap(rows).fill(0),
    offsets: hasOffsets ? new Int32Array(rows + 1) : null,
    values: new Uint8Array(valueBytes(type, rows)),
    children,
  };
}

function valueBytes(type: DataType, rows: number): number {
  return type.kind === "bool" ? bitmapBytes(rows) : (fixedWidthOf(type) ?? 0) * rows;
}

function childrenOf(type: DataType, rows: number): readonly Vector[] {
  if (type.kind === "list") return [missingVector(type.item, 0)];
  if (type.kind !== "struct") return [];
  return type.fields.map((field) => missingVector(field.type, rows));
}
