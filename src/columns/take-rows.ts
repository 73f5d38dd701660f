/** Some rows of a batch, in allocations of their own. */
import type { RecordBatch } from "../core/batch.ts";
import { concatBatches } from "./concat-vectors.ts";
import { sliceBatch } from "./slice-vector.ts";

/** The rows whose byte in `keep` isn't 0, in order. The batch itself where that is every row. */
export function takeRows(batch: RecordBatch, keep: Uint8Array): RecordBatch {
  const runs = runsOf(keep);
  const [first] = runs;
  if (first?.from === 0 && first.to === batch.rows) return batch;
  if (first === undefined) return sliceBatch(batch, 0, 0);
  return concatBatches(runs.map(({ from, to }) => sliceBatch(batch, from, to)));
}

/** Rows next to each other are copied as one. */
function runsOf(keep: Uint8Array): readonly { readonly from: number; readonly to: number }[] {
  const runs: { from: number; to: number }[] = [];
  for (let row = 0; row < keep.length; row += 1) {
    if (keep[row] === 0) continue;
    const last = runs.at(-1);
    if (last?.to === row) last.to = row + 1;
    else runs.push({ from: row, to: row + 1 });
  }
  return runs;
}
