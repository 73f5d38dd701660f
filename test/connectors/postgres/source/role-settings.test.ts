/** Sources that are made of settings, as users whose own settings on the server are odd. */
import { expect, test } from "vitest";
import { postgresSource } from "../../../../connectors/postgres/open-source.ts";
import { systemClock } from "../../../../src/platform/system-clock.ts";
import { systemRandom } from "../../../../src/platform/system-random.ts";
import { databaseForEach, readAll, requestOf } from "./database.ts";
import { Follower } from "./follower.ts";

const database = databaseForEach();
const { sql } = database;

const oddSettings = [
  "standard_conforming_strings = off",
  "search_path = nowhere, pg_catalog",
  "DateStyle = 'SQL, DMY'",
  "TimeZone = 'Asia/Tokyo'",
  "extra_float_digits = -15",
  "bytea_output = escape",
  "client_encoding = latin1",
  "default_transaction_isolation = 'read committed'",
  "statement_timeout = '1ms'",
];

function sourceAs(user: string) {
  return postgresSource({
    settings: {
      host: database.server.host,
      port: database.server.port,
      database: "postgres",
      user,
    },
    project: "/",
    environment: {},
    home: null,
    clock: systemClock,
    random: systemRandom,
  });
}

test("texts of values are values, whatever a role's settings make of backslashes", async () => {
  const odd = "odd'\\role";
  const quoted = `"${odd}"`;
  await sql(`CREATE ROLE ${quoted} LOGIN SUPERUSER`);
  for (const setting of oddSettings) await sql(`ALTER ROLE ${quoted} SET ${setting}`);
  await sql("CREATE TABLE t (id int, at text NOT NULL)");
  await sql(`CREATE TABLE "a'\\b" (d date, f float8, t text)`);
  await sql(`INSERT INTO "a'\\b" VALUES ('2026-02-03', 0.1, 'é')`);
  const values = ["\\", "\\' OR true --", "\\'; SELECT 1/0; --", "\\\\"];
  const source = sourceAs(odd);
  const follower = new Follower(source, { incremental: "at" });
  const counts: number[] = [];
  for (const [id, value] of values.entries()) {
    await database.client.query("INSERT INTO t VALUES ($1, $2)", [id, value]);
    counts.push((await follower.read()).rows.length, (await follower.read()).rows.length);
  }
  expect(counts).toEqual(values.flatMap(() => [1, 0]));
  const { rows } = await readAll(source, requestOf("a'\\b"));
  expect(rows).toEqual(['{"d":"2026-02-03","f":0.1,"t":"é"}']);
  await source.close();
  await sql(`DROP ROLE ${quoted}`);
});
