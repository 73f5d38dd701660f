/** What every way of staging has in common: where parts go, and how they are called. */
import type { TableSchema } from "../../core/schema.ts";
import { fileIdOf, grantSequenceOf } from "../../core/snapshot.ts";
import type { Publisher } from "../publish.ts";
import type { EncodePart } from "./encode-part.ts";

/** One attempt of a run, as far as its files go. */
export interface StagingRun {
  readonly publisher: Publisher;
  readonly runId: string;
  readonly epoch: number;
  /** Microseconds since 1970 as text. */
  readonly loadedAtMicros: string;
  /** Whether rows carry `_hakiri_run_id` and `_hakiri_loaded_at`. */
  readonly rowMetadata: boolean;
  readonly numbers: FileNumbers;
  /** `encodePart` in this thread, or a pool's (pooled-encoder.ts). */
  readonly encode: EncodePart;
}

/** A table that parts are staged for. */
export interface StagedTable {
  readonly tableId: string;
  /** The one that the part is written under. */
  readonly schema: TableSchema;
}

/** Numbers of an attempt's files, one after the other, shared by all its partitions. */
export class FileNumbers {
  readonly #grantSequence: number;
  #next: number;

  /** `first` is above the number of every file that was adopted under the same grant: 0. */
  constructor(epoch: number, first: number = 0) {
    this.#grantSequence = grantSequenceOf(epoch);
    this.#next = first;
  }

  /**
   * The next file's `seq` and id. Ids rise: who takes them in stream order may tell by them which
   * of two parts came later.
   */
  take(): { readonly seq: number; readonly fileId: number } {
    const seq = this.#next;
    this.#next += 1;
    return { seq, fileId: fileIdOf(this.#grantSequence, seq) };
  }
}
