/** Files and their columns as a scan. */
import type { Scan } from "../../src/connector.ts";
import type { FileSettings } from "./config.ts";
import { scanFilesOf, type FileGroup, type FilesDescription } from "./describe-files.ts";

/** What a scan is restricted to. */
export interface ScanRestrictions {
  /** Names of columns; null for all. */
  readonly columns: readonly string[] | null;
  readonly rowsMax: number | null;
}

/** The scan of files that are read alike and have these columns. */
export function makeScan(
  { layout, files }: FileGroup,
  { fields, isWritten }: FilesDescription,
  { onBadRow, types }: Pick<FileSettings, "onBadRow" | "types">,
  { columns, rowsMax }: ScanRestrictions,
): Scan {
  const wanted = columns === null ? fields : fields.filter(({ name }) => columns.includes(name));
  const told = wanted.flatMap(({ name }) => (types.has(name) ? [name] : []));
  const rounded = wanted.flatMap(({ name }) => (types.get(name)?.kind === "float" ? [name] : []));
  const common = {
    files: scanFilesOf(files),
    fields: wanted,
    ...(rounded.length > 0 && { rounded }),
    onBadRow,
    rowsMax,
  };
  switch (layout.kind) {
    case "csv":
      return { kind: "csv", ...common, told, dialect: layout.dialect, fileFields: fields };
    case "json":
      return {
        kind: "json",
        ...common,
        told,
        ...(isWritten && { isWritten }),
        layout: { shape: layout.shape, pointer: "", keyColumn: null },
      };
    case "parquet":
      return { kind: "parquet", ...common, fileFields: fields };
  }
}
