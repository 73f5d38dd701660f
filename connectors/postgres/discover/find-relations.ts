/** The streams of a database: chosen tables, and the queries of the settings. */
import {
  quoteIdentifier,
  usageError,
  type HakiriError,
  type StreamDescription,
} from "../../../src/connector.ts";
import { columnPlan, type ColumnPlan } from "../types/column-plan.ts";
import type { TypeSettings } from "../types/type-settings.ts";
import { readTypes, typesQuery, type PgType } from "../types/pg-type.ts";
import type { PgConnection } from "../wire/connection.ts";
import { chooseTables, type Choice } from "./choose-tables.ts";
import { describeQuery } from "./describe-query.ts";
import { listTables, type RelationKind, type TableColumn } from "./list-tables.ts";

/** What can be read as one stream. */
export interface Relation {
  readonly description: StreamDescription;
  /** What stands after FROM. */
  readonly from: string;
  readonly kind: RelationKind | "query";
  readonly columns: readonly ColumnPlan[];
  /** Columns that an index begins with. */
  readonly indexed: readonly string[];
}

/** What the settings say about streams. */
export interface StreamSettings extends Choice {
  /** SQL by stream name. */
  readonly queries: Readonly<Record<string, string>>;
  readonly types: TypeSettings;
}

/** Where notices go. */
export interface FindContext {
  readonly signal: AbortSignal;
  readonly notice?: (text: string) => void;
}

/** A relation before its columns' types are known. */
interface Untyped extends Omit<Relation, "description" | "columns"> {
  readonly stream: string;
  readonly bareName: string;
  readonly namespace: string | null;
  readonly isOptional: boolean;
  readonly comment: string;
  readonly primaryKey: readonly string[];
  readonly columns: readonly TableColumn[];
}

/**
 * Finds every stream, by name. Throws what `chooseTables` and the connection throw, and
 * `usage.same_stream` for a query that is called like a table.
 */
export async function findRelations(
  connection: PgConnection,
  settings: StreamSettings,
  { signal, notice }: FindContext,
): Promise<ReadonlyMap<string, Relation>> {
  const untyped = [
    ...(await tablesOf(connection, settings, { signal, ...(notice ? { notice } : {}) })),
    ...(await queriesOf(connection, settings, signal)),
  ];
  const types = await typesOf(connection, untyped, signal);
  const relations = new Map<string, Relation>();
  for (const each of untyped) {
    if (relations.has(each.stream)) throw sameStream(each.stream);
    relations.set(each.stream, typed(each, types, settings.types));
  }
  return relations;
}

/** Where nothing but queries is asked for, tables are read only where they are named. */
async function tablesOf(
  connection: PgConnection,
  settings: StreamSettings,
  { signal, notice }: FindContext,
): Promise<readonly Untyped[]> {
  const { schemas, tables, queries } = settings;
  const isBeside = Object.keys(queries).length > 0 && schemas.length + tables.length === 0;
  const chosen = chooseTables(await listTables(connection, signal), settings);
  // What is named is told when it is read: leaving it out would be a surprise. One that may be read
  // in part is, where it is named with its columns.
  const inPart = chosen.filter(({ table }) => tables.length === 0 && !table.isWhole);
  if (inPart.length > 0 && !isBeside) notice?.(leftOut(inPart.map(({ stream }) => stream)));
  return chosen
    .filter(({ stream }) => !isBeside || !Object.hasOwn(queries, stream))
    .map((one) => {
      const { stream, table } = one;
      return {
        ...table,
        stream,
        bareName: table.name,
        namespace: table.schema,
        isOptional: one.isOptional || isBeside || inPart.includes(one),
        from: `${quoteIdentifier(table.schema)}.${quoteIdentifier(table.name)}`,
      };
    });
}

function leftOut(streams: readonly string[]): string {
  const shown = streams.slice(0, 5).join(", ");
  const more = streams.length > 5 ? ` and ${streams.length - 5} more` : "";
  return `left out, since the user may not SELECT all of them: ${shown}${more}`;
}

async function queriesOf(
  connection: PgConnection,
  { queries }: StreamSettings,
  signal: AbortSignal,
): Promise<readonly Untyped[]> {
  const found: Untyped[] = [];
  for (const [stream, sql] of Object.entries(queries)) {
    const from = `(${oneStatement(stream, sql)}\n) AS q`;
    const { fields } = await describeQuery(
      connection,
      { stream, sql: `SELECT * FROM ${from} LIMIT 0` },
      signal,
    );
    found.push({
      stream,
      bareName: stream,
      namespace: null,
      isOptional: false,
      comment: "",
      from,
      kind: "query",
      primaryKey: [],
      indexed: [],
      columns: fields.map(({ name, typeOid, typmod }) => {
        return { name, typeOid, typmod, dimensions: 0, nullable: true };
      }),
    });
    checkNames(stream, fields);
  }
  return found;
}

/** Without the semicolon that people end statements with. */
function oneStatement(stream: string, sql: string): string {
  const text = sql.trim().replace(/;\s*$/u, "");
  if (text !== "") return text;
  throw usageError(
    "invalid_config",
    `expected a SELECT as the query of stream '${stream}', got an empty text`,
    `write source.queries.${stream} = "SELECT ..."`,
  );
}

function checkNames(stream: string, fields: readonly { readonly name: string }[]): void {
  const seen = new Set<string>();
  for (const { name } of fields) {
    if (!seen.has(name) && name !== "?column?") {
      seen.add(name);
      continue;
    }
    throw usageError(
      "unnamed_column",
      `expected a name of its own for each column of the query of stream '${stream}', ` +
        `got '${name}'${seen.has(name) ? " twice" : ""}`,
      "give the column a name: SELECT ... AS name",
    );
  }
}

function sameStream(stream: string): HakiriError {
  return usageError(
    "same_stream",
    `expected a name for the query that no table has, got '${stream}'`,
    "call the query otherwise, or leave the table out with exclude",
  );
}

async function typesOf(
  connection: PgConnection,
  untyped: readonly Untyped[],
  signal: AbortSignal,
): Promise<ReadonlyMap<number, PgType>> {
  const oids = new Set(untyped.flatMap(({ columns }) => columns.map(({ typeOid }) => typeOid)));
  if (oids.size === 0) return new Map();
  const { rows } = await connection.query(typesQuery([...oids]), signal);
  return readTypes(rows);
}

function typed(
  untyped: Untyped,
  types: ReadonlyMap<number, PgType>,
  settings: TypeSettings,
): Relation {
  const { stream, bareName, namespace, isOptional, comment, primaryKey, ...rest } = untyped;
  const columns = untyped.columns.map((column) => columnPlan(column, types, settings));
  return {
    ...rest,
    columns,
    description: {
      stream,
      bareName,
      isOptional,
      namespace,
      schema: { fields: columns.map(({ field }) => field), primaryKey },
      disposition: "replace",
      hasFiles: false,
      cursorColumns: columns.filter(({ isOrdered }) => isOrdered).map(({ name }) => name),
      comment,
    },
  };
}
