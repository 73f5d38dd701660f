/**
 * What apply and the queries need of an SQLite database. Typed by ourselves, so that the embedded
 * catalog and a coordinator's replica run the same statements through their own connections.
 */

/** A value of a column or of a parameter. Integers stay within 2^53. */
export type SqlValue = number | string | null;

/** The text of a query and the type of its rows: its own column names over STRICT tables. */
export interface Query<Row> {
  readonly sql: string;
  /** Never set: it carries the type. */
  readonly row?: Row;
}

/** An open database. Statements are few and fixed, so that an adapter keeps each one prepared. */
export interface SqlDatabase {
  /** Runs a statement that gives no rows, and answers how many rows it changed. */
  run(sql: string, ...values: readonly SqlValue[]): number;
  /** The first row; undefined when there is none. */
  get<Row>(query: Query<Row>, ...values: readonly SqlValue[]): Row | undefined;
  /** Every row. */
  all<Row>(query: Query<Row>, ...values: readonly SqlValue[]): readonly Row[];
}
