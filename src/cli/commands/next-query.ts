/** The command that shows a table's first rows, as a shell takes it. */
import { quoteIdentifier } from "../../core/identifier.ts";
import { parseTableName } from "../../core/table-name.ts";

/** Words that DuckDB doesn't take for a table's name unquoted (`duckdb_keywords()`, 1.5). */
const reservedWords: ReadonlySet<string> = new Set(
  (
    "all analyse analyze and any array as asc asymmetric both case cast check collate column " +
    "constraint create default deferrable desc describe distinct do else end except false fetch " +
    "for foreign from grant group having in initially intersect into lambda lateral leading limit " +
    "not null offset on only or order pivot pivot_longer pivot_wider placing primary qualify " +
    "references returning select show some summarize symmetric table then to trailing true union " +
    "unique unpivot using values variadic when where window with anti asof authorization binary " +
    "collation concurrently cross freeze full glob ilike inner is isnull join left like map " +
    "natural notnull outer overlaps positional right semi similar struct tablesample try_cast " +
    "verbose at"
  ).split(" "),
);

/** `hakiri query 'from TABLE limit 10'`, the table as reports name it. */
export function nextQuery(table: string): string {
  const { namespace, name } = parseTableName(table);
  const parts = namespace === "main" ? [name] : [namespace, name];
  const sql = `from ${parts.map(spelled).join(".")} limit 10`;
  return `hakiri query '${sql.replaceAll("'", String.raw`'\''`)}'`;
}

function spelled(name: string): string {
  const isPlain = /^[a-z_][a-z0-9_]*$/u.test(name) && !reservedWords.has(name);
  return isPlain ? name : quoteIdentifier(name);
}
