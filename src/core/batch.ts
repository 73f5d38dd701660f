/**
 * A record batch in Arrow's columnar layout, as plain data of core's own: apache-arrow's types pull
 * Node's in, and a batch has to cross threads as bare buffers anyway.
 */
import type { DataType } from "./type.ts";

/** The buffers of one column, laid out as the Arrow columnar format says (section "Layouts"). */
export interface Vector {
  readonly type: DataType;
  readonly length: number;
  readonly nullCount: number;
  /** One bit a row, least significant first, 1 for a value; null when no row is null. */
  readonly validity: Uint8Array | null;
  /**
   * For text, json, binary and list: `length + 1` offsets into `values`, or into the child's rows.
   * Null for every other type.
   */
  readonly offsets: Int32Array | null;
  /**
   * The values' bytes, little endian: bool is a bitmap; int, float, date (int32 days), time and
   * timestamp (int64 microseconds) have their width; decimal and uuid have 16 bytes (uuid big
   * endian); text, json and binary are the bytes that `offsets` cuts. Empty for null, list, struct.
   */
  readonly values: Uint8Array;
  /** The item of a list, the members of a struct in order; else empty. */
  readonly children: readonly Vector[];
}

/** Rows of one stream. Its buffers belong to whoever holds the batch, who may transfer them. */
export interface RecordBatch {
  readonly rows: number;
  /** In the order of the schema that the batch came with. */
  readonly columns: readonly Vector[];
  /** One byte a row, 0 for an upsert and 1 for a tombstone; null when every row is an upsert. */
  readonly tombstones: Uint8Array | null;
}

/** The bytes that a batch's buffers hold. */
export function batchBytes(batch: RecordBatch): number {
  return batch.columns.reduce((sum, column) => sum + vectorBytes(column), 0);
}

function vectorBytes(vector: Vector): number {
  const own =
    vector.values.byteLength +
    (vector.validity?.byteLength ?? 0) +
    (vector.offsets?.byteLength ?? 0);
  return vector.children.reduce((sum, child) => sum + vectorBytes(child), own);
}

/** Every distinct ArrayBuffer under a batch: the transfer list that moves it to another thread. */
export function batchBuffers(batch: RecordBatch): readonly ArrayBuffer[] {
  const buffers = new Set<ArrayBuffer>();
  for (const column of batch.columns) collectBuffers(column, buffers);
  if (batch.tombstones !== null) add(batch.tombstones, buffers);
  return [...buffers];
}

function collectBuffers(vector: Vector, buffers: Set<ArrayBuffer>): void {
  add(vector.values, buffers);
  if (vector.validity !== null) add(vector.validity, buffers);
  if (vector.offsets !== null) add(vector.offsets, buffers);
  for (const child of vector.children) collectBuffers(child, buffers);
}

function add(view: Uint8Array | Int32Array, buffers: Set<ArrayBuffer>): void {
  // A SharedArrayBuffer can't be transferred and needn't be.
  if (view.buffer instanceof ArrayBuffer) buffers.add(view.buffer);
}
