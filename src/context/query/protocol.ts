/**
 * What the two sides of the query thread say to each other. Both import this file, and it imports
 * neither.
 *
 * Every value is plain and crosses by structured clone. An error crosses as a record inside of a
 * reply, never as a rejection, which would lose its code. The bytes of a piece are transferred:
 * they are the receiver's after.
 */
import type { ErrorRecord } from "../../core/error.ts";

/** An answer, or the record of why there is none. */
export type Reply<T> =
  | { readonly kind: "answer"; readonly value: T }
  | { readonly kind: "failure"; readonly error: ErrorRecord };

/** A table as a statement names it. */
export interface TableReference {
  /** Empty where the statement names none. */
  readonly namespace: string;
  readonly name: string;
  /** Where it stands: bytes of UTF-8 before it in the statement; null where DuckDB doesn't say. */
  readonly position: number | null;
}

/** What a statement is, found out by parsing it alone. */
export interface Analysis {
  /** `EXPLAIN` with its options, exactly as it was typed; empty for a query. */
  readonly explain: string;
  /** The SELECT, without a semicolon at its end. `explain + query` begins the statement. */
  readonly query: string;
  /** Each table that it names once, those that it defines itself (CTEs) left out. */
  readonly tables: readonly TableReference[];
  /** Whether it asks which tables or columns there are. */
  readonly listsTables: boolean;
}

/** Bounds of one query. */
export interface QueryLimits {
  readonly threads: number;
  /** As DuckDB takes it: `1GB`, `512MiB`. */
  readonly memoryLimit: string;
  /** Most that may be spilled to disk, likewise. */
  readonly spillLimit: string;
}

/** How a result is written. `numbers` as in `--numbers`. */
export type ResultFormat =
  | { readonly kind: "json" | "jsonl"; readonly numbers: "text" | "native" }
  /** With a tab between fields it is what `.tsv` files are. */
  | { readonly kind: "csv"; readonly delimiter: "," | "\t" }
  | { readonly kind: "parquet" }
  /** The first rows as texts, for people. */
  | { readonly kind: "rows"; readonly rowsMax: number };

/** A statement with all that it may read. */
export interface OpenQuery {
  /** Chosen by the owner: an id that it didn't use before. */
  readonly id: number;
  readonly explain: string;
  readonly query: string;
  /** Statements that make the views it reads. */
  readonly views: string;
  /** Absolute paths of every file behind the views. */
  readonly paths: readonly string[];
  readonly format: ResultFormat;
  readonly limits: QueryLimits;
  /** Absolute path of a folder that may not exist yet; removed when the query is closed. */
  readonly temporaryFolder: string;
}

/** A column of a result. */
export interface ResultColumn {
  readonly name: string;
  /** As DuckDB spells it. */
  readonly type: string;
  /** Whether its values are numbers, which tables align to the right. */
  readonly isNumber: boolean;
}

/** The first rows of a result as texts, null for NULL. */
export interface ResultRows {
  readonly rows: readonly (readonly (string | null)[])[];
  /** All rows that there are; null where counting stopped at `countedRowsMax`. */
  readonly rowsTotal: number | null;
}

/** What the thread does for its owner. Each call answers; none rejects. */
export interface QueryThread {
  /** Parses a statement. Nothing is run. */
  analyse(sql: string): Promise<Reply<Analysis>>;
  /** Starts a query and answers the columns of its result. */
  open(request: OpenQuery): Promise<Reply<readonly ResultColumn[]>>;
  /** The next piece of a result, null after the last. Not for format `rows`. */
  next(id: number): Promise<Reply<Uint8Array | null>>;
  /** The rows of a query of format `rows`. Once a query. */
  rows(id: number): Promise<Reply<ResultRows>>;
  /** Makes what is under way for a query fail, and all after; one that is being opened, too. */
  interrupt(id: number): Promise<Reply<null>>;
  /** Frees a query, known or not. No call of it may be under way. */
  close(id: number): Promise<Reply<null>>;
}

/**
 * Most queries that are open at once in one thread. Each call of DuckDB's holds one of the four
 * threads that libuv has for the whole process, files of other threads included.
 */
export const openQueriesMax = 2;

/** Most rows of a result that are counted beyond those that are shown. */
export const countedRowsMax = 1_000_000;
