/** The lines of a run's journal: what is staged and may be adopted by a later attempt. */
import type { Boundary, ReadCursor } from "./cursor.ts";
import type { Disposition } from "./pipeline.ts";
import type { TableSchema } from "./schema.ts";
import type { TableFile } from "./snapshot.ts";

/** A cursor in the journal: its boundary's lines are in a side file that was fsynced before. */
export interface JournalCursor extends Omit<ReadCursor, "boundaryLines"> {
  /** Relative to `.hakiri/`; null without a boundary. */
  readonly boundaryPath: string | null;
}

/** Sorted lines in an immutable file of their own, fsynced before the line that names it. */
export interface SideFile extends Boundary {
  /** Relative to `.hakiri/`. */
  readonly path: string;
}

/** One line, without its number and checksum. */
export type JournalEntry =
  | {
      readonly kind: "header";
      readonly runId: string;
      readonly pipelineId: string;
      readonly epoch: number;
      /** Digest that decides whether a later attempt may go on from here (DESIGN: Resume). */
      readonly resumeKey: string;
      /** Microseconds since 1970 as text; a resumed run keeps its first. */
      readonly loadedAtMicros: string;
      /** The epoch whose valid prefix was copied after this line; null for a first attempt. */
      readonly adoptedEpoch: number | null;
    }
  | {
      readonly kind: "stream_begin";
      readonly stream: string;
      readonly partition: string;
      readonly tableId: string;
      /** Where rows go that the contract refuses. */
      readonly quarantineTableId: string;
      readonly disposition: Disposition;
    }
  | {
      readonly kind: "schema";
      readonly tableId: string;
      readonly schema: TableSchema;
    }
  | {
      readonly kind: "batch";
      readonly stream: string;
      readonly partition: string;
      /** From 0 within its partition, without a gap: the order of delivery. */
      readonly number: number;
      readonly tableId: string;
      readonly rows: number;
      readonly sizeBytes: number;
      /** The batch's files, complete or the line is not valid. */
      readonly files: readonly TableFile[];
      /** Files of the quarantine table; mostly empty. */
      readonly quarantineFiles: readonly TableFile[];
      /** Input files whose rows of earlier runs this batch takes the place of; null for none. */
      readonly supersedes: SideFile | null;
      /** Rows dropped by contract. */
      readonly discarded: number;
      /** Rows in the quarantine table instead. */
      readonly quarantined: number;
      readonly cursor: JournalCursor;
    }
  | {
      readonly kind: "stream_end";
      readonly stream: string;
      readonly partition: string;
      /** Lines of kind `batch` of this partition. */
      readonly batches: number;
      /** Null for a stream without a cursor. */
      readonly cursor: JournalCursor | null;
    };

/** A numbered line. */
export interface JournalLine {
  /** From 0, by one. */
  readonly seq: number;
  readonly entry: JournalEntry;
}

/** Most bytes of one line. */
export const journalLineBytesMax = 4 * 1024 * 1024;
