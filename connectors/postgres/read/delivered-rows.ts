/**
 * What an incremental read has delivered at its edge: the watermark, and the rows that a later read
 * meets again because it begins at the watermark, or a lag before it.
 *
 *   D1. A row that an earlier read delivered isn't delivered again: it is known by the hash of its
 *       cursor value and its key, or of all of it where it has no key, and then counted.
 *   D2. The watermark is the largest value there was, and never goes back.
 *   D3. At most `boundaryKeysMax` rows are remembered; beyond that `isOverfull` says so until the
 *       watermark has moved on far enough.
 *   D4. What was delivered within a lag is remembered only from where it was when its rows were
 *       read, which a line of the boundary tells: a longer lag than before begins there.
 */
import { createHash } from "node:crypto";
import {
  bitAt,
  boundaryKeysMax,
  jsonTextOf,
  takeRows,
  type Field,
  type RecordBatch,
  type StartCursor,
} from "../../../src/connector.ts";
import { comparableOf, cursorValues, type Comparable } from "./cursor-values.ts";
import { isSinceLine, knownSince, sinceLine, sinceOf, type KnownSince } from "./known-since.ts";
import type { Lag } from "./lag.ts";

/** How rows are followed. */
export interface DeliveredOptions {
  readonly fields: readonly Field[];
  /** The cursor column's place among the fields. */
  readonly column: number;
  /** The key's places; empty without one. */
  readonly key: readonly number[];
  readonly lag: Lag;
  /** Whether a row that comes again takes its own place. */
  readonly isKeyed: boolean;
  /** Whether rows come in the order of their values, which text must. */
  readonly isOrdered: boolean;
  readonly start: StartCursor | null;
}

interface Remembered {
  readonly value: Comparable;
  readonly text: string;
  /** Rows alike that were delivered. */
  count: number;
}

/** Where a read stands. */
export interface Watermark {
  readonly text: string;
  /** Lines of the boundary, sorted; null where there is more than may be remembered. */
  readonly lines: readonly string[] | null;
}

/** Follows the rows of one read. */
export class DeliveredRows {
  readonly #options: DeliveredOptions;
  /** What is at the edge, by hash. */
  readonly #rows = new Map<string, Remembered>();
  /** Rows of earlier reads that this one hasn't met again yet: how many are alike, by hash. */
  readonly #before = new Map<string, number>();
  /** Where this read began; null at the beginning. */
  readonly #startValue: Comparable | null = null;
  #watermark: { readonly value: Comparable; readonly text: string } | null = null;
  /** D4; null where all of it is, or it matters to nobody. */
  readonly #since: KnownSince | null = null;
  /** The watermark when rows were let go of; null while all are there. */
  #forgotAt: Comparable | null = null;

  /** Throws where the start's value isn't of the column's type, as `startValue` says. */
  constructor(options: DeliveredOptions) {
    this.#options = options;
    const { start } = options;
    if (start === null || start.stored.value === null) return;
    const { type, name } = fieldAt(options.fields, options.column);
    const value = comparableOf(type, start.stored.value);
    if (value === null) throw new Error(`a cursor '${start.stored.value}' was not checked`);
    this.#watermark = { value, text: start.stored.value };
    this.#startValue = value;
    if (!options.isKeyed) this.#since = knownSince(start, type, name);
    for (const line of start.boundaryLines) {
      if (isSinceLine(line)) continue;
      const { hash, count, text } = parseLine(line);
      const known = text === "" ? value : (comparableOf(type, text) ?? value);
      this.#rows.set(hash, { value: known, text: text === "" ? start.stored.value : text, count });
      this.#before.set(hash, count);
    }
  }

  /** Where the read stands; null before the first value. */
  get watermark(): Watermark | null {
    if (this.#watermark === null) return null;
    const { text } = this.#watermark;
    if (this.isOverfull) return { text, lines: null };
    const lines = [...this.#rows].map(([hash, { count, text: value }]) =>
      lineOf({ hash, count, text: value === text ? "" : value }),
    );
    return { text, lines: [...lines, ...this.#sinceLines(text)].toSorted(byCodeUnit) };
  }

  /** D4. None says that it is the watermark. */
  #sinceLines(watermark: string): readonly string[] {
    const { lag, isKeyed, fields, column } = this.#options;
    if (isKeyed || lag.units === 0n) return [];
    const now = sinceOf(fieldAt(fields, column).type, watermark, lag);
    const before = this.#since;
    const later = before !== null && now !== null && before.edge > now.edge ? before : now;
    return later === null ? [] : [sinceLine(later)];
  }

  /** D3. */
  get isOverfull(): boolean {
    return this.#forgotAt !== null;
  }

  /** Follows a batch, and answers it without the rows of D1. */
  take(batch: RecordBatch): RecordBatch {
    const { column, isOrdered } = this.#options;
    const values = cursorValues(batch, column);
    const keep = new Uint8Array(batch.rows).fill(1);
    if (!isOrdered) this.#raise(batch.rows, values);
    let dropped = 0;
    let hashOf: ((row: number) => string) | null = null;
    for (let row = 0; row < batch.rows; row += 1) {
      const value = values.comparable(row);
      if (value === null) continue;
      if (isOrdered) this.#follow(value, () => values.text(row));
      const isAtEdge = this.#isAtEdge(value);
      if (!isAtEdge && !this.#mayBeOld(value)) continue;
      hashOf ??= this.#hasher(batch);
      const hash = hashOf(row);
      if (this.#isOld(hash)) {
        keep[row] = 0;
        dropped += 1;
      } else if (isAtEdge) this.#remember(hash, value, () => values.text(row));
    }
    this.#prune();
    return dropped === 0 ? batch : takeRows(batch, keep);
  }

  /** D2, by the largest value of a batch in any order. */
  #raise(rows: number, values: ReturnType<typeof cursorValues>): void {
    let largest: Comparable | null = this.#watermark?.value ?? null;
    let at = -1;
    for (let row = 0; row < rows; row += 1) {
      const value = values.comparable(row);
      if (value === null || (largest !== null && value <= largest)) continue;
      largest = value;
      at = row;
    }
    if (at !== -1 && largest !== null) {
      this.#watermark = { value: largest, text: values.text(at) };
    }
  }

  /** D2, by a row of an ordered read: text isn't compared but for being another one. */
  #follow(value: Comparable, text: () => string): void {
    const before = this.#watermark?.value;
    if (before === value) return;
    // Rows of the lag come before it.
    if (typeof value === "bigint" && typeof before === "bigint" && value < before) return;
    this.#watermark = { value, text: text() };
    if (this.#options.lag.units === 0n) {
      this.#rows.clear();
      this.#forgotAt = null;
    }
  }

  #isAtEdge(value: Comparable): boolean {
    const edge = this.#watermark?.value;
    if (edge === undefined) return false;
    if (typeof value === "bigint" && typeof edge === "bigint") {
      return value >= edge - this.#options.lag.units;
    }
    return value === edge;
  }

