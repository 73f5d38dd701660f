/** The tables and views of a database, as its system catalog has them. */
import { z } from "zod";
import type { PgConnection } from "../wire/connection.ts";

/** What a relation is: an ordinary, partitioned or foreign table, or a view of either kind. */
export type RelationKind = "table" | "partitioned" | "foreign" | "view" | "materialized_view";

/** A column as `pg_attribute` has it. */
export interface TableColumn {
  readonly name: string;
  readonly typeOid: number;
  readonly typmod: number;
  /** As declared; the server holds no value to it. */
  readonly dimensions: number;
  readonly nullable: boolean;
}

/** A table or view. */
export interface Table {
  readonly schema: string;
  readonly name: string;
  readonly kind: RelationKind;
  readonly comment: string;
  readonly columns: readonly TableColumn[];
  /** In the key's order; empty without one, and where rows of other tables are among its own. */
  readonly primaryKey: readonly string[];
  /** Columns that a whole, valid btree index begins with. */
  readonly indexed: readonly string[];
  /** Whether the user may read all of its columns. */
  readonly isWhole: boolean;
}

/**
 * Partitions are read through their table; the server's own schemas are nobody's data. A key holds
 * for the rows of a table alone: one that others inherit from has none. Functions have their schema
 * before them, since one that a user made for the very types would be taken instead.
 */
const tablesSql = `SELECT n.nspname, c.relname, c.relkind::pg_catalog.text,
  coalesce(pg_catalog.obj_description(c.oid, 'pg_class'), ''),
  coalesce((SELECT pg_catalog.json_agg(pg_catalog.json_build_array(a.attname,
      a.atttypid::pg_catalog.int8, a.atttypmod, a.attndims, NOT a.attnotnull) ORDER BY a.attnum)
    FROM pg_catalog.pg_attribute a
    WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped), '[]')::pg_catalog.text,
  coalesce((SELECT pg_catalog.json_agg(a.attname ORDER BY k.place)
    FROM pg_catalog.pg_index i
    CROSS JOIN LATERAL pg_catalog.unnest(i.indkey::pg_catalog.int2[])
      WITH ORDINALITY AS k(attnum, place)
    JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.attnum
    WHERE i.indrelid = c.oid AND i.indisprimary AND k.place <= i.indnkeyatts
      AND (c.relkind = 'p' OR NOT EXISTS (
        SELECT FROM pg_catalog.pg_inherits h WHERE h.inhparent = c.oid))
    ), '[]')::pg_catalog.text,
  coalesce((SELECT pg_catalog.json_agg(DISTINCT a.attname)
    FROM pg_catalog.pg_index i
    JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid
    JOIN pg_catalog.pg_am m ON m.oid = x.relam AND m.amname = 'btree'
    JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum = i.indkey[0]
    WHERE i.indrelid = c.oid AND i.indisvalid AND i.indpred IS NULL), '[]')::pg_catalog.text,
  pg_catalog.has_schema_privilege(n.oid, 'USAGE')
    AND (pg_catalog.has_table_privilege(c.oid, 'SELECT') OR NOT EXISTS (
      SELECT FROM pg_catalog.pg_attribute a
      WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        AND NOT pg_catalog.has_column_privilege(c.oid, a.attnum, 'SELECT')))
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'f', 'v', 'm') AND NOT c.relispartition
  AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
ORDER BY n.nspname, c.relname`;

const kinds = new Map<string, RelationKind>([
  ["r", "table"],
  ["p", "partitioned"],
  ["f", "foreign"],
  ["v", "view"],
  ["m", "materialized_view"],
]);

const columns = z.array(z.tuple([z.string(), z.number(), z.number(), z.number(), z.boolean()]));
const names = z.array(z.string());

/** Lists them by schema and name. Throws what the connection throws. */
export async function listTables(
  connection: PgConnection,
  signal: AbortSignal,
): Promise<readonly Table[]> {
  const { rows } = await connection.query(tablesSql, signal);
  return rows.map(([schema, name, kind, comment, columnList, key, indexed, isWhole]) => {
    const known = kinds.get(kind ?? "");
    if (known === undefined) throw new Error(`expected a table of pg_class, got a ${kind}`);
    return {
      schema: schema ?? "",
      name: name ?? "",
      kind: known,
      comment: comment ?? "",
      columns: columns.parse(JSON.parse(columnList ?? "[]")).map(toColumn),
      primaryKey: names.parse(JSON.parse(key ?? "[]")),
      indexed: names.parse(JSON.parse(indexed ?? "[]")),
      isWhole: isWhole === "t",
    };
  });
}

function toColumn([name, typeOid, typmod, dimensions, nullable]: z.output<
  typeof columns
>[number]): TableColumn {
  return { name, typeOid, typmod, dimensions, nullable };
}
