/**
 * The position deletes of changed and removed input files, as SQL: every live row that came from
 * one of these files in an earlier run, or from an earlier version of it in this one.
 */
import { quoteIdentifier, quoteText } from "../../core/identifier.ts";
import type { TableSchema } from "../../core/schema.ts";
import type { TableFile, TableState } from "../../core/snapshot.ts";
import { placeName, tableRelation } from "../views/table-relation.ts";
import { fileAndRow } from "./place.ts";

/** An input file whose rows go. */
export interface GoneFile {
  /** As `_hakiri_file` has it. */
  readonly name: string;
  /** Its rows go from this many of the run's first parts, and from all parts of earlier runs. */
  readonly stagedBefore: number;
}

/** What the deletes are computed from. */
export interface FileDeletesInput {
  /** The table as of the base sequence, under the schema that the run leaves. */
  readonly base: TableState;
  /** Every version that a file of the base or of the run names. */
  readonly schemas: readonly TableSchema[];
  /** The run's parts of the table in stream order. */
  readonly staged: readonly TableFile[];
  /** At least one, each name once. */
  readonly gone: readonly GoneFile[];
  /** The column that names a row's file. */
  readonly fileColumn: { readonly id: number; readonly name: string };
  /** Put before each file's path; ends in `/`. */
  readonly root: string;
}

/**
 * The entry `gone(name, before)` of a WITH. As JSON, which DuckDB reads several times faster than
 * as many literals: there may be a million files.
 */
export function goneEntry(gone: readonly GoneFile[]): string {
  const names = JSON.stringify(gone.map(({ name }) => name));
  const before = JSON.stringify(gone.map(({ stagedBefore }) => stagedBefore));
  return (
    "gone AS MATERIALIZED (" +
    `SELECT unnest(from_json(${quoteText(names)}, '["VARCHAR"]')) AS name, ` +
    `unnest(from_json(${quoteText(before)}, '["BIGINT"]')) AS before)`
  );
}

/** Yields `file_id, row_number` of every row to mask, in that order. */
export function fileDeletesQuery(input: FileDeletesInput): string {
  const { base, staged, gone } = input;
  const before = staged.map((file) => ({ ...file, addedSequence: 0 }));
  return (
    `WITH ${goneEntry(gone)}\n` +
    `${deletesOf(input, base, "true")}\nUNION ALL\n` +
    `${deletesOf(input, { ...base, files: before }, `live.${placeName} >> 40 < gone.before`)}\n` +
    "ORDER BY 1, 2"
  );
}

function deletesOf(
  { schemas, root, fileColumn }: FileDeletesInput,
  table: TableState,
  where: string,
): string {
  const order = table.files.filter(({ kind }) => kind === "data").map(({ fileId }) => fileId);
  const columns = [fileColumn.id];
  const relation = tableRelation({ table, schemas, root, columns, placeOrder: order });
  return (
    `SELECT ${fileAndRow(`live.${placeName}`, order)} FROM (${relation}) AS live\n` +
    `JOIN gone ON gone.name = live.${quoteIdentifier(fileColumn.name)} AND ${where}`
  );
}
