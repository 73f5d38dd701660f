/** What is to be copied of a file that DuckDB can't read as it is. */
import type { FileSettings } from "./config.ts";
import type { Inspected } from "./inspect-file.ts";
import { pointerTokens } from "./json/pointer.ts";
import type { CopyOrder } from "./scratch-copy.ts";

/** The order of a file; `rowsMax` is for rows that are cut out of JSON. */
export function copyOrderOf(
  { file, compression, encoding, layout, hasMixedLineEnds }: Inspected,
  settings: Pick<FileSettings, "pointer" | "keyColumn">,
  rowsMax: number | null,
): CopyOrder {
  const common = { file, compression, encoding };
  if (layout?.kind === "csv") {
    return { ...common, rows: null, marks: hasMixedLineEnds ? layout.dialect : null };
  }
  const cut = layout?.kind === "json" ? layout.cut : null;
  if (cut === null) return { ...common, rows: null, marks: null };
  const { keyColumn } = settings;
  const pointer = pointerTokens(settings.pointer);
  return { ...common, rows: { pointer, rows: cut, keyColumn, rowsMax }, marks: null };
}
