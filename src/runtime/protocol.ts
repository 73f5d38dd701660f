/**
 * Everything that the control process and a run actor say to each other; both sides import this
 * file and it imports neither. Values only: the actor may live in a thread or beyond a process.
 */
import type { Micros, SpanRecord } from "../core/catalog-command.ts";
import type { CommitKind, ManifestReference } from "../core/catalog-command.ts";
import type { ErrorRecord } from "../core/error.ts";
import type { PipelineSpec } from "../core/pipeline.ts";
import type { CursorRecord } from "../core/ports/catalog.ts";
import type { TableSchema } from "../core/schema.ts";
import type { LiveFile, TableState } from "../core/snapshot.ts";

/** A table as an actor learns of it with its order; its files are asked for when needed. */
export type BaseTable = Omit<TableState, "files">;

/** What a user asked of this one run. */
export interface RunParameters {
  /** Reads every stream from its beginning and replaces its table. */
  readonly fullRefresh: boolean;
  /** Half-open range of the incremental column; the stored cursor stays. */
  readonly from: string | null;
  readonly to: string | null;
  /** Most rows of each stream; the stored cursor stays. */
  readonly limit: number | null;
  /** Names of the streams to read; empty for all that the pipeline has. */
  readonly streams: readonly string[];
}

/** What the store held when the run was granted; the rest is asked for in pages. */
export interface RunBase {
  readonly sequence: number;
  readonly cursorsDigest: string;
}

/** Bounds of one run. */
export interface RunLimits {
  /** DuckDB's threads and memory, as it takes them. */
  readonly threads: number;
  readonly memoryLimit: string;
  /** Rows and bytes of a written batch (DESIGN: 64k rows, 8 MiB). */
  readonly batchRowsMax: number;
  readonly batchBytesMax: number;
  /** Written batches of a partition that are being encoded or wait for their journal line. */
  readonly batchesInFlightMax: number;
  /** Threads that encode parts beside the run's own; absent or 0: that one does. */
  readonly encodeThreads?: number;
}

/** What an actor is started with. */
export interface RunOrder {
  readonly storeId: string;
  /** Absolute path of the project's folder. */
  readonly project: string;
  readonly pipelineId: string;
  readonly runId: string;
  readonly epoch: number;
  readonly attempts: number;
  /** The epoch of the journal to go on from; null for a new run. */
  readonly adoptEpoch: number | null;
  readonly resumeKey: string;
  readonly loadedAt: Micros;
  /** Of the pipeline; null where the catalog doesn't know it any more. */
  readonly pipelineKey: string | null;
  readonly spec: PipelineSpec;
  /** `source` of the spec with the secrets in their places; lives in memory only. */
  readonly settings: PipelineSpec["source"];
  readonly parameters: RunParameters;
  readonly base: RunBase;
  readonly limits: RunLimits;
  /** Of the source's session; null where the source has none. */
  readonly sessionToken: string | null;
  /** The span of the run, which the actor's spans are below. */
  readonly runSpanId: string;
}

/** What an actor asks of the control process. An answer stays below the channel's 64 KiB. */
export type RunAsk =
  | {
      readonly type: "count_attempt";
      readonly stream: string;
      readonly partition: string;
      readonly cursorDigest: string;
    }
  /** The pipeline's cursors, in order of stream and partition, from the nth on. */
  | { readonly type: "base_cursors"; readonly from: number }
  /** The table of this name as of the base, whoever owns it. */
  | { readonly type: "base_table"; readonly namespace: string; readonly name: string }
  /** A table's live files as of a sequence, after that file. */
  | {
      readonly type: "table_files";
      readonly tableId: string;
      readonly sequence: number;
      readonly afterFileId: number;
    }
  /** A version of a table's schema that one of its files was written under. */
  | { readonly type: "table_schema"; readonly tableId: string; readonly version: number }
  | {
      readonly type: "commit";
      readonly kind: CommitKind;
      readonly baseSequence: number;
      readonly manifest: ManifestReference;
      readonly report: RunReport;
    };

/** What each ask is answered with. */
export interface RunAnswers {
  readonly count_attempt: { readonly attempts: number };
  /** `next` is null on the last page. */
  readonly base_cursors: {
    readonly cursors: readonly CursorRecord[];
    readonly next: number | null;
  };
  readonly base_table: { readonly table: BaseTable | null };
  readonly table_files: { readonly files: readonly LiveFile[]; readonly next: number | null };
  readonly table_schema: { readonly schema: TableSchema };
  readonly commit:
    | { readonly kind: "committed"; readonly sequence: number | null; readonly at: Micros }
    /** The store's sequence now; the actor computes anew against it. */
    | { readonly kind: "base_moved"; readonly sequence: number };
}

/** What an actor tells the control process, in order. */
export type RunTell =
  | {
      /** After each written batch's journal line is durable, and at a stream's ends. */
      readonly type: "progress";
      readonly stream: string;
      readonly partition: string;
      readonly phase: "begin" | "batch" | "end";
      /** Sums of this partition so far. */
      readonly rows: number;
      readonly bytes: number;
      /** Sum over the run so far, adopted ones included. */
      readonly writtenBatches: number;
    }
  | { readonly type: "spans"; readonly spans: readonly SpanRecord[] }
  | { readonly type: "notice"; readonly text: string }
  | { readonly type: "done"; readonly outcome: RunOutcome };

/** The error after which nothing that was staged may be gone on from. */
export const partitionsChangedCode = "source.partitions_changed";

/** How an actor's part of a run ended. */
export type RunOutcome =
  | { readonly kind: "succeeded"; readonly sequence: number | null; readonly report: RunReport }
  | { readonly kind: "failed"; readonly error: ErrorRecord }
  | { readonly kind: "cancelled" }
  /** This attempt can't go on where it is; the next one goes by the journal. */
  | { readonly kind: "again"; readonly error: ErrorRecord };

/** Counts of one table in a run's report. */
export interface TableReport {
  readonly table: string;
  /** Rows that arrived, discarded ones included. */
  readonly rows: number;
  readonly inserted: number;
  readonly updated: number;
  readonly deleted: number;
  readonly discarded: number;
  readonly quarantined: number;
  readonly bytes: number;
  readonly files: number;
}

/** What a run did, for its record and for `run --json`. */
export interface RunReport {
  readonly tables: readonly TableReport[];
  /** Tables that there was no room for in a control message. */
  readonly omitted: number;
}

/** The talk between a run actor and the control process; the owner only listens and answers. */
export interface RunDialogue {
  readonly data: RunOrder;
  /** To be cancelled an actor is told to stop, which is no message. */
  readonly message: never;
  readonly reply: never;
  readonly ownerMessage: RunAsk | RunTell;
  readonly ownerReply: RunAnswers[RunAsk["type"]] | null;
}
