/** Rows of a real server, cut at every byte of their messages, are the rows that come whole. */
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  startPostgres,
  type EmbeddedPostgres,
} from "../../../../scripts/servers/embedded-postgres.ts";
import type { PgConnection } from "../../../../connectors/postgres/wire/connection.ts";
import {
  copyBytes,
  copyOf,
  decodeAll,
  openSession,
  plansOf,
  type Readable,
} from "./read-from-server.ts";

let server: EmbeddedPostgres;
let client: PgConnection;
beforeAll(async () => {
  server = await startPostgres();
  client = await openSession(server);
});
afterAll(async () => {
  await client.close();
  await server.stop();
});

const everyType: Readable = {
  query: `SELECT i AS id, i % 2 = 0 AS flag, i::int2 AS small, i * 1e10::int8 AS big, i / 3.0::float8 AS f,
    i::float4 AS g, (i * 1.25)::numeric(20, 4) AS price, (i / 7.0)::numeric AS ratio,
    (12345678901234567890 * i)::numeric(38, 10) AS wide, 'row ' || i || ' äöü 😀' AS name,
    '\\xdeadbeef'::bytea AS raw, date '2020-01-01' + i AS day, time '12:34:56' AS clock,
    timestamp '2020-01-01' AS at, timestamptz 'infinity' AS ends, interval '1 day' AS step,
    md5(i::text)::uuid AS key, jsonb_build_object('i', i) AS doc, array[i, NULL, i + 1] AS ints,
    array['a', NULL, 'ü'] AS texts, array[1.5, NULL]::numeric(8, 2)[] AS prices,
    inet '10.0.0.1' AS host, NULL::text AS nothing, int4range(1, i + 2) AS span
    FROM generate_series(1, 3) AS i`,
};

test("a row of every type, cut in two at every byte", async () => {
  const plans = await plansOf(client, everyType);
  const bytes = await copyBytes(client, copyOf(everyType, plans));
  const whole = decodeAll(plans, [bytes]);
  expect(bytes.byteLength).toBeGreaterThan(1000);
  for (let at = 0; at <= bytes.byteLength; at += 1) {
    const cut = decodeAll(plans, [bytes.subarray(0, at), bytes.subarray(at)]);
    expect(cut, `cut at ${at}`).toEqual(whole);
  }
  const single = Array.from(bytes, (byte) => Uint8Array.of(byte));
  expect(decodeAll(plans, single)).toEqual(whole);
});

test("a row of more than 64 KB, cut in two around the ends of its values", async () => {
  const large: Readable = {
    query: `SELECT 1 AS id, repeat('ä', 40000) AS text, array[repeat('b', 70000), NULL, 'c'] AS texts,
      repeat('9', 60000)::numeric AS digits, jsonb_build_array(repeat('d', 66000)) AS doc, 2 AS last`,
  };
  const plans = await plansOf(client, large);
  const bytes = await copyBytes(client, copyOf(large, plans));
  const whole = decodeAll(plans, [bytes]);
  // 19 bytes of header, then the lengths of all values and where they end.
  const edges = [19, 31, 80_035, 150_000, 180_000, 250_000, 316_000, bytes.byteLength];
  const near = edges.flatMap((edge) => Array.from({ length: 80 }, (_, index) => edge - 40 + index));
  const spread = Array.from({ length: 100 }, (_, index) => index * 3163);
  for (const at of [...near, ...spread]) {
    const cut = decodeAll(plans, [bytes.subarray(0, at), bytes.subarray(at)]);
    if (!areSame(cut, whole)) throw new Error(`cut at ${at}`);
  }
});

/** `toEqual` looks at each byte by itself, which takes a second for a megabyte. */
function areSame(left: ReturnType<typeof decodeAll>, right: ReturnType<typeof decodeAll>): boolean {
  const bytesOf = (batches: typeof left): Uint8Array[] =>
    batches.flatMap(({ columns }) =>
      columns.flatMap(({ values, children }) => [values, ...children.map((it) => it.values)]),
    );
  const others = bytesOf(right);
  const own = bytesOf(left);
  return (
    own.length === others.length &&
    own.every((it, at) => Buffer.compare(it, others[at] ?? it) === 0)
  );
}
