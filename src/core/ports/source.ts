/**
 * The port that a connector implements. A reader is pulled: it does nothing until asked, and each
 * thing that it gives comes with a cursor that says how it may be used.
 */
import type { RecordBatch } from "../batch.ts";
import type { ReadCursor, StoredCursor } from "../cursor.ts";
import type { Scan } from "../scan.ts";
import type { StreamSchema } from "../schema.ts";
import type { Disposition } from "../pipeline.ts";
import type { Scanner } from "./scanner.ts";

/** A stream as the source describes it. */
export interface StreamDescription {
  /** Unique in its source. */
  readonly stream: string;
  /** What `{stream}` is in a template of table names; absent where that is the stream's name. */
  readonly bareName?: string;
  /** Whether it is read only where a pipeline names it, as a view of a database; absent: no. */
  readonly isOptional?: boolean;
  /** The source's own namespace, as a database schema; null where it has none. */
  readonly namespace: string | null;
  readonly schema: StreamSchema;
  /** What a user would expect of this stream who said nothing. */
  readonly disposition: Disposition;
  /** Whether its rows come from files by scans: then each carries `_hakiri_file`. */
  readonly hasFiles: boolean;
  /** Names that `--incremental` takes. */
  readonly cursorColumns: readonly string[];
  /** The source's words about it; empty without. */
  readonly comment: string;
}

/** What a discovery and a reader may use. */
export interface SourceContext {
  /** Once aborted, every pending call rejects soon and nothing more is read. */
  readonly signal: AbortSignal;
  /** Looks into files by DuckDB, and describes what a scan of them would yield. */
  readonly scanner: Scanner;
  /** Tells the user what is worth knowing and no failure, as one sentence. */
  readonly notice?: (text: string) => void;
  /** For a discovery: whether the source has a stored cursor, so that files may be gone. */
  readonly wasRead?: boolean;
  /** For a discovery: streams of which a stored cursor says that something was delivered. */
  readonly readStreams?: readonly string[];
}

/** Bounds that a reader keeps to; it may give less. */
export interface ReadLimits {
  readonly batchRowsMax: number;
  readonly batchBytesMax: number;
  /** Rows of the whole read; null without a limit. */
  readonly rowsMax: number | null;
}

/** A cursor as a read starts from it. */
export interface StartCursor {
  readonly stored: StoredCursor;
  /** The boundary's lines in code unit order; empty without one. */
  readonly boundaryLines: readonly string[];
}

/** Which values of the incremental column are wanted: half open, as exact text; null is open. */
export interface ReadRange {
  readonly from: string | null;
  readonly to: string | null;
}

/** One read of one stream, or of one partition of it. */
export interface OpenRequest extends SourceContext {
  readonly stream: string;
  /** Null reads the whole stream. */
  readonly partition: Partition | null;
  /** Null starts at the beginning. */
  readonly cursor: StartCursor | null;
  /** The column that orders an incremental read; null for a full one. */
  readonly incremental: string | null;
  /** Whether rows of one key take each other's place, so that a row that comes twice is one row. */
  readonly isKeyed: boolean;
  readonly columns: readonly string[] | null;
  readonly range: ReadRange | null;
  readonly limits: ReadLimits;
  /**
   * Of the run's session; null without one. An error whose code ends in `.snapshot_lost` says that
   * the state it stands for can't be read any more: what follows is an attempt with a new session.
   */
  readonly sessionToken: string | null;
}

/** What a reader gives when asked. */
export type ReadItem =
  | {
      readonly kind: "records";
      readonly schema: StreamSchema;
      /** Its buffers pass to the caller. */
      readonly batch: RecordBatch;
      readonly cursor: ReadCursor;
    }
  | ScanItem;

/** Files for DuckDB to read. Its cursor is told by `verifyScan`, since it says what was read. */
export interface ScanItem {
  readonly kind: "scan";
  readonly scan: Scan;
  /**
   * Input files whose rows this takes the place of, in code unit order: rows of earlier runs, and
   * those that earlier items of this run gave, since a resumed run may meet a file that changed.
   */
  readonly supersedes: readonly string[];
}

/** The end of a read, with the cursor that a later run starts from. */
export interface ReadEnd {
  readonly kind: "end";
  /** Null for a stream without a cursor. */
  readonly cursor: ReadCursor | null;
  /** The schema of a stream that gave no rows, so that its table can be made; else null. */
  readonly schema: StreamSchema | null;
  /** Input files that are gone or empty now and whose rows shall go, as in `ScanItem`. */
  readonly supersedes: readonly string[];
}

/** One read under way. One call at a time. */
export interface Reader {
  /** The next item, or the end; not called again after the end. */
  next(): Promise<ReadItem | ReadEnd>;
  /**
   * Called after a scan was executed and before its journal entry, answers the entry's cursor: the
   * files that were read are compared with what they were. Throws Transient
   * `file.changed_while_read` where one changed. A reader that gives scans has it.
   */
  verifyScan?(scan: Scan): Promise<ReadCursor>;
  /**
   * Called when the execution of a scan failed: answers what to execute in its place, which is the
   * same files under wider types than those guessed from a sample, or throws what is to be
   * reported: that error, or Transient `file.changed_while_read` where a change of the file led to
   * it.
   */
  recoverScan?(scan: Scan, error: unknown): Promise<ScanItem>;
  /** Frees what the read holds. Idempotent, also after a failure. */
  close(): Promise<void>;
}

/** A part of a stream with a cursor of its own. */
export interface Partition {
  /** Unique in its stream; `[a-z0-9-]{1,40}` but not `del`, since it stands in file names. */
  readonly id: string;
  /** What the connector needs to read it: at most 4 KiB of text. */
  readonly token: string;
}

/** A state of the source that all reads of a run share, held open in the control process. */
export interface SourceSession {
  /** At most 4 KiB. */
  readonly token: string;
  /** Resolves with the reason when the state is lost; pending until then. */
  readonly lost: Promise<string>;
  close(): Promise<void>;
}

/** A source, as a connector makes it of its settings. */
export interface Source {
  /** Every stream there is. Throws where the source can't be reached or read. */
  discover(context: SourceContext): Promise<readonly StreamDescription[]>;
  open(request: OpenRequest): Promise<Reader>;
  /** Splits a full read; one partition or none means that it is read whole. */
  partitions?(request: OpenRequest): Promise<readonly Partition[]>;
  /** Of these streams, or of all where none is named; null where their reads share nothing. */
  session?(request: {
    readonly streams: readonly string[];
    readonly signal: AbortSignal;
  }): Promise<SourceSession | null>;
  /** Frees connections. Idempotent. */
  close(): Promise<void>;
}
