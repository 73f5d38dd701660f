/**
 * What a commit says, as values: the manifest of one run, and the state of a table that follows
 * from all manifests up to a sequence (docs/format/manifest.md).
 */
import type { StoredCursor } from "./cursor.ts";
import type { Disposition, PipelineSpec } from "./pipeline.ts";
import type { Naming, TableSchema } from "./schema.ts";

/** What a file in a table's folder holds. */
export type FileKind = "data" | "deletes";

/** An immutable file of a table. */
export interface TableFile {
  /** `sequence of the grant * 2^20 + number within the run`: unique in its store, below 2^53. */
  readonly fileId: number;
  readonly kind: FileKind;
  /** Relative to `.hakiri/`, with `/`. */
  readonly path: string;
  /** Rows in the file, position-deleted ones included. */
  readonly rows: number;
  readonly sizeBytes: number;
  /** Of the whole file, lower-case hexadecimal. */
  readonly sha256: string;
  /** The version of the table's schema that the file was written under. */
  readonly schemaVersion: number;
  /** For deletes: the data files that it masks rows of, each with how many. Empty for data. */
  readonly masks: readonly { readonly fileId: number; readonly rows: number }[];
}

/** What is fixed when a table is made. */
export interface TableRules {
  readonly naming: Naming;
  /** Whether other pipelines than its owner may append. */
  readonly shared: boolean;
  /** Ids of the reserved columns that its rows carry (core/reserved-column.ts), in order. */
  readonly reserved: readonly number[];
}

/** What one run does to one table. */
export interface TableChange {
  readonly tableId: string;
  readonly namespace: string;
  readonly name: string;
  /** Set by the run that makes the table, null later. */
  readonly created: TableRules | null;
  readonly disposition: Disposition | "compact";
  /** The whole schema where its version is new, else null. */
  readonly schema: TableSchema | null;
  readonly added: readonly TableFile[];
  /** Ids of files that this run takes out of the table, or all that were live before it. */
  readonly removed: "all" | readonly number[];
}

/** Where a partition of a stream stands after a run. */
export interface CursorEntry {
  readonly stream: string;
  /** Empty for a stream that is read whole. */
  readonly partition: string;
  /** Null takes the cursor away. */
  readonly cursor: StoredCursor | null;
  /** The boundary's side file, relative to `.hakiri/`; null without one. */
  readonly boundaryPath: string | null;
}

/** A pipeline as a manifest keeps it, so that a rebuilt catalog goes on with the same one. */
export interface RecordedPipeline {
  readonly key: string;
  /** Secrets are references. */
  readonly spec: PipelineSpec;
}

/** The content of a manifest: everything that one commit makes true. */
export interface Manifest {
  readonly kind: "run" | "cursor" | "compaction";
  readonly storeId: string;
  readonly pipelineId: string;
  readonly pipelineName: string;
  /** As the run found it; null where the pipeline's other commits say it. */
  readonly pipeline: RecordedPipeline | null;
  readonly runId: string;
  readonly epoch: number;
  /** The store's sequence that position deletes and compactions were computed against. */
  readonly baseSequence: number;
  /** Microseconds since 1970 as text: the `_hakiri_loaded_at` of the run's rows. */
  readonly loadedAtMicros: string;
  readonly tables: readonly TableChange[];
  readonly cursors: readonly CursorEntry[];
}

/** A live file of a table at some sequence. */
export interface LiveFile extends TableFile {
  readonly addedSequence: number;
}

/** A table as a snapshot shows it. */
export interface TableState extends TableRules {
  readonly tableId: string;
  readonly namespace: string;
  readonly name: string;
  readonly ownerPipelineId: string;
  readonly schema: TableSchema;
  /** By fileId, smallest first. */
  readonly files: readonly LiveFile[];
}

/** Most files that one run may add: the number within the run takes 20 bits of a file's id. */
export const filesPerRunMax = 2 ** 20;

/** The id of the nth file (from 0) of a grant. Throws RangeError past either bound. */
export function fileIdOf(grantSequence: number, n: number): number {
  const id = grantSequence * filesPerRunMax + n;
  if (n >= filesPerRunMax || !Number.isSafeInteger(id)) {
    throw new RangeError(`expected at most ${filesPerRunMax} files in a run, got number ${n}`);
  }
  return id;
}

/** Distance between two incarnations of a store in an epoch. */
const incarnationStep = 2 ** 40;

/** Most incarnations of one store. */
export const incarnationsMax = 2 ** 13;

/** The number that fences: whoever holds a smaller one than the latest grant writes nothing. */
export function epochOf(incarnation: number, grantSequence: number): number {
  if (incarnation >= incarnationsMax || grantSequence >= incarnationStep) {
    throw new RangeError(`expected an epoch below 2^53, got ${incarnation}/${grantSequence}`);
  }
  return incarnation * incarnationStep + grantSequence;
}

/** The sequence of the grant that an epoch came from. */
export function grantSequenceOf(epoch: number): number {
  return epoch % incarnationStep;
}
