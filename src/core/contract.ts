/** The schema contract of a pipeline: what may change a table's schema, in dlt's words. */

/**
 * What happens where a stream brings something that its table doesn't have yet: `evolve` takes it
 * in, `freeze` fails the run with SchemaIncompatible, `discard_row` puts the rows that carry it
 * into quarantine, `discard_value` drops the values alone. Both kinds of discarding are counted.
 */
export type ContractMode = (typeof contractModes)[number];

/** Every mode, for those who parse one. */
export const contractModes = ["evolve", "freeze", "discard_row", "discard_value"] as const;

/**
 * A mode for each kind of change. A table that is new is governed by `tables` alone; that a column
 * becomes nullable is never refused.
 */
export interface SchemaContract {
  /** A stream whose table doesn't exist; both ways of discarding drop the whole stream. */
  readonly tables: ContractMode;
  /** A column that the table doesn't have. */
  readonly columns: ContractMode;
  /**
   * Values that the column's type doesn't hold, even where a promotion would. Discarding takes
   * those alone, and those that a told type doesn't hold; the column's other values go in.
   */
  readonly dataType: ContractMode;
}

/** The contract of a pipeline that says nothing: everything evolves. */
export const openContract: SchemaContract = {
  tables: "evolve",
  columns: "evolve",
  dataType: "evolve",
};
