/**
 * The journal of one attempt, open for appending.
 *
 *   Owns:    `journal-<epoch>.jsonl` from its first line to its close, and the numbers of lines.
 *   Doesn't: write parts or side files. What a line names was durable before it was appended.
 *
 * J1. The file appears with its header and all adopted lines at once, or not at all.
 * J2. A line is written and fsynced before the next one is begun, so that a crash can tear the last
 *     line only, and what follows a torn line was never there.
 * J3. `append` resolves when its line is durable. A line whose turn it isn't waits for it (G1).
 * J4. After a failed write or fsync nothing is written any more: what the disk has is unknown.
 */
import type { JournalEntry } from "../../core/journal.ts";
import type { WritableFile } from "../../core/ports/filesystem.ts";
import { journalPath } from "../layout.ts";
import type { Publisher } from "../publish.ts";
import { encodeLine } from "./line.ts";
import { OrderingGate, type BodyEntry } from "./ordering-gate.ts";

/** The first line's content. */
export type JournalHeader = Extract<JournalEntry, { kind: "header" }>;

/** Calls that wait for one line. */
interface Waiting {
  readonly done: () => void;
  readonly failed: (error: unknown) => void;
}

/**
 * Makes the journal of an attempt, with the lines that it adopted in their order. Throws Permanent
 * `store.name_taken` where this epoch has a journal, and what the filesystem throws.
 */
export async function openJournal(
  publisher: Publisher,
  header: JournalHeader,
  adopted: readonly BodyEntry[],
): Promise<JournalWriter> {
  const gate = new OrderingGate();
  for (const entry of adopted) {
    if (gate.offer(entry).length !== 1) throw new Error("adopted lines are out of order");
  }
  const entries: readonly JournalEntry[] = [header, ...adopted];
  const path = journalPath(header.runId, header.epoch);
  const { file } = await publisher.publishOpen(path, linesOf(entries));
  return new JournalWriter(file, gate, entries.length);
}

function* linesOf(entries: readonly JournalEntry[]): Generator<Uint8Array> {
  for (const [seq, entry] of entries.entries()) yield encodeLine({ seq, entry });
}

/** An open journal. One process, one attempt. */
export class JournalWriter {
  readonly #file: WritableFile;
  readonly #gate: OrderingGate;
  readonly #waiting = new Map<BodyEntry, Waiting>();
  /** Settles, never rejects, when the last line so far is done with. */
  #tail: Promise<void> = Promise.resolve();
  #nextSeq: number;
  #failure: { readonly error: unknown } | null = null;

  constructor(file: WritableFile, gate: OrderingGate, nextSeq: number) {
    this.#file = file;
    this.#gate = gate;
    this.#nextSeq = nextSeq;
  }

  /**
   * Appends a line when its turn comes; resolves when it is durable. Rejects with the first failure
   * of this journal, and with a plain Error for a line that has no place or comes after the close.
   */
  append(entry: BodyEntry): Promise<void> {
    if (this.#failure !== null) return rejected(this.#failure.error);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#waiting.set(entry, { done: resolve, failed: reject });
    try {
      for (const ready of this.#gate.offer(entry)) {
        this.#tail = this.#tail.then(() => this.#write(ready));
      }
    } catch (error) {
      this.#waiting.delete(entry);
      reject(error);
    }
    return promise;
  }

  /** Ends it: lines whose turn has come are written, those that wait for theirs are rejected. */
  async close(): Promise<void> {
    await this.#tail;
    this.#fail(new Error("the journal is closed"));
    await this.#file.close();
  }

  async #write(entry: BodyEntry): Promise<void> {
    if (this.#failure !== null) return;
    try {
      const line = encodeLine({ seq: this.#nextSeq, entry });
      this.#nextSeq += 1;
      await this.#file.write(line);
      await this.#file.sync();
      this.#waiting.get(entry)?.done();
      this.#waiting.delete(entry);
    } catch (error) {
      this.#fail(error);
    }
  }

  /** J4. The first failure is the one that every caller gets. */
  #fail(error: unknown): void {
    this.#failure ??= { error };
    for (const waiting of this.#waiting.values()) waiting.failed(this.#failure.error);
    this.#waiting.clear();
  }
}

function rejected(error: unknown): Promise<never> {
  return Promise.reject(error instanceof Error ? error : new Error(String(error)));
}
