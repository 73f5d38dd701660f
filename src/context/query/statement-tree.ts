/**
 * What a parsed statement names: tables, functions in FROM, and whether it asks about the catalog.
 * The tree is the JSON of DuckDB's `json_serialize_sql`, of which only the members below are known
 * here; all others are walked through.
 */
import type { TableReference } from "./protocol.ts";

/** What a statement names. */
export interface NamedInStatement {
  /** Each table once, those that the statement defines itself (CTEs) left out. */
  readonly tables: readonly TableReference[];
  /** Functions that stand where a table does, in lower case, each once, with where it stands. */
  readonly functions: readonly { readonly name: string; readonly position: number | null }[];
  readonly listsTables: boolean;
}

/** DuckDB's tables, views and functions that tell what there is. */
const catalogName = /^(?:duckdb_\w+|pg_\w+|pragma_\w+|sqlite_(?:master|schema))$/iu;
const catalogSchema = /^(?:information_schema|pg_catalog)$/iu;

type Node = Readonly<Record<string, unknown>>;

/** Walks the tree of one statement. */
export function namedIn(tree: unknown): NamedInStatement {
  const tables = new Map<string, TableReference>();
  const functions = new Map<string, { name: string; position: number | null }>();
  const defined = new Set<string>();
  let listsTables = false;
  // A list of what is left rather than a recursion: statements may be nested deeply.
  const left: unknown[] = [tree];
  for (let value = left.pop(); value !== undefined; value = left.pop()) {
    if (Array.isArray(value)) left.push(...(value as readonly unknown[]));
    if (!isNode(value)) continue;
    left.push(...Object.values(value));
    for (const name of cteNames(value)) defined.add(name.toLowerCase());
    if (value["type"] === "SHOW_REF") listsTables ||= value["query"] === undefined;
    if (value["type"] === "TABLE_FUNCTION") {
      const name = functionName(value);
      listsTables ||= catalogName.test(name);
      if (!functions.has(name)) functions.set(name, { name, position: positionOf(value) });
    }
    if (value["type"] === "BASE_TABLE") {
      const table = tableOf(value);
      if (isCatalogTable(table)) listsTables = true;
      else tables.set(JSON.stringify([table.namespace, table.name]), table);
    }
  }
  return {
    tables: [...tables.values()].filter(
      ({ namespace, name }) => namespace !== "" || !defined.has(name.toLowerCase()),
    ),
    functions: [...functions.values()],
    listsTables,
  };
}

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function cteNames(node: Node): readonly string[] {
  const map = node["cte_map"];
  const entries = isNode(map) ? map["map"] : undefined;
  if (!Array.isArray(entries)) return [];
  return (entries as readonly unknown[]).map((entry) => textOf(isNode(entry) ? entry["key"] : ""));
}

function functionName(node: Node): string {
  const called = node["function"];
  return isNode(called) ? textOf(called["function_name"]).toLowerCase() : "";
}

function tableOf(node: Node): TableReference {
  return {
    namespace: textOf(node["schema_name"]),
    name: textOf(node["table_name"]),
    position: positionOf(node),
  };
}

function isCatalogTable({ namespace, name }: TableReference): boolean {
  return catalogSchema.test(namespace) || (namespace === "" && catalogName.test(name));
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** DuckDB says 2^64 - 1 where it doesn't know. */
function positionOf(node: Node): number | null {
  const position = node["query_location"];
  return typeof position === "number" && Number.isSafeInteger(position) ? position : null;
}
