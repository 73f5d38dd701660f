/**
 * Rows that lie whole in the bytes of one read from the socket: where each value is, column by
 * column to be decoded. A loop over one column's values keeps what it needs in registers, where a
 * switch for each value would look everything up again.
 */

/** Rows that are gathered before they are decoded: few enough that their bytes stay cached. */
export const blockRowsMax = 1024;

/** The places of values, row after row. */
export class RowBlock {
  readonly columns: number;
  /** Where each value begins; of row r and column c at `r * columns + c`. */
  readonly places: Int32Array;
  /** Bytes of each value, -1 for none. */
  readonly lengths: Int32Array;
  rows = 0;

  constructor(columns: number) {
    this.columns = columns;
    this.places = new Int32Array(blockRowsMax * columns);
    this.lengths = new Int32Array(blockRowsMax * columns);
  }

  /**
   * Finds the values of one row at `start`, and answers where the row ends; -1 where it isn't whole
   * before `end`, or isn't a row of so many values.
   */
  find(view: DataView, start: number, end: number): number {
    const { columns, places, lengths } = this;
    if (end - start < 2 || view.getInt16(start) !== columns) return -1;
    const first = this.rows * columns;
    let at = start + 2;
    for (let index = first; index < first + columns; index += 1) {
      if (end - at < 4) return -1;
      const length = view.getInt32(at);
      at += 4;
      places[index] = at;
      lengths[index] = length;
      if (length > 0) {
        if (length > end - at) return -1;
        at += length;
      } else if (length < -1) return -1;
    }
    return at;
  }
}
