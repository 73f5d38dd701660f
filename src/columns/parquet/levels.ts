/**
 * Repetition and definition levels: which rows, lists and items there are. A flat column has
 * definition levels of 1 for a value and 0 for none. A list's say 0 for no list, 1 for an empty
 * one, 2 for an item that is null and 3 for a value; its repetition levels are 0 where a row
 * begins.
 * Source: Parquet, README.md, "Nested Encoding", and LogicalTypes.md, "Lists".
 */
import type { Vector } from "../../core/batch.ts";
import { bitmapBytes, countZeros } from "../bitmap.ts";
import { GrowingBytes } from "../growing-bytes.ts";
import { appendBitRun, appendBitRuns } from "./bit-runs.ts";
import { appendIndexRuns } from "./index-runs.ts";

/** What the levels of a column were made of. */
export interface Leveled {
  /** The vector that has the values: the column itself, or a list's items. */
  readonly leaf: Vector;
  /** Levels: one a row, or one an item and one for each list without any. */
  readonly entries: number;
  /** Entries without a value. */
  readonly missing: number;
}

const definitionWidth = 2;
const defined = { noList: 0, noItem: 1, noValue: 2, value: 3 } as const;

/** Writes levels, in room that it keeps. They are valid until the next call. */
export class LevelWriter {
  readonly repetition = new GrowingBytes();
  readonly definition = new GrowingBytes();
  #definitions = new Int32Array(1024);

  /** Writes the levels of a column; the items of a list that is null must be none. */
  write(vector: Vector): Leveled {
    this.repetition.sizeBytes = 0;
    this.definition.sizeBytes = 0;
    if (vector.type.kind === "list") return this.#list(vector, itemsOf(vector));
    const { validity, length } = vector;
    const missing = missingIn(vector);
    if (validity === null || missing === 0 || missing === length) {
      appendBitRun(this.definition, missing === 0, length);
    } else {
      appendBitRuns(this.definition, validity, length);
    }
    return { leaf: vector, entries: length, missing };
  }

  #list({ length, validity, offsets }: Vector, leaf: Vector): Leveled {
    const most = length + leaf.length;
    if (this.#definitions.length < most) this.#definitions = new Int32Array(2 * most);
    const definitions = this.#definitions;
    const repetitions = new Uint8Array(bitmapBytes(most));
    const items = leaf.type.kind === "null" ? new Uint8Array(bitmapBytes(most)) : leaf.validity;
    let entries = 0;
    for (let row = 0; row < length; row += 1) {
      const from = offsets?.[row] ?? 0;
      const to = offsets?.[row + 1] ?? 0;
      if (from === to) {
        const isList = validity === null || (((validity[row >>> 3] ?? 0) >>> (row & 7)) & 1) === 1;
        definitions[entries] = isList ? defined.noItem : defined.noList;
        entries += 1;
      }
      for (let item = from; item < to; item += 1) {
        const isValue = items === null || (((items[item >>> 3] ?? 0) >>> (item & 7)) & 1) === 1;
        definitions[entries] = isValue ? defined.value : defined.noValue;
        if (item > from) {
          repetitions[entries >>> 3] = (repetitions[entries >>> 3] ?? 0) | (1 << (entries & 7));
        }
        entries += 1;
      }
    }
    appendBitRuns(this.repetition, repetitions, entries);
    appendIndexRuns(this.definition, definitions, entries, definitionWidth);
    return { leaf, entries, missing: entries - leaf.length + missingIn(leaf) };
  }
}

/** The nulls of a vector. */
function missingIn({ type, length, validity }: Vector): number {
  if (type.kind === "null") return length;
  return validity === null ? 0 : countZeros(validity, length);
}

function itemsOf({ children }: Vector): Vector {
  const [items] = children;
  if (items === undefined) throw new Error("expected a list to have its items");
  return items;
}
