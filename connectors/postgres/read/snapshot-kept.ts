/**
 * Whether the tables of a read still have the rows of its snapshot. A table that was written anew
 * since (TRUNCATE, an ALTER TABLE that rewrites) keeps none of them, one that took another's place
 * may have a part of them, and after VACUUM FULL or CLUSTER they are on other pages, so that ranges
 * of pages would miss some and meet others twice.
 *
 *   N1. The relations are locked before they are looked at, as the read itself locks them, and
 *       until its transaction ends: what was found stays so.
 *   N2. What a relation was is told by the system catalog as the snapshot sees it, what it is now
 *       by functions that go past the snapshot.
 */
import { HakiriError } from "../../../src/connector.ts";
import type { Relation } from "../discover/find-relations.ts";
import type { PgConnection } from "../wire/connection.ts";

/** N2, of every relation that the transaction has locked; indexes hold no rows of their own. */
const changedSql = `WITH locked AS (
  SELECT relation FROM pg_catalog.pg_locks
  WHERE locktype = 'relation' AND pid = pg_catalog.pg_backend_pid() AND database = (
    SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database()
  ) AND pg_catalog.pg_index_has_property(relation, 'clusterable') IS NULL
)
SELECT l.relation::regclass::text FROM locked l
LEFT JOIN pg_catalog.pg_class c ON c.oid = l.relation
LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.oid IS NULL
  OR c.relkind IN ('r', 'm') AND c.relfilenode <> 0
    AND c.relfilenode IS DISTINCT FROM pg_catalog.pg_relation_filenode(c.oid)
  OR l.relation::regclass::text NOT IN (
    quote_ident(c.relname), quote_ident(n.nspname) || '.' || quote_ident(c.relname)
  )`;

/** Partitions that are gone; where a query leaves some out itself they aren't locked either. */
const missingSql = `
UNION ALL SELECT i.inhparent::regclass::text FROM locked l
JOIN pg_catalog.pg_inherits i ON i.inhparent = l.relation
WHERE i.inhrelid NOT IN (SELECT relation FROM locked)`;

/**
 * Locks what a read reads, and checks that it is as the transaction's snapshot has it. Throws
 * Transient `postgres.snapshot_lost`, and what the server says of a relation that it can't read.
 */
export async function checkSnapshotKept(
  connection: PgConnection,
  { from, kind }: Pick<Relation, "from" | "kind">,
  signal: AbortSignal,
): Promise<void> {
  const isWhole = kind === "table" || kind === "partitioned";
  // N1: no row is asked for, and the locks are there.
  const { rows } = await connection.query(
    `SELECT FROM ${from} LIMIT 0; ${changedSql}${isWhole ? missingSql : ""} LIMIT 1`,
    signal,
  );
  const changed = rows[0]?.[0] ?? null;
  if (changed === null) return;
  throw new HakiriError({
    kind: "Transient",
    code: "postgres.snapshot_lost",
    message:
      `expected ${changed} as it was when the run's snapshot was taken, but since then it was ` +
      "written anew or took another table's place (TRUNCATE, ALTER TABLE, VACUUM FULL, RENAME)",
    hint: "run it again at another time than what rewrites the table",
  });
}
