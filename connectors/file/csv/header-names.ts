/** The names of a CSV file's columns, each exactly once. */
import { uniqueNames } from "../../../src/connector.ts";

/**
 * Names for `width` columns, from the header's fields or from none. An empty one, and what the
 * header is short of, becomes `column_N` by its place from 1; a repeated one is numbered, `id_2`.
 */
export function headerNames(header: readonly string[] | null, width: number): readonly string[] {
  const told = header ?? [];
  const length = Math.max(width, told.length);
  return uniqueNames(Array.from({ length }, (_, index) => told[index] ?? ""));
}
