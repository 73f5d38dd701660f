/** The smallest and the largest integer of a column, for promotions that depend on them. */
import type { Vector } from "../core/batch.ts";
import type { IntegerBounds } from "../core/unify-numbers.ts";
import { bitAt } from "./bitmap.ts";
import { getDecimal } from "./decimal-text.ts";
import { integerReader } from "./integer-reader.ts";

/** The bounds of a column of ints or of decimals without a scale; undefined for any other. */
export function integerBoundsOf(vector: Vector): IntegerBounds | undefined {
  const read = readerOf(vector);
  if (read === undefined) return undefined;
  let min: bigint | null = null;
  let max: bigint | null = null;
  for (let row = 0; row < vector.length; row += 1) {
    if (vector.validity !== null && !bitAt(vector.validity, row)) continue;
    const value = read(row);
    if (min === null || value < min) min = value;
    if (max === null || value > max) max = value;
  }
  return min === null || max === null ? null : { min, max };
}

function readerOf({ type, values }: Vector): ((row: number) => bigint) | undefined {
  const view = new DataView(values.buffer, values.byteOffset, values.byteLength);
  if (type.kind === "decimal" && type.scale === 0) return (row) => getDecimal(view, row * 16);
  return type.kind === "int" ? integerReader(type, view) : undefined;
}