  /** Whether an earlier read may have delivered it: nothing above its watermark. */
  #mayBeOld(value: Comparable): boolean {
    const start = this.#startValue;
    if (start === null || this.#before.size === 0) return false;
    return typeof value === "bigint" && typeof start === "bigint"
      ? value <= start
      : value === start;
  }

  /** D1: whether an earlier read delivered it, once for each time that it did. */
  #isOld(hash: string): boolean {
    const left = this.#before.get(hash);
    if (left === undefined) return false;
    if (left > 1) this.#before.set(hash, left - 1);
    else this.#before.delete(hash);
    return true;
  }

  #remember(hash: string, value: Comparable, text: () => string): void {
    const known = this.#rows.get(hash);
    if (known !== undefined) {
      known.count += 1;
      return;
    }
    this.#rows.set(hash, { value, text: text(), count: 1 });
    if (this.#rows.size > 2 * boundaryKeysMax) this.#prune();
  }

  /** D3. */
  #prune(): void {
    const edge = this.#watermark?.value;
    if (edge === undefined) return;
    const lagUnits = this.#options.lag.units;
    const isFar = this.#forgotAt !== null && isBeyond(edge, this.#forgotAt, lagUnits);
    if (isFar) this.#forgotAt = null;
    for (const [hash, { value }] of this.#rows) {
      if (isBeyond(edge, value, lagUnits)) this.#rows.delete(hash);
    }
    if (this.#rows.size <= boundaryKeysMax) return;
    this.#rows.clear();
    this.#forgotAt = edge;
  }

  #hasher(batch: RecordBatch): (row: number) => string {
    const { key, column, fields } = this.#options;
    const parts = [column, ...key].map((place) => {
      const vector = batch.columns[place];
      if (vector === undefined) throw new Error(`expected a column ${place} of the key`);
      return jsonTextOf(vector);
    });
    const text =
      key.length === 0
        ? wholeRows(batch, fields)
        : (row: number): string => `[${parts.map((part) => part(row)).join(",")}]`;
    return (row) => createHash("sha256").update(text(row)).digest("base64url");
  }
}

/** The values that there are, so that a row is the same when its table has another column. */
function wholeRows(batch: RecordBatch, fields: readonly Field[]): (row: number) => string {
  const members = batch.columns.map((vector, place) => {
    const { validity, type } = vector;
    const name = JSON.stringify(fieldAt(fields, place).name);
    const text = jsonTextOf(vector);
    return (row: number): string[] =>
      type.kind === "null" || (validity !== null && !bitAt(validity, row))
        ? []
        : [`${name}:${text(row)}`];
  });
  return (row) => `{${members.flatMap((member) => member(row)).join(",")}}`;
}

/** Whether a value is more than a lag behind the edge. */
function isBeyond(edge: Comparable, value: Comparable, lagUnits: bigint): boolean {
  if (typeof edge === "bigint" && typeof value === "bigint") return value < edge - lagUnits;
  return value !== edge;
}

function fieldAt(fields: readonly Field[], place: number): Field {
  const field = fields[place];
  if (field === undefined) throw new Error(`expected a field ${place}`);
  return field;
}

interface Line {
  readonly hash: string;
  readonly count: number;
  /** Empty for the watermark's own. */
  readonly text: string;
}

/** `HASH`, or `HASH COUNT VALUE` where it is more than one row or another value. */
function lineOf({ hash, count, text }: Line): string {
  return count === 1 && text === "" ? hash : `${hash} ${count} ${text}`;
}

function parseLine(line: string): Line {
  const [hash = "", count = "1", ...text] = line.split(" ");
  return { hash, count: Number(count), text: text.join(" ") };
}

const byCodeUnit = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
