/**
 * The written batches of one partition: staged side by side, in the journal one after the other.
 *
 *   Owns:    the numbers of batches, how many are under way, and how far the journal has come.
 *   Doesn't: read, retry, or know how a batch is staged.
 *   W1. At most `batchesInFlightMax` are being staged or wait for their line; whoever submits one
 *       more waits.
 *   W2. Batches are numbered, and their files too, in the order in which they are submitted.
 *   W3. After a failure nothing more is taken, since later lines wait for one that never comes.
 *   W4. `start` is the cursor of the last durable line.
 */
import { HakiriError } from "../../core/error.ts";
import type { ReadCursor, ResumeKind } from "../../core/cursor.ts";
import type { TableFile } from "../../core/snapshot.ts";
import type { StartCursor } from "../../core/ports/source.ts";
import { Slots } from "../slots.ts";
import { keepCursor, keepLines, type KeptCursor } from "./kept-lines.ts";
import type { RunFrame } from "./run-frame.ts";
import type { TableKeeper } from "./table-keeper.ts";

/** What staging made of a batch. */
export interface StagedBatch {
  readonly files: readonly TableFile[];
  readonly quarantineFiles: readonly TableFile[];
  readonly discarded: number;
  readonly quarantined: number;
}

/** The partition that batches belong to. */
export interface BatchesOptions {
  readonly keeper: TableKeeper;
  /** Empty for a stream that is read whole. */
  readonly partition: string;
  /** Where the read starts. */
  readonly start: KeptCursor | null;
  /** What an earlier attempt left. */
  readonly adopted: { readonly batches: number; readonly rows: number };
  /** Their spans are below this one. */
  readonly spanId: string;
}

/** What a batch brought. */
interface Sums {
  readonly rows: number;
  readonly bytes: number;
}

const nothing: StagedBatch = { files: [], quarantineFiles: [], discarded: 0, quarantined: 0 };

/** Batches on their way into the journal. */
export class WrittenBatches {
  readonly #frame: RunFrame;
  readonly #options: BatchesOptions;
  readonly #slots: Slots;
  /** Everything that was submitted and has no line yet, by number. */
  readonly #underWay = new Map<number, Promise<void>>();
  /** The failure of the earliest batch: those after it wait for a line that never comes. */
  #failure: { readonly number: number; readonly error: unknown } | null = null;
  #number: number;
  #rows = 0;
  #bytes = 0;
  #delivered: number;
  #last: KeptCursor | null;
  #resume: ResumeKind = "any";

  constructor(frame: RunFrame, options: BatchesOptions) {
    this.#frame = frame;
    this.#options = options;
    this.#slots = new Slots(frame.order.limits.batchesInFlightMax);
    this.#number = options.adopted.batches;
    this.#delivered = options.adopted.rows;
    this.#last = options.start;
  }

  /** Batches so far, those of earlier attempts included. */
  get count(): number {
    return this.#number;
  }

  /** Rows that this attempt staged. */
  get rows(): number {
    return this.#rows;
  }

  /** Bytes that this attempt staged. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Rows that came with durable lines, those of earlier attempts and of quarantines included. */
  get delivered(): number {
    return this.#delivered;
  }

