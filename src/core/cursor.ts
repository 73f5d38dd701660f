/** Where a stream's next read begins: the stored form, and the form that comes with each batch. */

/** Sorted lines beside a cursor, kept in a side file of their own (docs/format/cursor.md). */
export interface Boundary {
  /** Lines in the side file. */
  readonly count: number;
  /** Digest of the side file's bytes, lower-case hexadecimal. */
  readonly sha256: string;
}

/** A cursor as it is stored: versioned, exact, at most 16 KiB as canonical JSON. */
export interface StoredCursor {
  readonly version: 1;
  readonly connector: string;
  readonly stream: string;
  /**
   * The column whose values order the stream; null where the connector orders by something else.
   */
  readonly column: string | null;
  /** Type of `value` in the connector's words, so that a change of type is noticed. */
  readonly type: string | null;
  /** Exact text, never a float; null before the first row and where the boundary says it all. */
  readonly value: string | null;
  /** What was delivered at exactly `value`, or the files that were read; null when nothing. */
  readonly boundary: Boundary | null;
}

/** How a cursor may be used by a later read. */
export type ResumeKind =
  /** It yields exactly the rows that were not delivered. */
  | "any"
  /** Only while the snapshot of the read that made it lives. */
  | "same_read"
  /** Not at all: the stream begins anew. */
  | "none";

/** A cursor as it comes with a batch, or at the end of a stream. */
export interface ReadCursor {
  readonly resume: ResumeKind;
  readonly stored: StoredCursor;
  /**
   * The side file's lines in code unit order, without duplicates; null for none, or where
   * `stored` has the very boundary that the read began with.
   */
  readonly boundaryLines: readonly string[] | null;
}

/** Most bytes that a stored cursor takes as canonical JSON. */
export const cursorBytesMax = 16 * 1024;

/** Most lines of a boundary of keys; a source holds its value back rather than go beyond. */
export const boundaryKeysMax = 100_000;

/** Most lines of a list of files. */
export const boundaryFilesMax = 1_000_000;
