/**
 * Gathers a reader's record batches until they make a written batch: small ones would make small
 * files.
 *
 *   C1. Batches leave in the order in which they came, none split and none lost.
 *   C2. What leaves together has one schema, and the cursor of its last batch.
 *   C3. What leaves together keeps to both targets, unless it is a single batch of the reader's.
 */
import { batchBytes, type RecordBatch } from "../../core/batch.ts";
import type { ReadCursor } from "../../core/cursor.ts";
import { canonicalJson } from "../../core/json.ts";
import type { ReadItem } from "../../core/ports/source.ts";
import type { StreamSchema } from "../../core/schema.ts";

/** Rows that become one part. */
export interface CoalescedRows {
  readonly schema: StreamSchema;
  /** At least one, in order. */
  readonly batches: readonly RecordBatch[];
  readonly rows: number;
  readonly cursor: ReadCursor;
}

type Records = Extract<ReadItem, { kind: "records" }>;

/** Holds batches of one partition. */
export class Coalescer {
  readonly #rowsTarget: number;
  readonly #bytesTarget: number;
  #held: Records[] = [];
  #rows = 0;
  #bytes = 0;
  #schemaText = "";

  constructor(rowsTarget: number, bytesTarget: number) {
    this.#rowsTarget = rowsTarget;
    this.#bytesTarget = bytesTarget;
  }

  /** Takes a batch in and answers with what is ready by that: nothing, one or two. */
  push(item: Records): readonly CoalescedRows[] {
    const bytes = batchBytes(item.batch);
    const text = canonicalJson(item.schema);
    const fits =
      text === this.#schemaText &&
      this.#rows + item.batch.rows <= this.#rowsTarget &&
      this.#bytes + bytes <= this.#bytesTarget;
    const before = fits ? [] : this.flush();
    this.#schemaText = text;
    this.#held.push(item);
    this.#rows += item.batch.rows;
    this.#bytes += bytes;
    const isFull = this.#rows >= this.#rowsTarget || this.#bytes >= this.#bytesTarget;
    return isFull ? [...before, ...this.flush()] : before;
  }

  /** What is held, if anything; nothing is held after. */
  flush(): readonly CoalescedRows[] {
    const [first] = this.#held;
    const last = this.#held.at(-1);
    if (first === undefined || last === undefined) return [];
    const batches = this.#held.map((item) => item.batch);
    const rows: CoalescedRows = {
      schema: first.schema,
      batches,
      rows: this.#rows,
      cursor: last.cursor,
    };
    this.#held = [];
    this.#rows = 0;
    this.#bytes = 0;
    return [rows];
  }
}
