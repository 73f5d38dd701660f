/**
 * The position deletes of a merge, as SQL over the parts that a run staged and the table's live
 * files: every row that a staged row of the same key takes the place of, earlier rows of a key
 * within the run, and tombstones themselves.
 */
import { quoteIdentifier } from "../../core/identifier.ts";
import { deletedColumn } from "../../core/reserved-column.ts";
import type { TableSchema } from "../../core/schema.ts";
import type { LiveFile, TableFile, TableState } from "../../core/snapshot.ts";
import { placeName, tableRelation } from "../views/table-relation.ts";
import { fileAndRow } from "./place.ts";

/** What a merge is computed from. */
export interface MergeInput {
  /** The table as of the base sequence, under the schema that the run leaves. */
  readonly base: TableState;
  /** Every version that a file of the base or of the run names. */
  readonly schemas: readonly TableSchema[];
  /** The run's parts of the table in stream order: of two rows of a key the later one stays. */
  readonly staged: readonly TableFile[];
  /** Ids of the key's columns; at least one. */
  readonly key: readonly number[];
  /** Of two rows of a key the one with the larger value here stays; null: the later one. */
  readonly dedupSort: number | null;
  /** Put before each file's path; ends in `/`. */
  readonly root: string;
}

/** How the rows of a deletes file are told apart in a run's report. */
export interface MergeQuery {
  /** Answers one row, `nulls`: staged rows with a NULL in the key. Must be 0 for the other two. */
  readonly nullKeys: string;
  /** Yields `file_id, row_number` of every row to mask, in that order. */
  readonly deletes: string;
  /** Answers one row: `updated`, `deleted` base rows. */
  readonly counts: string;
}

/** The queries of a merge. */
export function mergeQueries(input: MergeInput): MergeQuery {
  const names = input.key.map((_, index) => `k${index}`);
  const keys = names.join(", ");
  const staged = stagedRows(input, names);
  const isNull = names.map((name) => `${name} IS NULL`).join(" OR ");
  const sameKey = names.map((name) => `live.${name} = last.${name}`).join(" AND ");
  const baseOrder = dataFiles(input.base).map(({ fileId }) => fileId);
  const stagedOrder = input.staged.map(({ fileId }) => fileId);
  const withs =
    `WITH staged AS MATERIALIZED (${staged}),\n` +
    `last AS MATERIALIZED (SELECT ${keys}, ${lastPlace(input)} AS keep ` +
    `FROM staged GROUP BY ${keys}),\n` +
    `live AS (${keyed(input.base, input, names)})\n`;
  return {
    nullKeys: `SELECT count(*)::BIGINT AS nulls FROM (${staged}) WHERE ${isNull}`,
    deletes:
      `${withs}SELECT ${fileAndRow("live.place", baseOrder)}\n` +
      `FROM live SEMI JOIN last ON ${sameKey}\n` +
      `UNION ALL SELECT ${fileAndRow("staged.place", stagedOrder)}\n` +
      `FROM staged JOIN last USING (${keys})\n` +
      "WHERE staged.place <> last.keep OR staged.tombstone\nORDER BY 1, 2",
    counts:
      `${withs}SELECT count(*) FILTER (NOT staged.tombstone)::BIGINT AS updated, ` +
      "count(*) FILTER (staged.tombstone)::BIGINT AS deleted\n" +
      `FROM live JOIN last ON ${sameKey} JOIN staged ON staged.place = last.keep`,
  };
}

function dataFiles(table: TableState): readonly LiveFile[] {
  return table.files.filter((file) => file.kind === "data");
}

function keyed(table: TableState, input: MergeInput, names: readonly string[]): string {
  const relation = tableRelation({
    table,
    schemas: input.schemas,
    root: input.root,
    columns: input.key,
    placeOrder: dataFiles(table).map(({ fileId }) => fileId),
  });
  return `SELECT ${renamed(input, names)}, ${placeName} AS place FROM (${relation})`;
}

function renamed({ base, key }: MergeInput, names: readonly string[]): string {
  return key
    .map((id, index) => `${quoteIdentifier(columnName(base.schema, id))} AS ${names[index] ?? ""}`)
    .join(", ");
}

function stagedRows(input: MergeInput, names: readonly string[]): string {
  const files = input.staged.map((file) => ({ ...file, addedSequence: 0 }));
  const sort = input.dedupSort === null ? [] : [input.dedupSort];
  const others = sort.filter((id) => !input.key.includes(id));
  const relation = tableRelation({
    table: { ...input.base, files },
    schemas: input.schemas,
    root: input.root,
    columns: [...input.key, ...others, deletedColumn.id],
    placeOrder: files.map(({ fileId }) => fileId),
  });
  const sorted = sort.map(
    (id) => `${quoteIdentifier(columnName(input.base.schema, id))} AS sort, `,
  );
  return (
    `SELECT ${renamed(input, names)}, ${sorted.join("")}` +
    `coalesce(${deletedColumn.name}, false) AS tombstone, ${placeName} AS place FROM (${relation})`
  );
}

function lastPlace(input: MergeInput): string {
  if (input.dedupSort === null) return "max(place)";
  // A NULL sorts below every value; between equals the later one stays.
  return "arg_max(place, {a: sort IS NOT NULL, b: sort, c: place})";
}

function columnName(schema: TableSchema, id: number): string {
  const column = schema.columns.find((candidate) => candidate.id === id);
  if (column === undefined) throw new Error(`expected column ${id} in the table's schema`);
  return column.name;
}
