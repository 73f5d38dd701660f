/**
 * The position deletes of a merge, as SQL over the parts that a run staged and the table's live
 * files: every row that a staged row of the same key takes the place of, rows of changed and
 * removed input files, earlier rows of a key within the run, and tombstones themselves.
 *
 *   M1. A staged row of a file that came again later in the run takes nothing's place: the run does
 *       what it would have done had it met the later version alone.
 *   M2. A row of the base goes if its file is gone, whatever key it has, or if its key is staged,
 *       whatever file it is from; it is told once.
 */
import { quoteIdentifier } from "../../core/identifier.ts";
import { deletedColumn, fileColumn } from "../../core/reserved-column.ts";
import type { TableSchema } from "../../core/schema.ts";
import type { LiveFile, TableFile, TableState } from "../../core/snapshot.ts";
import { placeName, tableRelation } from "../views/table-relation.ts";
import { goneEntry, type GoneFile } from "./file-deletes.ts";
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
  /**
   * Of two rows of a key the one with the larger value here stays; null: the later one. A tombstone
   * without a value ends what came before it, and nothing that comes after it.
   */
  readonly dedupSort: number | null;
  /** Input files whose rows go, each name once; empty for a stream that has none. */
  readonly gone: readonly GoneFile[];
  /** Put before each file's path; ends in `/`. */
  readonly root: string;
}

/** How the rows of a deletes file are told apart in a run's report. */
export interface MergeQuery {
  /**
   * Answers one row, `nulls`: staged rows that count, with a NULL in the key. Must be 0 for the
   * other two.
   */
  readonly nullKeys: string;
  /** Yields `file_id, row_number` of every row to mask, in that order. */
  readonly deletes: string;
  /** Answers one row, `updated`: keys of the base that a staged row has too. */
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
  const gone = goneRelation(input.gone);
  const withs =
    `WITH ${gone}staged AS MATERIALIZED (${staged}),\n${lastRows(input, keys)},\n` +
    `live AS (${liveRows(input, names)})\n`;
  // At most one row of each joins, so that a position is there once.
  const hits =
    gone === ""
      ? `SEMI JOIN last ON ${sameKey}`
      : `LEFT JOIN last ON ${sameKey} LEFT JOIN gone ON gone.name = live.file\n` +
        "WHERE last.keep IS NOT NULL OR gone.name IS NOT NULL";
  return {
    nullKeys:
      `WITH ${gone}staged AS (${staged})\n` +
      `SELECT count(*)::BIGINT AS nulls FROM staged WHERE NOT dead AND (${isNull})`,
    deletes:
      `${withs}SELECT ${fileAndRow("live.place", baseOrder)}\nFROM live ${hits}\n` +
      `UNION ALL SELECT ${fileAndRow("staged.place", stagedOrder)}\n` +
      `FROM staged LEFT JOIN last USING (${keys})\n` +
      "WHERE staged.dead OR staged.place <> last.keep OR staged.tombstone\nORDER BY 1, 2",
    counts:
      `${withs}SELECT count(*)::BIGINT AS updated\n` +
      "FROM last JOIN staged ON staged.place = last.keep AND NOT staged.tombstone\n" +
      `SEMI JOIN live ON ${sameKey}`,
  };
}

/** The beginning of a list of WITH; empty where nothing is gone. */
function goneRelation(gone: readonly GoneFile[]): string {
  return gone.length === 0 ? "" : `${goneEntry(gone)},\n`;
}

/** The row of each key that stays, or whose tombstone does, as `keep`. */
function lastRows({ dedupSort }: MergeInput, keys: string): string {
  const last = (place: string, from: string): string =>
    `last AS MATERIALIZED (SELECT ${keys}, ${place} AS keep\nFROM ${from} GROUP BY ${keys})`;
  if (dedupSort === null) return last("max(place)", "staged WHERE NOT dead");
  const cut =
    `cut AS MATERIALIZED (SELECT ${keys}, max(place) AS at FROM staged\n` +
    `WHERE NOT dead AND tombstone AND sort IS NULL GROUP BY ${keys})`;
  // A NULL sorts below every value; between equals the later one stays.
  const largest = "arg_max(place, {a: sort IS NOT NULL, b: sort, c: place})";
  const uncut =
    `staged LEFT JOIN cut USING (${keys})\n` +
    "WHERE NOT dead AND (cut.at IS NULL OR staged.place >= cut.at)";
  return `${cut},\n${last(largest, uncut)}`;
}

function dataFiles(table: TableState): readonly LiveFile[] {
  return table.files.filter((file) => file.kind === "data");
}

function liveRows(input: MergeInput, names: readonly string[]): string {
  const { base, schemas, root, key } = input;
  const files = fileIds(input);
  const relation = tableRelation({
    table: base,
    schemas,
    root,
    columns: [...key, ...files],
    placeOrder: dataFiles(base).map(({ fileId }) => fileId),
  });
  const file = files.map(() => `${quoteIdentifier(fileColumn.name)} AS file, `);
  return `SELECT ${renamed(input, names)}, ${file.join("")}${placeName} AS place FROM (${relation})`;
}

/** The column that tells whether a row's file is gone, where one is. */
function fileIds({ gone }: MergeInput): readonly number[] {
  return gone.length === 0 ? [] : [fileColumn.id];
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
    columns: [...input.key, ...others, deletedColumn.id, ...fileIds(input)],
    placeOrder: files.map(({ fileId }) => fileId),
  });
  const sorted = sort.map(
    (id) => `${quoteIdentifier(columnName(input.base.schema, id))} AS sort, `,
  );
  const dead =
    input.gone.length === 0
      ? { is: "false", join: "" }
      : { is: "gone.name IS NOT NULL", join: `\nLEFT JOIN gone ON ${isBefore}` };
  return (
    `SELECT ${renamed(input, names)}, ${sorted.join("")}` +
    `coalesce(${deletedColumn.name}, false) AS tombstone, ${placeName} AS place, ` +
    `${dead.is} AS dead FROM (${relation}) AS t${dead.join}`
  );
}

/** M1. */
const isBefore = `gone.name = t.${fileColumn.name} AND t.${placeName} >> 40 < gone.before`;

function columnName(schema: TableSchema, id: number): string {
  const column = schema.columns.find((candidate) => candidate.id === id);
  if (column === undefined) throw new Error(`expected column ${id} in the table's schema`);
  return column.name;
}
