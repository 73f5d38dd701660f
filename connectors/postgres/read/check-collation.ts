/** Refuses texts that are equal for the server though they aren't the same. */
import { quoteIdentifier, usageError, type OpenRequest } from "../../../src/connector.ts";
import type { Relation } from "../discover/find-relations.ts";
import type { ColumnPlan } from "../types/column-plan.ts";
import type { PgConnection } from "../wire/connection.ts";

/**
 * Throws `usage.no_cursor_column` for a column of texts with a collation that isn't deterministic:
 * rows that tie by it can't be told from those that were delivered.
 */
export async function checkCollation(
  connection: PgConnection,
  { from }: Relation,
  { name }: ColumnPlan,
  { signal, stream }: Pick<OpenRequest, "signal" | "stream">,
): Promise<void> {
  const column = `SELECT ${quoteIdentifier(name)} FROM ${from} LIMIT 0`;
  // Of a query's columns the server tells the collation by its name alone.
  const { rows } = await connection.query(
    "SELECT c.collname FROM pg_catalog.pg_collation AS c " +
      "JOIN pg_catalog.pg_namespace AS n ON n.oid = c.collnamespace " +
      "WHERE NOT c.collisdeterministic AND " +
      `pg_catalog.pg_collation_for((${column})) COLLATE pg_catalog."C" IN (pg_catalog.quote_ident(c.collname), ` +
      "pg_catalog.concat(pg_catalog.quote_ident(n.nspname), '.', pg_catalog.quote_ident(c.collname)))",
    signal,
  );
  const collation = rows[0]?.[0] ?? null;
  if (collation === null) return;
  throw usageError(
    "no_cursor_column",
    `expected a collation by which only equal texts tie, to order stream '${stream}' by '${name}', ` +
      `got '${collation}', which isn't deterministic`,
    `take another column, or a query that has ${name} COLLATE "C" AS ${name}`,
  );
}
