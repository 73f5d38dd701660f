/**
 * A read of whole files that DuckDB does by itself, as a value: big files never pass through
 * JavaScript values. A source makes it, the context store executes it.
 */
import type { Field } from "./type.ts";

/** How the bytes of a text file become fields. */
export interface CsvDialect {
  /** One character, or up to four as DuckDB takes them. */
  readonly delimiter: string;
  /** Empty for none. */
  readonly quote: string;
  readonly escape: string;
  readonly header: boolean;
  /** Lines before the header or the first row. */
  readonly skipLines: number;
  /** As found in the first file. To be told, not to be pinned: each file has its own. */
  readonly newline: "\n" | "\r" | "\r\n";
  readonly encoding: "utf-8" | "utf-16" | "latin-1";
  /** Texts that mean a missing value, beside the empty field. */
  readonly nullTexts: readonly string[];
  readonly dateFormat: string | null;
  readonly timestampFormat: string | null;
}

/** How JSON text becomes rows. */
export interface JsonLayout {
  /**
   * `array` of rows, one row a line (`lines`), rows one after the other over any lines
   * (`documents`), or a `map` of key to row.
   */
  readonly shape: "array" | "lines" | "documents" | "map";
  /** RFC 6901 pointer to the array or map; empty for the whole document. Not with `lines`. */
  readonly pointer: string;
  /** The column that a map's keys become; null unless `map`. */
  readonly keyColumn: string | null;
}

/** One input file. */
export interface ScanFile {
  /** Absolute, to be taken literally whatever characters are in it. */
  readonly path: string;
  /** What `_hakiri_file` says: relative to the project, with `/`. */
  readonly name: string;
  readonly compression: "none" | "gzip" | "zstd";
}

/** What to do with a row that isn't what its columns promise. */
export type OnBadRow = "error" | "quarantine";

interface ScanCommon {
  /** At least one, all compressed alike. Rows come in their order. */
  readonly files: readonly ScanFile[];
  /**
   * The columns to write, in order; the sources' names. A value that its type doesn't hold exactly
   * makes a bad row: never 2 for `1.5`, 7 for `007`, or a date for a moment.
   */
  readonly fields: readonly Field[];
  /** Names of fields that are floats by a word of the user, so that digits may be rounded away. */
  readonly rounded?: readonly string[];
  readonly onBadRow: OnBadRow;
  /** Fields whose types the user told, where there are any; others were found. */
  readonly told?: readonly string[];
  /** Most rows that it yields, the first ones; null for all. */
  readonly rowsMax: number | null;
}

/** A scan, by the format of its files. */
export type Scan =
  | (ScanCommon & {
      readonly kind: "csv";
      readonly dialect: CsvDialect;
      /** Every column of the files in their order; `fields` picks from them by name. */
      readonly fileFields: readonly Field[];
    })
  | (ScanCommon & {
      readonly kind: "json";
      readonly layout: JsonLayout;
      /** Whether numbers are taken as written, which is slow; else as doubles hold them. */
      readonly isWritten?: boolean;
    })
  | (ScanCommon & {
      readonly kind: "parquet";
      /** Every column of the files in their order; `fields` picks from them by name. */
      readonly fileFields: readonly Field[];
    });
