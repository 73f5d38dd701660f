/**
 * The views that a statement needs, from the catalog as of a sequence: only the tables that it
 * names are made, so that a store of thousands of tables costs no more than they do.
 *
 * A statement that asks which tables there are gets all others as stubs: views of the right columns
 * that fail when they are read, so that nothing takes them for empty tables.
 */
import { HakiriError, usageError } from "../../core/error.ts";
import { quoteIdentifier, quoteText } from "../../core/identifier.ts";
import { nearest } from "../../core/near-miss.ts";
import type { CatalogQueries } from "../../core/ports/catalog.ts";
import type { TableState } from "../../core/snapshot.ts";
import { formatTableName } from "../../core/table-name.ts";
import { sqlType } from "../duckdb/sql-type.ts";
import { emptyPartPath } from "../layout.ts";
import { allFiles } from "../snapshot/table-files.ts";
import { shownColumns } from "../views/shown-columns.ts";
import { viewStatements } from "../views/views-sql.ts";
import { describePlace } from "./place-in-text.ts";
import type { Analysis, TableReference } from "./protocol.ts";

/** What is read, as of when, and where. */
export interface ViewPlanInput {
  readonly catalog: Pick<CatalogQueries, "table" | "tables" | "files" | "schemas">;
  readonly sequence: number;
  readonly sql: string;
  readonly analysis: Analysis;
  /** The absolute path of the store's folder, without a slash at its end. */
  readonly root: string;
}

/** What a session is opened with. */
export interface ViewPlan {
  /** Statements that make the views. */
  readonly views: string;
  /** Absolute paths of every file behind them. */
  readonly paths: readonly string[];
}

/** Most tables that one statement may name. */
export const namedTablesMax = 500;

/** Most tables that are listed; DuckDB takes half a second for a thousand. */
export const listedTablesMax = 20_000;

/** Most files behind the tables of one statement; DuckDB takes 40 us for each that it may open. */
export const namedFilesMax = 100_000;

/**
 * Plans the views. Throws Permanent `usage.unknown_table` for a name that is no table's, with the
 * nearest one that is, `usage.sql_file` for one that looks like a file's, and
 * `usage.too_many_tables` and `store.too_many_files` past the bounds.
 */
export async function planViews(input: ViewPlanInput): Promise<ViewPlan> {
  const { catalog, sequence, analysis, root } = input;
  if (analysis.tables.length > namedTablesMax) throw tooManyTables(analysis.tables.length);
  const made = new Set<string>();
  const paths = [`${root}/${emptyPartPath}`];
  const views: string[] = [];
  for (const reference of analysis.tables) {
    const table = await catalog.table(nameOf(reference), sequence);
    if (table === null) throw await unknownTable(input, reference);
    if (made.has(table.tableId)) continue;
    made.add(table.tableId);
    const files = await allFiles(catalog, table.tableId, sequence);
    const schemas = await catalog.schemas(table.tableId);
    for (const { path } of files) paths.push(`${root}/${path}`);
    // Beside them there is the file of no rows.
    if (paths.length > namedFilesMax + 1) throw tooManyFiles();
    views.push(viewStatements({ table: { ...table, files }, schemas }, `${root}/`));
  }
  if (analysis.listsTables) views.push(...(await stubs(input, made)));
  return { views: views.join(""), paths };
}

function nameOf({ namespace, name }: TableReference): {
  readonly namespace: string;
  readonly name: string;
} {
  return { namespace: namespace === "" ? "main" : namespace, name };
}

type TableHead = Omit<TableState, "files">;

async function stubs(
  { catalog, sequence }: ViewPlanInput,
  made: ReadonlySet<string>,
): Promise<readonly string[]> {
  const tables = await catalog.tables(sequence);
  if (tables.length > listedTablesMax) throw tooManyTables(tables.length);
  return tables.filter(({ tableId }) => !made.has(tableId)).map(stub);
}

function stub(table: TableHead): string {
  const namespace = quoteIdentifier(table.namespace);
  const columns = shownColumns(table).map(
    ({ name, type }) => `NULL::${sqlType(type)} AS ${quoteIdentifier(name)}`,
  );
  const shown = columns.length === 0 ? "NULL AS _hakiri_nothing" : columns.join(", ");
  const message = `name the table ${formatTableName(table)} in FROM to read it`;
  return (
    `CREATE SCHEMA IF NOT EXISTS ${namespace};\n` +
    `CREATE VIEW ${namespace}.${quoteIdentifier(table.name)} AS\n` +
    `SELECT ${shown} WHERE error(${quoteText(message)}) IS NULL;\n`
  );
}

const fileName = /[/\\*]|\.(?:csv|tsv|json|jsonl|ndjson|parquet|xlsx|db|duckdb|gz|zst)$/iu;

async function unknownTable(
  { catalog, sequence, sql }: ViewPlanInput,
  reference: TableReference,
): Promise<HakiriError> {
  const place = describePlace(sql, reference.position);
  const evidence = place.evidence !== null && { evidence: place.evidence };
  const typed = formatTableName(nameOf(reference));
  if (reference.namespace === "" && fileName.test(reference.name)) {
    return new HakiriError({
      kind: "Permanent",
      code: "usage.sql_file",
      message: `expected the name of a table, got that of a file: ${typed}${place.text}`,
      hint: "ingest the file first: hakiri ingest FILE, then query its table",
      ...evidence,
    });
  }
  return new HakiriError({
    kind: "Permanent",
    code: "usage.unknown_table",
    message: `expected the name of a table, but there is no ${typed}${place.text}`,
    hint: nearNames(reference, await catalog.tables(sequence)),
    ...evidence,
  });
}

/** Most names that a hint lists. */
const namesShownMax = 10;

function nearNames(reference: TableReference, tables: readonly TableHead[]): string {
  if (tables.length === 0) return "there are no tables yet; begin with: hakiri ingest FILE";
  const sameName = tables.filter(({ name }) => name.toLowerCase() === reference.name.toLowerCase());
  const [only] = sameName;
  const names = tables.map(formatTableName);
  const near =
    only === undefined ? nearest(formatTableName(nameOf(reference)), names) : formatTableName(only);
  const more = names.length > namesShownMax ? `, and ${names.length - namesShownMax} more` : "";
  const all = `the tables are: ${names.slice(0, namesShownMax).join(", ")}${more}`;
  return near === null ? all : `did you mean ${near}? ${all}`;
}

function tooManyTables(count: number): HakiriError {
  return usageError(
    "too_many_tables",
    `expected at most ${namedTablesMax} tables in a statement, ` +
      `and ${listedTablesMax} to list, got ${count}`,
    "name fewer tables",
  );
}

function tooManyFiles(): HakiriError {
  return new HakiriError({
    kind: "Permanent",
    code: "store.too_many_files",
    message: `expected at most ${namedFilesMax} files behind the tables of one statement`,
    hint: "make them fewer with: hakiri compact",
  });
}
