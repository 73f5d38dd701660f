/** Scans of CSV files as most are written. */
import type { CsvDialect, Scan } from "../../../src/core/scan.ts";
import type { Field } from "../../../src/core/type.ts";

/** The most usual dialect. */
export const comma: CsvDialect = {
  delimiter: ",",
  quote: '"',
  escape: '"',
  header: true,
  skipLines: 0,
  newline: "\n",
  encoding: "utf-8",
  nullTexts: [],
  dateFormat: null,
  timestampFormat: null,
};

/** The scan of one file of these columns, all of them wanted. */
export function csvScanOf(
  file: { readonly path: string; readonly name: string },
  fields: readonly Field[],
): Scan {
  return {
    kind: "csv",
    files: [{ ...file, compression: "none" }],
    fields,
    fileFields: fields,
    onBadRow: "error",
    rowsMax: null,
    dialect: comma,
  };
}
