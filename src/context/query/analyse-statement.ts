/**
 * Finds out what a statement is before any of it is run: one SELECT, or EXPLAIN of one, that reads
 * tables of the store and calls in FROM only functions that read nothing else.
 *
 *   A1. DuckDB's own parser tells (`json_serialize_sql`, which takes SELECT and its kin alone), so
 *       that nothing is taken for something that DuckDB would read otherwise.
 *   A2. Functions in FROM are refused unless they are known: `enable_logging` ends the process,
 *       `enable_profiling` writes to stdout, `query` runs a text that nobody has looked at.
 */
import { HakiriError, usageError } from "../../core/error.ts";
import { quoteText } from "../../core/identifier.ts";
import type { DuckDb } from "../duckdb/open-duckdb.ts";
import { describePlace } from "./place-in-text.ts";
import type { Analysis } from "./protocol.ts";
import { namedIn } from "./statement-tree.ts";

/** Most UTF-16 units of a statement: DuckDB's tree of it is up to a hundred times as large. */
export const statementLengthMax = 256 * 1024;

/** What may stand in FROM beside tables: functions that make rows, or tell of the catalog. */
const tableFunctions: ReadonlySet<string> = new Set([
  "range",
  "generate_series",
  "unnest",
  "repeat",
  "repeat_row",
  "json_each",
  "json_tree",
  "summary",
  "test_all_types",
  "duckdb_columns",
  "duckdb_constraints",
  "duckdb_databases",
  "duckdb_functions",
  "duckdb_keywords",
  "duckdb_schemas",
  "duckdb_settings",
  "duckdb_tables",
  "duckdb_types",
  "duckdb_views",
  "pragma_table_info",
  "pragma_version",
  "icu_calendar_names",
  "pg_timezone_names",
]);

/** Functions that people know from DuckDB for reading files. */
const fileFunction = /^(?:read_|parquet_|sniff_|glob$|.*_scan$)/u;

/**
 * Analyses a statement. Throws Permanent `usage.sql` where DuckDB can't parse it,
 * `usage.sql_empty`, `usage.sql_too_long`, `usage.sql_many`, `usage.sql_statement` for anything but
 * a query, and `usage.sql_function` for a function in FROM that isn't allowed.
 */
export async function analyseStatement(duckDb: DuckDb, sql: string): Promise<Analysis> {
  if (sql.length > statementLengthMax) throw tooLong(sql);
  const { explain, parsed } = await parseStatement(duckDb, sql);
  const query = await withoutSemicolon(duckDb, sql.slice(explain.length), parsed);
  const { tables, functions, listsTables } = namedIn(parsed.tree);
  const before = byteLength(explain);
  const placed = <T extends { readonly position: number | null }>(one: T): T => ({
    ...one,
    position: one.position === null ? null : one.position + before,
  });
  for (const called of functions) {
    if (!tableFunctions.has(called.name)) throw refusedFunction(sql, placed(called));
  }
  return { explain, query, tables: tables.map(placed), listsTables };
}

interface Parsed {
  readonly tree: unknown;
  /** The tree as text, to compare with another. */
  readonly text: string;
}

const blank = String.raw`(?:\s|--[^\n]*(?:\n|$)|/\*(?:[^*]|\*(?!/))*\*/)`;
const explainWords = new RegExp(`^${blank}*EXPLAIN${blank}+(?:ANALYZE${blank}+)?`, "iu");
const explainOptions = new RegExp(`^${blank}*EXPLAIN${blank}*\\([\\sA-Z,_]+\\)`, "iu");

/** EXPLAIN can't be parsed to a tree, but what follows it can. */
async function parseStatement(
  duckDb: DuckDb,
  sql: string,
): Promise<{ readonly explain: string; readonly parsed: Parsed }> {
  const forms = [explainOptions, explainWords].flatMap((form) => form.exec(sql)?.[0] ?? []);
  const prefixes = forms.length === 0 ? [""] : forms;
  let failure: HakiriError | null = null;
  for (const explain of prefixes) {
    const result = await parse(duckDb, sql.slice(explain.length));
    if (result.kind === "parsed") return { explain, parsed: result };
    failure ??= failureOf(sql, explain, result);
  }
  throw failure ?? emptyStatement();
}

function failureOf(
  sql: string,
  explain: string,
  result: Exclude<ParseResult, { kind: "parsed" }>,
): HakiriError {
  switch (result.kind) {
    case "no_query":
      return noQuery(sql.slice(explain.length));
    case "count":
      return result.count === 0 ? emptyStatement() : manyStatements(result.count);
    case "syntax": {
      // Of syntax errors alone DuckDB counts characters before the place, not bytes.
      const before = Array.from(sql.slice(explain.length)).slice(0, result.characters ?? 0);
      const byte = byteLength(explain + before.join(""));
      return syntaxError(sql, result.message, result.characters === null ? null : byte);
    }
  }
}

