/** Looking into files by DuckDB before a scan is made of them; implemented by the context store. */
import type { CsvDialect, JsonLayout, ScanFile } from "../scan.ts";
import type { Json } from "../json.ts";
import type { StreamSchema } from "../schema.ts";

/** What to look into. What is null is found out. */
export type ScanQuestion =
  | {
      readonly kind: "csv";
      readonly files: readonly ScanFile[];
      readonly dialect: Partial<CsvDialect>;
      /** Of all columns, each once; absent where they are to be found out too. */
      readonly names?: readonly string[];
      /** Rows that types are guessed from; null looks at every row. */
      readonly sampleRows: number | null;
    }
  | {
      readonly kind: "json";
      readonly files: readonly ScanFile[];
      readonly layout: JsonLayout;
      readonly sampleRows: number | null;
    }
  | { readonly kind: "parquet"; readonly files: readonly ScanFile[] };

/** What was found. */
export interface ScanDescription {
  /**
   * Types that hold every value that was looked at exactly, unified over the files: a column
   * of nulls only is `null`, numbers with leading zeros are text, integers past 64 bits decimals.
   */
  readonly schema: StreamSchema;
  /** Only for CSV. */
  readonly dialect: CsvDialect | null;
  /** Whether JSON has numbers that only a scan which takes them as written doesn't round. */
  readonly isWritten?: boolean;
  /**
   * Only for Parquet: names of columns with moments in nanoseconds, of which a scan yields the
   * microseconds. Absent for none.
   */
  readonly cut?: readonly string[];
  /** At most 100 rows, values as JSON. */
  readonly sample: readonly { readonly [column: string]: Json }[];
}

/** Looks into files. */
export interface Scanner {
  /**
   * Throws Permanent `file.unreadable` for what isn't of its format, naming file and line, and
   * `file.empty` for a file without a single row or header.
   */
  describe(question: ScanQuestion, signal: AbortSignal): Promise<ScanDescription>;
}
