/** Whole rows of JSON as texts, and what is in them, by names that DuckDB has no column for. */
import { quoteText } from "../../core/identifier.ts";
import type { ScanFile } from "../../core/scan.ts";
import { pathColumn, pathList } from "./csv-reader.ts";
import { markNumbers } from "./written-numbers.ts";

/** The rows as `json`, beside their file's path. */
export function jsonRows(options: readonly string[], files: readonly ScanFile[]): string {
  const reader = `read_json_objects(${[pathList(files), ...options].join(", ")})`;
  return `(SELECT json, ${pathColumn} FROM ${reader})`;
}

/** The same, and as `marked` with their numbers as marked strings. */
export function writtenRows(options: readonly string[], files: readonly ScanFile[]): string {
  const marked = `${markNumbers("json::VARCHAR")}::JSON AS marked`;
  return `(SELECT json, ${marked}, ${pathColumn} FROM ${jsonRows(options, files)})`;
}

/** The member of a JSON object by its exact name, as JSON; null where there is none. */
export function jsonMember(json: string, name: string): string {
  // No path leads to a member without a name.
  if (name === "") return `struct_extract(json_transform(${json}, '{"":"JSON"}'), 1)`;
  const pointer = `/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`;
  return `(${json} -> (${pointer.split("\0").map(quoteText).join(" || chr(0) || ")}))`;
}
