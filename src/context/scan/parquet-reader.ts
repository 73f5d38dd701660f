/** The call that reads Parquet files, by the places of their columns. */
import type { ScanFile } from "../../core/scan.ts";
import { fileOptions, pathList } from "./csv-reader.ts";

/**
 * The call. The first columns, as many as are said, are called `p0`, `p1`, ...: DuckDB has names of
 * its own for those that differ in case only. Their file's path comes last.
 */
export function parquetReader(files: readonly ScanFile[], columns: number): string {
  const [, path = "", hive = ""] = fileOptions(files);
  const reader = `read_parquet(${[pathList(files), path, hive, "union_by_name = true"].join(", ")})`;
  if (columns === 0) return reader;
  const names = Array.from({ length: columns }, (_, place) => `p${place}`);
  return `${reader} AS r(${names.join(", ")})`;
}
