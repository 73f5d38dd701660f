/** When a table's files are rewritten, and how large what comes out is. */

/** Live bytes after which a part is closed; a part has at most its last input more. */
export const partBytesTarget = 128 * 1024 * 1024;

/** Most inputs of one part: their paths stand in one statement. */
export const partInputsMax = 4096;

/** A file with at least this share of its rows masked is worth a rewrite. */
export const maskedShareMin = 0.25;

/**
 * Masked rows that such files of a table have together before an automatic compaction rewrites
 * them: with the share it bounds the rows that are written for each row that was masked.
 */
export const maskedRowsMin = 100_000;

/** How far a one-shot command lets the automatic bounds be passed before it spends the time. */
export const oneShotSlack = 4;

/** How many small files a table keeps before an automatic compaction; of the project's settings. */
export interface SmallFileBounds {
  /** Most small files, deletes included. */
  readonly smallFiles: number;
  /** A file below this size is small: reading it costs more to open than to read. */
  readonly smallFileBytes: number;
}

/** What is rewritten. */
export type CompactionRules =
  /** Every file, but those at the table's beginning that are as a rewrite would leave them. */
  | { readonly kind: "full" }
  /** What is due; `slack` multiplies the bounds: 1 in a node, `oneShotSlack` elsewhere. */
  | { readonly kind: "automatic"; readonly bounds: SmallFileBounds; readonly slack: number };