  /** Where a read would go on, if it may. */
  get start(): StartCursor | null {
    if (this.#last === null) return null;
    return { stored: this.#last.cursor.stored, boundaryLines: this.#last.lines };
  }

  /** Whether a read may go on from `start`: nothing is missing, and its cursor lets it. */
  get mayGoOn(): boolean {
    return this.#failure === null && this.#resume === "any";
  }

  /** Stages a batch beside others; resolves once it is under way. Throws the earliest failure. */
  async submit(cursor: ReadCursor, stage: () => Promise<StagedBatch>): Promise<void> {
    const free = await this.#slots.take();
    const number = this.#takeNumber(free);
    const work = this.#traced(number, async () => this.#write(number, await stage(), { cursor }))
      .catch((error: unknown) => {
        if (number < (this.#failure?.number ?? Infinity)) this.#failure = { number, error };
      })
      .finally(() => {
        free();
        this.#underWay.delete(number);
      });
    this.#underWay.set(number, work);
  }

  /** Stages a batch that takes its time alone; a failure leaves everything as it was before. */
  async submitAlone(
    stage: () => Promise<
      StagedBatch & { readonly cursor: ReadCursor; readonly supersedes: readonly string[] }
    >,
  ): Promise<void> {
    await this.settled();
    await this.#traced(this.#number, async () => {
      const { cursor, supersedes, ...staged } = await stage();
      return this.#write(this.#number, staged, { cursor, supersedes });
    });
    this.#number += 1;
  }

  /** Resolves once every batch has its line that can get one. Throws the earliest failure. */
  async settled(): Promise<void> {
    for (;;) {
      const end = this.#failure?.number ?? Infinity;
      const waiting = [...this.#underWay].flatMap(([number, work]) => (number < end ? work : []));
      if (waiting.length === 0) break;
      await Promise.race(waiting);
    }
    this.throwFailure();
  }

  /** Throws the earliest failure, if there was one. */
  throwFailure(): void {
    if (this.#failure !== null) throw this.#failure.error;
  }

  /** Tells of input files that are gone, by a batch without rows. */
  async supersede(supersedes: readonly string[], cursor: ReadCursor | null): Promise<void> {
    if (supersedes.length === 0) return;
    if (cursor === null) throw new Error("a read that supersedes files ends with a cursor");
    await this.submitAlone(async () => ({ ...nothing, cursor, supersedes }));
  }

  /** Ends the partition: its last line. */
  async end(cursor: ReadCursor | null): Promise<void> {
    await this.settled();
    const { keeper, partition } = this.#options;
    const kept = cursor === null ? null : await keepCursor(this.#frame, cursor, this.#last);
    await this.#frame.journal.append({
      kind: "stream_end",
      stream: keeper.plan.stream,
      partition,
      batches: this.#number,
      cursor: kept?.cursor ?? null,
    });
  }

  /** Tells the control process how far the partition is. */
  tell(phase: "begin" | "batch" | "end"): void {
    const { keeper, partition } = this.#options;
    this.#frame.control.tell({
      type: "progress",
      stream: keeper.plan.stream,
      partition,
      phase,
      rows: this.#rows,
      bytes: this.#bytes,
      writtenBatches: this.#frame.journal.writtenBatches,
    });
  }

  /** W2: before anything is waited for. W3. */
  #takeNumber(free: () => void): number {
    if (this.#failure !== null) free();
    this.throwFailure();
    const number = this.#number;
    this.#number += 1;
    return number;
  }

  async #traced(number: number, work: () => Promise<Sums>): Promise<void> {
    const span = this.#frame.trace.start("batch", this.#options.spanId, { number });
    try {
      span.end({ ok: true, attributes: { ...(await work()) } });
    } catch (error) {
      const code = error instanceof HakiriError ? error.code : "defect";
      span.end({ ok: false, attributes: { code } });
      throw error;
    }
  }

  async #write(
    number: number,
    staged: StagedBatch,
    read: { readonly cursor: ReadCursor; readonly supersedes?: readonly string[] },
  ): Promise<Sums> {
    const { keeper, partition } = this.#options;
    if (staged.quarantineFiles.length > 0) await keeper.beginQuarantine();
    const rows = sum(staged.files, "rows");
    const sizeBytes = sum(staged.files, "sizeBytes");
    const supersedes = await keepLines(this.#frame, read.supersedes ?? []);
    const kept = await keepCursor(this.#frame, read.cursor, this.#last);
    await this.#frame.journal.append({
      kind: "batch",
      stream: keeper.plan.stream,
      partition,
      number,
      tableId: keeper.tableId,
      rows,
      sizeBytes,
      files: staged.files,
      quarantineFiles: staged.quarantineFiles,
      supersedes,
      discarded: staged.discarded,
      quarantined: staged.quarantined,
      cursor: kept.cursor,
    });
    this.#advance(kept);
    this.#rows += rows;
    this.#bytes += sizeBytes;
    this.#delivered += rows + staged.quarantined;
    this.tell("batch");
    return { rows, bytes: sizeBytes };
  }

  /** W4: called as lines become durable, which is in the order of delivery. */
  #advance(kept: KeptCursor): void {
    this.#last = kept;
    this.#resume = kept.cursor.resume;
  }
}

function sum(files: readonly TableFile[], member: "rows" | "sizeBytes"): number {
  return files.reduce((total, file) => total + file[member], 0);
}
