/** The quickstart's second part: a shop in PostgreSQL, read whole and then by its changes. */
import pg from "pg";
import { startPostgres } from "../servers/embedded-postgres.ts";
import { ask, say, step } from "./steps.ts";

const customers = 1_000;
const orders = 20_000;

const schema = `
CREATE TABLE customers (
  id int PRIMARY KEY, name text NOT NULL, country char(2) NOT NULL, joined_on date NOT NULL);
CREATE TABLE products (id int PRIMARY KEY, name text NOT NULL, price numeric(10,2) NOT NULL);
CREATE TABLE orders (
  id bigint PRIMARY KEY, customer_id int NOT NULL REFERENCES customers, status text NOT NULL,
  total numeric(12,2) NOT NULL, tags text[] NOT NULL, updated_at timestamptz NOT NULL);
CREATE INDEX ON orders (updated_at);
COMMENT ON TABLE orders IS 'one row an order; updated_at changes with every other column';
INSERT INTO customers SELECT i, 'customer ' || i, (ARRAY['DE', 'FR', 'JP', 'KE', 'BR'])[1 + i % 5],
  date '2024-01-01' + i % 700 FROM generate_series(1, ${customers}) i;
INSERT INTO products SELECT i, 'product ' || i, 1 + (i * 37 % 9900) / 100.0
  FROM generate_series(1, 200) i;
INSERT INTO orders SELECT i, 1 + i * 7 % ${customers}, (ARRAY['paid', 'sent', 'open'])[1 + i % 3],
  5 + (i * 131 % 49000) / 100.0, ARRAY['web', 'batch ' || i % 4],
  timestamptz '2026-01-01 00:00Z' + make_interval(mins => i) FROM generate_series(1, ${orders}) i;
`;

const changes = `
UPDATE orders SET status = 'sent', updated_at = '2026-02-01 00:00Z' WHERE id <= 250;
INSERT INTO orders SELECT i, 1 + i % ${customers}, 'open', 42.00, ARRAY['web'],
  timestamptz '2026-02-01 00:00Z' FROM generate_series(${orders + 1}, ${orders + 500}) i;
`;

/** Ingests the shop, changes it, and ingests it again by what has changed. */
export async function ingestShop(project: string): Promise<void> {
  say("A shop in a PostgreSQL of its own: customers, products and orders.");
  const server = await startPostgres();
  const client = new pg.Client({ connectionString: server.url });
  try {
    await client.connect();
    await client.query(schema);
    step(project, ["discover", server.url, "--progress", "none"]);
    say("All of it in one run, as of one moment:");
    step(project, ["ingest", server.url]);
    ask(
      project,
      "SELECT country, count(*) AS orders, sum(total) AS revenue FROM orders " +
        "JOIN customers ON customers.id = customer_id GROUP BY country ORDER BY revenue DESC",
    );
    say("Orders by what has changed since: the first run reads all, by key.");
    const changed = ["--stream", "orders", "--incremental", "updated_at", "--namespace", "live"];
    step(project, ["ingest", server.url, ...changed]);
    say("The shop goes on: 250 orders are sent, 500 are new. Only those are read.");
    await client.query(changes);
    step(project, ["ingest", server.url, ...changed]);
    ask(
      project,
      "SELECT status, count(*) AS orders, max(updated_at) AS newest FROM live.orders " +
        "GROUP BY status ORDER BY status",
    );
    await sameCount(client, project);
  } finally {
    await client.end();
    await server.stop();
  }
}

/** What the shop itself counts. */
async function sameCount(client: pg.Client, project: string): Promise<void> {
  const { rows } = await client.query<{ orders: string }>("SELECT count(*) AS orders FROM orders");
  say(`The shop counts ${rows[0]?.orders} orders; so does the store:`);
  ask(project, "SELECT count(*) AS orders FROM live.orders");
}
