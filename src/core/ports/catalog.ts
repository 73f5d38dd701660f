/**
 * The catalog: commands that change it and queries that don't. What it says is what exists; files
 * that it doesn't name are invisible. One contract suite runs on every adapter.
 */
import type { CatalogAnswers, CatalogCommand, Micros, SpanRecord } from "../catalog-command.ts";
import type { StoredCursor } from "../cursor.ts";
import type { ErrorRecord } from "../error.ts";
import type { Json } from "../json.ts";
import type { PipelineSpec } from "../pipeline.ts";
import type { RunState } from "../run.ts";
import type { TableSchema } from "../schema.ts";
import type { LiveFile, Manifest, TableState } from "../snapshot.ts";

/** The one item that a commit flips. */
export interface Head {
  readonly storeId: string;
  readonly incarnation: number;
  /** 0 before the first snapshot. */
  readonly sequence: number;
  /** Digest of the newest manifest; null before the first. */
  readonly manifestSha256: string | null;
  /** When the newest snapshot counts as taken; "0" before the first. */
  readonly at: Micros;
}

/** A pipeline as the catalog keeps it. */
export interface PipelineRecord {
  readonly pipelineId: string;
  readonly key: string;
  readonly spec: PipelineSpec;
  readonly createdAt: Micros;
  /** The epoch of its latest grant; null before the first. */
  readonly epoch: number | null;
}

/** A run as the catalog keeps it. */
export interface RunRecord {
  readonly runId: string;
  readonly pipelineId: string;
  readonly what: "run" | "compaction" | "state" | "gc";
  readonly state: RunState;
  readonly epoch: number;
  readonly attempts: number;
  /** Of its first attempt. */
  readonly startedAt: Micros;
  /** Null while it isn't over. */
  readonly endedAt: Micros | null;
  readonly report: Json;
  readonly error: ErrorRecord | null;
  /** Why a later run didn't go on from it; null when nothing was given up. */
  readonly discardedBecause: string | null;
}

/** A snapshot as the catalog keeps it. */
export interface SnapshotRecord {
  readonly sequence: number;
  readonly runId: string;
  readonly pipelineId: string;
  readonly kind: Manifest["kind"];
  readonly at: Micros;
  readonly manifestSha256: string;
  readonly manifestPath: string;
  /** Rows that the run added and masked, by table name. */
  readonly tables: readonly {
    readonly table: string;
    readonly rowsAdded: number;
    readonly rowsMasked: number;
  }[];
}

/** A cursor as the catalog keeps it. */
export interface CursorRecord {
  readonly stream: string;
  readonly partition: string;
  readonly cursor: StoredCursor;
  readonly boundaryPath: string | null;
}

/** A file that no retained snapshot holds. */
export interface UnreferencedFile {
  readonly fileId: number;
  readonly tableId: string;
  readonly path: string;
  readonly sizeBytes: number;
  readonly unreferencedSince: Micros;
  readonly deleting: boolean;
}

/** Most rows that one query answers; the rest is asked for by key. */
export const pageRowsMax = 500;

/** What may be asked. */
export interface CatalogQueries {
  head(): Promise<Head>;
  pipeline(by: {
    readonly id?: string;
    readonly name?: string;
    readonly key?: string;
  }): Promise<PipelineRecord | null>;
  /** By name, after that one. */
  pipelines(afterName: string | null): Promise<readonly PipelineRecord[]>;
  run(runId: string): Promise<RunRecord | null>;
  /** The newest first, older than that run; of one pipeline or of all. */
  runs(filter: {
    readonly pipelineId: string | null;
    readonly beforeRunId: string | null;
    readonly limit: number;
  }): Promise<readonly RunRecord[]>;
  /** Every table as of a sequence, by namespace and name, without their files. */
  tables(sequence: number): Promise<readonly Omit<TableState, "files">[]>;
  /** The table of that name, without regard to case, as of a sequence; null where there is none. */
  table(
    name: { readonly namespace: string; readonly name: string },
    sequence: number,
  ): Promise<Omit<TableState, "files"> | null>;
  /** The files of a table as of a sequence, by file id after that one. */
  files(tableId: string, sequence: number, afterFileId: number): Promise<readonly LiveFile[]>;
  /** Every version of a table's schema, the first one first. */
  schemas(tableId: string): Promise<readonly TableSchema[]>;
  /** The newest sequence that changed the table; 0 for an unknown one. */
  tableSequence(tableId: string): Promise<number>;
  /**
   * By stream and partition: the current ones, or those right after a snapshot, which are known as
   * long as it is retained.
   */
  cursors(pipelineId: string, sequence?: number): Promise<readonly CursorRecord[]>;
  /** The newest first, below that sequence; null starts at the newest. */
  snapshots(below: number | null, limit: number): Promise<readonly SnapshotRecord[]>;
  /** The last snapshot at or before a time or with a sequence; null where none is retained. */
  snapshotAt(by: {
    readonly sequence?: number;
    readonly at?: Micros;
  }): Promise<SnapshotRecord | null>;
  /** In the order in which they were recorded, without the first `after` of them. */
  spans(runId: string, after: number): Promise<readonly SpanRecord[]>;
  /** By file id after that one. */
  unreferenced(afterFileId: number): Promise<readonly UnreferencedFile[]>;
  /**
   * Whether a commit named this path and the catalog still knows it: a file until it is forgotten,
   * a manifest for ever, a boundary as long as a kept cursor names it. For staged leftovers.
   */
  isReferenced(path: string): Promise<boolean>;
}

/** What a command may need beside itself: the manifest that a digest names. */
export interface CommandAttachments {
  readonly manifest?: Manifest;
}

/** A catalog. */
export interface Catalog extends CatalogQueries {
  /**
   * Applies one command in one transaction, durable at the return. Throws Permanent with
   * `refused.*` or `conflict.*` for a command that may not be applied, having changed nothing, and
   * Transient `catalog.busy` where the catalog stayed locked.
   */
  apply<K extends CatalogCommand["kind"]>(
    command: Extract<CatalogCommand, { kind: K }>,
    attachments?: CommandAttachments,
  ): Promise<CatalogAnswers[K]>;
  /** Frees it. Idempotent. */
  close(): Promise<void>;
}

/** A held snapshot. */
export interface Pin {
  /** `<sequence>-<random>`: no other pin of the store is called so. */
  readonly name: string;
  /** Gives it up. Idempotent; the operating system does it when the process dies. */
  release(): void;
}

/** Keeps snapshots from expiring while someone reads them. */
export interface Pins {
  /**
   * Holds the snapshot; the caller then asks the catalog whether it is still retained. With 0 it
   * holds none: its name alone tells that a reader is there.
   */
  pin(sequence: number): Pin;
  /** The sequences that someone holds, smallest first; leftovers of dead readers are removed. */
  live(): readonly number[];
  /** The names of all live pins, by code unit; leftovers of dead readers are removed. */
  names(): readonly string[];
}
