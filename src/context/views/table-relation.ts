/**
 * A table as one SELECT over its files: columns by field id, masked rows left out. The text is all
 * that a reader needs; it works in any DuckDB that has the built-in Parquet extension.
 *
 *   V1. Every file is read with an explicit schema by field id, never by its column names.
 *   V2. Inside of a scan columns are called `c<id>`, so that no column of a user's hides the
 *       virtual columns `file_index` and `file_row_number`.
 *   V3. A file is read by its own type where DuckDB's promotion isn't exact (stored-type.ts), and
 *       cast outside of the scan.
 *   V4. Row counts are given (`explicit_cardinality`), so that the small side of a join is hashed.
 */
import { quoteIdentifier, quoteText } from "../../core/identifier.ts";
import type { Column, TableSchema } from "../../core/schema.ts";
import type { LiveFile, TableState } from "../../core/snapshot.ts";
import type { DataType } from "../../core/type.ts";
import { sqlType } from "../duckdb/sql-type.ts";
import { shownColumns, type ShownColumn } from "./shown-columns.ts";
import { mayReadAs } from "./stored-type.ts";

/** What a relation is written from. */
export interface RelationInput {
  readonly table: TableState;
  /** Every version that a file of the table names. */
  readonly schemas: readonly TableSchema[];
  /** Put before each file's path; ends in `/`. */
  readonly root: string;
  /** Ids of the columns to show, reserved ones too; absent for all that a user sees. */
  readonly columns?: readonly number[];
  /**
   * Adds a column `placeName`: where a row lies. File ids in an order of the caller's that has
   * every data file of the table.
   */
  readonly placeOrder?: readonly number[];
}

/** The column that tells where a row lies: `index in placeOrder << 40 | row number`, a BIGINT. */
export const placeName = "_hakiri_place";

/** Rows of the row groups that DuckDB writes. */
const rowGroupRows = 122_880;

/** Files that are read by one scan. */
interface Scan {
  readonly files: LiveFile[];
  readonly masked: boolean;
  /** By column id, where it isn't the table's own type. */
  readonly storedTypes: ReadonlyMap<number, DataType>;
}

/**
 * The SELECT of a table; of a table without files one that has its columns and no row. A table that
 * has no columns either shows one called `_hakiri_nothing`, since a view needs one.
 */
export function tableRelation(input: RelationInput): string {
  const shown = shownColumns(input.table, input.columns);
  const scans = scansOf(input, shown);
  if (scans.length === 0) return emptyRelation(shown, input.placeOrder !== undefined);
  return scans.map((scan) => scanRelation(input, shown, scan)).join("\nUNION ALL\n");
}

function emptyRelation(shown: readonly ShownColumn[], placed: boolean): string {
  const columns = shown.map(
    ({ name, type }) => `NULL::${sqlType(type)} AS ${quoteIdentifier(name)}`,
  );
  if (placed) columns.push(`NULL::BIGINT AS ${placeName}`);
  if (columns.length === 0) columns.push("NULL::INTEGER AS _hakiri_nothing");
  return `SELECT ${columns.join(", ")} WHERE false`;
}

function scansOf(
  { table, schemas }: RelationInput,
  shown: readonly ShownColumn[],
): readonly Scan[] {
  const readings = new Map(
    schemas.map(({ version, columns }) => [version, readingOf(columns, shown)]),
  );
  const masked = new Set(table.files.flatMap((file) => file.masks.map((mask) => mask.fileId)));
  const scans = new Map<string, Scan>();
  for (const file of table.files) {
    if (file.kind !== "data") continue;
    const reading = readings.get(file.schemaVersion);
    if (reading === undefined) {
      throw new Error(`expected schema ${file.schemaVersion} of table ${table.tableId}`);
    }
    const isMasked = masked.has(file.fileId);
    const key = `${isMasked}${reading.key}`;
    const { storedTypes } = reading;
    const scan = scans.get(key) ?? { files: [], masked: isMasked, storedTypes };
    scan.files.push(file);
    scans.set(key, scan);
  }
  return [...scans.values()];
}

