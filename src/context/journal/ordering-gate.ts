/**
 * Brings a partition's lines into the order of delivery, however the encoders finish.
 *
 *   Owns:    which line's turn it is, and the lines that wait for theirs.
 *   Doesn't: write, number or time anything.
 *
 * G1. A partition's lines come out as begin, batch 0, batch 1, ..., end; a line whose turn it isn't
 *     waits, so that every prefix of a journal is a prefix of each partition.
 * G2. At most `heldLinesMax` lines wait: who delivers more has no backpressure.
 * G3. Schema lines don't wait. They are offered before any batch that needs them is.
 */
import type { JournalEntry } from "../../core/journal.ts";

/** Every line but the first. */
export type BodyEntry = Exclude<JournalEntry, { kind: "header" }>;

/** Most lines that wait for their turn, over all partitions. */
export const heldLinesMax = 256;

type PartitionEntry = Exclude<BodyEntry, { kind: "schema" }>;
type HeldEntry = Exclude<PartitionEntry, { kind: "stream_begin" }>;

interface PartitionOrder {
  next: number;
  ended: boolean;
  readonly held: Map<number, HeldEntry>;
}

/** The gate of one journal. */
export class OrderingGate {
  readonly #partitions = new Map<string, PartitionOrder>();
  #held = 0;

  /** Lines that wait. */
  get held(): number {
    return this.#held;
  }

  /**
   * The lines whose turn has come with this one, in order; none when it has to wait. Throws a plain
   * Error for a line that no order has a place for, and for one too many that waits.
   */
  offer(entry: BodyEntry): readonly BodyEntry[] {
    switch (entry.kind) {
      case "schema":
        return [entry];
      case "stream_begin":
        this.#begin(entry);
        return [entry];
      case "batch":
        return this.#take(entry, entry.number);
      case "stream_end":
        return this.#take(entry, entry.batches);
    }
  }

  #begin(entry: PartitionEntry): void {
    const key = keyOf(entry);
    if (this.#partitions.has(key)) throw misplaced(entry, "the partition has begun already");
    this.#partitions.set(key, { next: 0, ended: false, held: new Map() });
  }

  #take(entry: HeldEntry, place: number): readonly BodyEntry[] {
    const order = this.#partitions.get(keyOf(entry));
    if (order === undefined) throw misplaced(entry, "its partition hasn't begun");
    if (order.ended) throw misplaced(entry, "its partition has ended");
    if (place < order.next || order.held.has(place)) throw misplaced(entry, "its place is taken");
    if (place > order.next) {
      if (this.#held >= heldLinesMax) throw misplaced(entry, `${heldLinesMax} lines wait already`);
      order.held.set(place, entry);
      this.#held += 1;
      return [];
    }
    return this.#release(order, entry);
  }

  #release(order: PartitionOrder, first: HeldEntry): readonly BodyEntry[] {
    const ready: BodyEntry[] = [];
    for (let entry: HeldEntry | undefined = first; entry !== undefined;) {
      ready.push(entry);
      if (entry.kind === "stream_end") {
        order.ended = true;
        if (order.held.size > 0) throw misplaced(entry, "batches wait past the end");
        break;
      }
      order.next += 1;
      entry = order.held.get(order.next);
      if (order.held.delete(order.next)) this.#held -= 1;
    }
    return ready;
  }
}

/** One key for a stream's partition. No name holds a line end in a way that could collide. */
export function keyOf(entry: { readonly stream: string; readonly partition: string }): string {
  // A partition has no line end, so the last one splits the key the same way back.
  return `${entry.stream}\n${entry.partition}`;
}

function misplaced(entry: PartitionEntry, why: string): Error {
  const number = entry.kind === "batch" ? ` ${entry.number}` : "";
  const place = `'${entry.stream}' '${entry.partition}'`;
  return new Error(`a ${entry.kind}${number} of ${place} has no place in the journal: ${why}`);
}
