/** A column as a file names it. */
import type { Vector } from "../core/batch.ts";

/** A column with its name at the time of writing and its permanent id. */
export interface NamedColumn {
  readonly id: number;
  readonly name: string;
  readonly vector: Vector;
}