/** How files of a schema version are read: those of an equal key by one scan. */
function readingOf(
  stored: readonly Column[],
  wanted: readonly ShownColumn[],
): { readonly key: string; readonly storedTypes: ReadonlyMap<number, DataType> } {
  const storedTypes = inexactTypes(stored, wanted);
  const types = [...storedTypes].map(([id, type]) => `,${id} ${sqlType(type)}`);
  return { key: types.join(""), storedTypes };
}

function inexactTypes(
  stored: readonly Column[],
  wanted: readonly ShownColumn[],
): ReadonlyMap<number, DataType> {
  const types = new Map(stored.map((column) => [column.id, column.type]));
  const inexact = new Map<number, DataType>();
  for (const column of wanted) {
    const type = types.get(column.id);
    if (type !== undefined && !mayReadAs(type, column.type)) inexact.set(column.id, type);
  }
  return inexact;
}

function scanRelation(input: RelationInput, shown: readonly ShownColumn[], scan: Scan): string {
  const columns = shown.map(
    (column) => `${valueOf(scan, column)} AS ${quoteIdentifier(column.name)}`,
  );
  if (input.placeOrder !== undefined) columns.push(placeColumn(input.placeOrder, scan));
  const from = `SELECT ${columns.join(", ")}\nFROM ${scanOf(input, shown, scan)} AS t`;
  return scan.masked ? `${from}\n${maskJoin(input, scan)}` : from;
}

/** Qualified, since a bare name may be taken for the alias of another column. */
function valueOf({ storedTypes }: Scan, { id, type }: ShownColumn): string {
  const value = `t.c${id}`;
  if (!storedTypes.has(id)) return value;
  // The JSON text of a value: a cast would take a stored text for JSON itself.
  return type.kind === "json" ? `to_json(${value})` : `CAST(${value} AS ${sqlType(type)})`;
}

function placeColumn(order: readonly number[], scan: Scan): string {
  const indexes = new Map(order.map((fileId, index) => [fileId, index]));
  const places = scan.files.map(({ fileId }) => {
    const index = indexes.get(fileId);
    if (index === undefined) throw new Error(`expected a place for file ${fileId}`);
    return index;
  });
  const list = `[${places.join(", ")}]::BIGINT[]`;
  return `(((${list})[t.file_index::BIGINT + 1] << 40) | t.file_row_number) AS ${placeName}`;
}

/** The call that reads a scan's files, columns named `c<id>`. */
function scanOf(input: RelationInput, shown: readonly ShownColumn[], scan: Scan): string {
  const schema = shown.map((column) => {
    const type = sqlType(scan.storedTypes.get(column.id) ?? column.type);
    return `${column.id}: {name: 'c${column.id}', type: ${quoteText(type)}, default_value: NULL}`;
  });
  const rows = scan.files.reduce((sum, file) => sum + file.rows, 0);
  const paths = scan.files.map((file) => quoteText(`${input.root}${file.path}`));
  // With one file and an explicit schema DuckDB 1.5 reads by one thread; with two it doesn't. What
  // one thread takes at a time is a row group, so that a file of one has no use for another.
  if (paths.length === 1 && rows > rowGroupRows) {
    paths.push(quoteText(`${input.root}empty.parquet`));
  }
  return (
    `read_parquet([${paths.join(", ")}],\n` +
    `schema = MAP {${schema.join(", ")}}, explicit_cardinality = ${rows})`
  );
}

/** Leaves out rows that a position delete names. */
function maskJoin(input: RelationInput, scan: Scan): string {
  const indexes = new Map(scan.files.map((file, index) => [file.fileId, index]));
  const deletes = input.table.files.filter(
    (file) => file.kind === "deletes" && file.masks.some((mask) => indexes.has(mask.fileId)),
  );
  const paths = deletes.map((file) => quoteText(`${input.root}${file.path}`));
  const pairs = [...indexes].map(([fileId, index]) => `(${fileId}, ${index}::UBIGINT)`);
  return (
    "ANTI JOIN (SELECT f.i AS i, d.row_number AS r " +
    `FROM read_parquet([${paths.join(", ")}]) AS d\n` +
    `JOIN (VALUES ${pairs.join(", ")}) AS f(id, i) ON f.id = d.file_id) AS masked\n` +
    "ON masked.i = t.file_index AND masked.r = t.file_row_number"
  );
}
