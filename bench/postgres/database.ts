// The database of lane `postgres`: a server of its own, with tables like those of a shop and of
// pgbench, warm and vacuumed.

import pg from "pg";

import { type EmbeddedPostgres, startPostgres } from "../../scripts/servers/embedded-postgres.ts";

/** Rows of each table. */
export const ROWS = { mixed: 3_000_000, accounts: 3_000_000, wide: 1_000_000, big: 10_000_000 };

/** A table of the lane. */
export type TableName = keyof typeof ROWS;

/** Alike in type, spread and length to `mixedRowsSql`, made by the server. */
const MIXED =
  "i::bigint AS id, ((hashint8(i) & 1048575) / 100.0)::numeric(12,2) AS amount, " +
  "((hashint8(i * 3) & 131071) / 7.0)::float8 AS rate, " +
  "'customer ' || (hashint8(i * 7) & 131071) AS customer, " +
  "timestamptz '2020-01-01Z' + make_interval(secs => i) AS placed_at, i % 3 = 0 AS is_paid, " +
  "CASE WHEN i % 5 = 0 THEN NULL ELSE (i % 1000)::int END AS quantity";

/** pgbench_accounts, as `pgbench -i` makes it. */
const ACCOUNTS =
  "i::int AS aid, (i / 100000 + 1)::int AS bid, 0 AS abalance, repeat(' ', 84)::char(84) AS filler";

const WIDE =
  "i::bigint AS id, md5(i::text)::uuid AS token, " +
  "jsonb_build_object('sku', 'sku-' || i % 1000, 'quantity', i % 7, 'tags', jsonb_build_array('a', i % 3)) AS item, " +
  "jsonb_build_object('ip', '10.0.0.' || i % 250, 'agent', 'agent ' || i % 50) AS request, " +
  "ARRAY[i % 10, i % 20, i % 30]::int[] AS scores, ARRAY['tag ' || i % 5, 'tag ' || i % 9]::text[] AS tags, " +
  "'first ' || i % 5000 AS first_name, 'last ' || i % 9000 AS last_name, " +
  "'user' || i || '@example.com' AS email, 'street ' || i % 777 || ', number ' || i % 99 AS address, " +
  "'city ' || i % 300 AS city, 'DE' AS country, repeat('words of a note ', 1 + (i % 6)::int) AS note, " +
  "date '2020-01-01' + (i % 2000)::int AS born, timestamptz '2024-01-01Z' + make_interval(secs => i) AS made_at, " +
  "timestamp '2024-01-01' + make_interval(secs => i * 2) AS changed_at, (i % 100000)::numeric(14,4) / 3 AS price, " +
  "(i % 1000) / 3.0::float8 AS score, i % 2 = 0 AS is_active, (i % 32000)::smallint AS grade";

const SELECTS: Readonly<Record<TableName, string>> = {
  mixed: MIXED,
  accounts: ACCOUNTS,
  wide: WIDE,
  big: MIXED,
};

/** Starts a server and fills it with these tables. */
export async function startDatabase(
  tables: readonly TableName[],
  progress: (text: string) => void,
): Promise<EmbeddedPostgres> {
  const server = await startPostgres({
    settings: {
      shared_buffers: "2GB",
      max_wal_size: "8GB",
      wal_level: "minimal",
      max_wal_senders: 0,
    },
  });
  try {
    const client = new pg.Client({ connectionString: server.url });
    await client.connect();
    for (const table of tables) {
      progress(`making ${table}: ${ROWS[table]} rows`);
      await client.query(
        `CREATE TABLE ${table} AS SELECT ${SELECTS[table]} FROM generate_series(1, ${ROWS[table]}) i`,
      );
      const key = table === "accounts" ? "aid" : "id";
      await client.query(`ALTER TABLE ${table} ADD PRIMARY KEY (${key})`);
      await client.query(`VACUUM (FREEZE, ANALYZE) ${table}`);
    }
    await client.query("CHECKPOINT");
    await client.end();
    return server;
  } catch (error) {
    await server.stop();
    throw error;
  }
}