type ParseResult =
  | ({ readonly kind: "parsed" } & Parsed)
  | { readonly kind: "no_query" }
  /** None or several. */
  | { readonly kind: "count"; readonly count: number }
  | { readonly kind: "syntax"; readonly message: string; readonly characters: number | null };

interface Serialized {
  readonly error: boolean;
  readonly error_type?: string;
  readonly error_message?: string;
  readonly position?: string;
  readonly statements?: readonly unknown[];
}

async function parse(duckDb: DuckDb, sql: string): Promise<ParseResult> {
  const [row] = await duckDb.rows(
    `SELECT json_serialize_sql(${quoteText(sql)}, skip_null := true, skip_empty := true) AS tree`,
  );
  const text = row?.["tree"];
  if (typeof text !== "string") throw new Error("expected DuckDB to answer a tree");
  // DuckDB's own JSON: what it promises for json_serialize_sql.
  const found = JSON.parse(text) as Serialized;
  if (!found.error) {
    const statements = found.statements ?? [];
    if (statements.length === 1) return { kind: "parsed", tree: statements[0], text };
    return { kind: "count", count: statements.length };
  }
  if (found.error_type !== "parser") return { kind: "no_query" };
  const characters = found.position === undefined ? null : Number(found.position);
  return { kind: "syntax", message: found.error_message ?? "", characters };
}

/**
 * The query without semicolons at its end and what follows them, so that it can stand in brackets.
 * A semicolon is one of those when the text before it means the same as the whole.
 */
async function withoutSemicolon(duckDb: DuckDb, sql: string, whole: Parsed): Promise<string> {
  let query = sql;
  for (let tries = 0; tries < semicolonsMax; tries += 1) {
    const end = query.lastIndexOf(";");
    if (end === -1) return query;
    const shorter = query.slice(0, end);
    const result = await parse(duckDb, shorter);
    if (result.kind !== "parsed" || result.text !== whole.text) return query;
    query = shorter;
  }
  throw manyStatements(semicolonsMax);
}

/** Most semicolons after a statement, those in comments counted. */
const semicolonsMax = 16;

function byteLength(text: string): number {
  return new TextEncoder().encode(text).byteLength;
}

function tooLong(sql: string): HakiriError {
  return usageError(
    "sql_too_long",
    `expected a statement of at most ${statementLengthMax} characters, got ${sql.length}`,
    "put the values into a file, ingest it, and join with its table",
  );
}

function emptyStatement(): HakiriError {
  return usageError(
    "sql_empty",
    "expected an SQL query, got none",
    "type: hakiri query 'SELECT 1'",
  );
}

function manyStatements(count: number): HakiriError {
  return usageError(
    "sql_many",
    `expected one SQL statement, got ${count}`,
    "run them one after the other",
  );
}

function noQuery(sql: string): HakiriError {
  const word = /[a-z]+/iu.exec(sql)?.[0].toUpperCase() ?? "";
  if (word === "PIVOT") {
    return usageError(
      "sql_statement",
      "expected a PIVOT that names the values it makes columns of",
      "name them: PIVOT t ON column IN ('a', 'b') USING sum(x)",
    );
  }
  return usageError(
    "sql_statement",
    `expected a SELECT, or EXPLAIN of one, got ${word === "" ? "another statement" : word}`,
    "tables are read here; they are written by: hakiri ingest, hakiri run",
  );
}

function syntaxError(sql: string, message: string, position: number | null): HakiriError {
  const place = describePlace(sql, position);
  return new HakiriError({
    kind: "Permanent",
    code: "usage.sql",
    message: `Parser Error: ${message}${place.text}`,
    hint: "check the SQL there",
    ...(place.evidence !== null && { evidence: place.evidence }),
  });
}

function refusedFunction(
  sql: string,
  { name, position }: { readonly name: string; readonly position: number | null },
): HakiriError {
  const place = describePlace(sql, position);
  return new HakiriError({
    kind: "Permanent",
    code: "usage.sql_function",
    message: `expected only tables of the store in FROM, got the function '${name}'${place.text}`,
    hint: fileFunction.test(name)
      ? "ingest the file first: hakiri ingest FILE, then query its table"
      : "DuckDB itself has it: duckdb -init .hakiri/views.sql",
    ...(place.evidence !== null && { evidence: place.evidence }),
  });
}
