/** Brings batches of any size to the size that one part file has. */
import { batchBytes, type RecordBatch } from "../core/batch.ts";
import { concatBatches } from "./concat-vectors.ts";
import { sliceBatch } from "./slice-vector.ts";

/** Most rows of a written batch. */
export const writtenRowsMax = 64 * 1024;

/** Most bytes of a written batch's buffers, unless a single row has more. */
export const writtenBytesMax = 8 * 1024 * 1024;

/** How large a written batch may be. */
export interface WrittenLimits {
  readonly rowsMax: number;
  readonly bytesMax: number;
}

/** Coalesces the batches of one stream while their columns stay the same. */
export interface Coalescer {
  /** Takes a batch, and answers those that are full, in the order of their rows. */
  add(batch: RecordBatch): readonly RecordBatch[];
  /** What is left, null when nothing is; to be called before the columns change, and at the end. */
  flush(): RecordBatch | null;
}

/** A coalescer to these limits, by default those of a written batch. */
export function coalescer(
  limits: WrittenLimits = { rowsMax: writtenRowsMax, bytesMax: writtenBytesMax },
): Coalescer {
  let held: RecordBatch[] = [];
  let rows = 0;
  let bytes = 0;
  const flush = (): RecordBatch | null => {
    const whole = held.length === 0 ? null : concatBatches(held);
    held = [];
    rows = 0;
    bytes = 0;
    return whole;
  };
  const take = (batch: RecordBatch): RecordBatch | null => {
    const more = batchBytes(batch);
    const fits = rows + batch.rows <= limits.rowsMax && bytes + more <= limits.bytesMax;
    const full = fits ? null : flush();
    held.push(batch);
    rows += batch.rows;
    bytes += more;
    return full;
  };
  return {
    add: (batch) => {
      if (batch.rows === 0) return [];
      return splitBatch(batch, limits).flatMap((part) => take(part) ?? []);
    },
    flush,
  };
}

/** A batch in pieces that keep to the limits, or are single rows; itself where it keeps to them. */
function splitBatch(batch: RecordBatch, limits: WrittenLimits): readonly RecordBatch[] {
  const isFine = batch.rows <= limits.rowsMax && batchBytes(batch) <= limits.bytesMax;
  if (isFine || batch.rows <= 1) return [batch];
  const pieces = Math.max(
    Math.ceil(batch.rows / limits.rowsMax),
    Math.ceil(batchBytes(batch) / limits.bytesMax),
  );
  const step = Math.max(1, Math.floor(batch.rows / pieces));
  const parts: RecordBatch[] = [];
  for (let from = 0; from < batch.rows; from += step) {
    const part = sliceBatch(batch, from, Math.min(batch.rows, from + step));
    // Rows differ in size: a piece may still be too large.
    parts.push(...splitBatch(part, limits));
  }
  return parts;
}
