/** The SQL of a shop: its tables at version 0, how it gets to the next one, and its churn. */
import { sumsSql } from "./shop.ts";

const tables = `
CREATE TABLE accounts (id bigint PRIMARY KEY, amount bigint NOT NULL, filler text);
CREATE TABLE mirror (id bigint, amount bigint);
CREATE TABLE stamp (accounts bigint, total numeric(38, 0), weighted numeric(38, 0));
CREATE TABLE events (at timestamptz NOT NULL DEFAULT now(), kind text, n int, payload jsonb);
CREATE INDEX ON events (at);
CREATE TABLE ledger (id bigint PRIMARY KEY, amount numeric(12, 2), note text);
CREATE TABLE orders (id bigint PRIMARY KEY, changed timestamptz NOT NULL DEFAULT now(),
  total numeric(12, 2), gone boolean, tags text[]);
CREATE INDEX ON orders (changed);
CREATE TABLE rates (code text, rate numeric, fine numeric(30, 10), half float8, at timestamptz,
  day date, days int[], ref uuid);
-- No stream.
CREATE TABLE state (version int NOT NULL);
CREATE TABLE noted (version int, stream text, sums text);
INSERT INTO state VALUES (0);
INSERT INTO stamp VALUES (0, 0, 0);
`;

/** Of the whole shop: what \`stamp\` says is what the other two hold. */
const stamp = `
CREATE FUNCTION put_stamp() RETURNS void LANGUAGE sql AS $$
  UPDATE stamp SET (accounts, total, weighted) = (SELECT count(*), sum(amount), sum(id * amount)
    FROM accounts);
$$;
`;

const advance = `
CREATE FUNCTION advance(v int) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  -- Of the first version there is more to read.
  more int := CASE v WHEN 1 THEN 5 ELSE 1 END;
  moment timestamptz := timestamptz '2026-01-01 00:00:00+00' + v * interval '1 hour';
BEGIN
  IF (SELECT version FROM state) <> v - 1 THEN RETURN; END IF;

  -- At the edge of what was read before: rows like those there, and one more.
  INSERT INTO events SELECT * FROM events WHERE at = (SELECT max(at) FROM events);
  INSERT INTO events SELECT max(at), 'edge', v, NULL FROM events HAVING max(at) IS NOT NULL;
  INSERT INTO events
    SELECT moment + (i / 7) * interval '1 s', 'kind ' || i / 2 % 5, nullif(i / 2 % 11, 3),
      jsonb_build_object('i', i / 2, 'v', v, 'of', repeat('é', i / 2 % 50))
    FROM generate_series(1, 180 * more) AS i;

  INSERT INTO ledger
    SELECT (SELECT coalesce(max(id), 0) FROM ledger) + i, (i * v % 100000) / 100.0,
      CASE WHEN i % 13 > 0 THEN md5(v || '/' || i) || '😀' END
    FROM generate_series(1, 150 * more) AS i;

  UPDATE orders SET changed = moment + (id % 40) * interval '1 s', total = total + 1,
    gone = id % 9 = 0, tags = tags || v::text WHERE id % 5 = v % 5;
  INSERT INTO orders
    SELECT (SELECT coalesce(max(id), 0) FROM orders) + i, moment + (i % 60) * interval '1 s',
      i / 100.0, false, CASE i % 3 WHEN 0 THEN '{}' WHEN 1 THEN ARRAY[NULL, 'a,"b"'] END
    FROM generate_series(1, 120 * more) AS i;

  DELETE FROM rates WHERE hashtext(code || v) % 3 = 0;
  INSERT INTO rates
    SELECT v || '/' || i, (i * 7 + v)::numeric / 1024 * 10 ^ (i % 30 - 15), i / 7.0, i / 2.0,
      CASE WHEN i % 6 > 0 THEN moment + i * interval '1 us' END, date '1969-12-01' + i,
      CASE WHEN i % 5 > 0 THEN ARRAY[i, NULL, -v] END, md5(v || '-' || i)::uuid
    FROM generate_series(1, 100 * more) AS i;

  DELETE FROM accounts WHERE id % 17 = v % 17;
  UPDATE accounts SET amount = amount + id % 100 - 50, filler = repeat('y', (id % 200)::int)
    WHERE id % 3 = v % 3;
  INSERT INTO accounts
    SELECT (SELECT coalesce(max(id), 0) FROM accounts) + i, i, repeat('x', 150)
    FROM generate_series(1, 160 * more) AS i;
  DELETE FROM mirror;
  INSERT INTO mirror SELECT id, amount FROM accounts;
  PERFORM put_stamp();

  UPDATE state SET version = v;
  INSERT INTO noted SELECT v, * FROM (${sumsSql("postgres")}) AS all_sums;
END
$$;
`;

/**
 * One transaction of a writer, which no number of the same kind was given to before. What it writes
 * for cursors is of the moment it began, and is committed later than what others begin meanwhile.
 */
const churn = `
CREATE SEQUENCE event_ids;
CREATE SEQUENCE order_ids START 1000000;
CREATE FUNCTION churn(seed int, pause_seconds float8) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO events
    SELECT now(), 'churn', seed, to_jsonb(nextval('event_ids'))
    FROM generate_series(1, 1 + seed % 5);
  INSERT INTO orders SELECT nextval('order_ids'), now(), seed % 1000, false, NULL
    FROM generate_series(1, seed % 4);
  UPDATE orders SET changed = now(), total = total + 1, gone = NOT gone
    WHERE id % 89 = seed % 89;
  PERFORM pg_sleep(pause_seconds);

  PERFORM pg_advisory_xact_lock(1);
  DELETE FROM accounts WHERE id % 41 = seed % 41;
  DELETE FROM mirror WHERE id % 41 = seed % 41;
  -- Rows of another length don't stay on their pages.
  UPDATE accounts SET amount = amount + seed % 100, filler = repeat('z', (id * seed % 400)::int)
    WHERE id % 13 = seed % 13;
  UPDATE mirror SET amount = amount + seed % 100 WHERE id % 13 = seed % 13;
  INSERT INTO accounts
    SELECT (SELECT max(id) FROM accounts) + i, seed % 1000, repeat('n', 150)
    FROM generate_series(1, 25) AS i;
  DELETE FROM mirror WHERE id NOT IN (SELECT id FROM accounts);
  -- Reaches into snapshots that are older: there the table is empty from now on.
  IF seed % 150 = 0 THEN TRUNCATE mirror; END IF;
  INSERT INTO mirror SELECT id, amount FROM accounts WHERE id NOT IN (SELECT id FROM mirror);
  PERFORM put_stamp();
END
$$;
`;

/** All of it, in one piece. */
export const shopSchema = tables + stamp + advance + churn;
