/** Values at the edges of each type that can order a read, and types that can't. */
import { describe, expect, test } from "vitest";
import { databaseForEach, readAll, requestOf, sourceOf } from "./database.ts";
import { Follower } from "./follower.ts";
import { refusalOf } from "../wire/connect-to.ts";

const database = databaseForEach();
const { sql } = database;

const moments = [
  "-infinity",
  "4713-01-01 00:00:00 BC",
  "0044-03-15 01:02:03.000001 BC",
  "0001-12-31 23:59:59.999999 BC",
  "0001-01-01 00:00:00",
  "1969-12-31 23:59:59.999999",
  "2026-01-01 00:00:00.123456",
  "10000-01-01 00:00:00",
  "294246-12-31 23:59:59.999999",
];

const edges: Readonly<Record<string, readonly string[]>> = {
  int2: ["-32768", "-1", "0", "32767"],
  int4: ["-2147483648", "0", "2147483647"],
  int8: ["-9223372036854775808", "-1", "9223372036854775807"],
  oid: ["0", "1", "2147483648", "4294967295"],
  "numeric(38,10)": [`-${"9".repeat(28)}.9999999999`, "-1.5", "-0.0000000001", "0", "9".repeat(28)],
  date: [
    "-infinity",
    "4713-01-01 BC",
    "0001-12-31 BC",
    "0001-01-01",
    "10000-01-01",
    "5874897-12-31",
  ],
  timestamp: moments,
  timestamptz: moments.map((text) =>
    text === "-infinity" ? text : text.replace(/( BC|)$/u, "Z$1"),
  ),
  text: ["", " ", "+012345-01-01", "0000-01-01", "a", "A", "á", "\\", "\\'", "'", "a\nb", "zz 😀"],
  "varchar(9)": ["", "a", "a ", "B"],
  "char(5)": ["", "a", "A", "a b"],
  name: ["", "a", "A b"],
  uuid: ["00000000-0000-0000-0000-000000000000", "A189d7a0-0000-7000-8000-000000000000"],
};

describe.each(Object.entries(edges))("by a column of %s at its edges", (type, values) => {
  test.each([
    ["with an index and a key", "int primary key", true],
    ["with neither", "int", false],
  ])("each row is read once, %s", async (_, id, isIndexed) => {
    await sql(`CREATE TABLE t (id ${id}, at ${type} NOT NULL)`);
    if (isIndexed) await sql("CREATE INDEX ON t (at)");
    const { rows: ordered } = await database.client.query<{ text: string }>(
      `SELECT v::text AS text FROM unnest($1::text[]::${type}[]) AS v ORDER BY v`,
      [values],
    );
    const source = sourceOf(database.server);
    const follower = new Follower(source, { incremental: "at" });
    const counts: number[] = [];
    let next = 0;
    for (const value of ordered.flatMap(({ text }) => [text, text])) {
      const number = id === "int" ? 7 : (next += 1);
      await database.client.query("INSERT INTO t VALUES ($1, $2)", [number, value]);
      counts.push((await follower.read()).rows.length, (await follower.read()).rows.length);
    }
    expect(counts).toEqual(ordered.flatMap(() => [1, 0, 1, 0]));
    await source.close();
  });
});

describe("a column whose order or texts aren't those that are stored", () => {
  const others = [
    "citext",
    "money",
    "bit(3)",
    "timetz",
    "point",
    "xml",
    "tsvector",
    "bpchar",
    "pg_lsn",
  ];

  test.each(others)("of %s orders no read", async (type) => {
    await sql(`CREATE EXTENSION IF NOT EXISTS citext; CREATE TABLE t (id int, at ${type})`);
    const source = sourceOf(database.server);
    const [stream] = await source.discover(requestOf("t"));
    expect(stream?.cursorColumns).toEqual(["id"]);
    const error = await refusalOf(readAll(source, requestOf("t", { incremental: "at" })));
    expect(error).toMatchObject({ code: "usage.no_cursor_column" });
    await source.close();
  });

  const anyCase =
    "CREATE COLLATION any_case (provider = icu, locale = 'und-u-ks-level2', deterministic = false)";

  test.each(["t", "v", "q"])(
    "of texts that are equal in any case orders no read of %s",
    async (stream) => {
      await sql(`${anyCase}; CREATE TABLE t (id int, at text COLLATE any_case NOT NULL)`);
      await sql("INSERT INTO t VALUES (1, 'a'), (2, 'A'), (3, 'a'); CREATE VIEW v AS TABLE t");
      const source = sourceOf(database.server, {
        tables: ["t", "v"],
        queries: { q: "SELECT * FROM t" },
      });
      const error = await refusalOf(readAll(source, requestOf(stream, { incremental: "at" })));
      expect(error).toMatchObject({ code: "usage.no_cursor_column" });
      await source.close();
    },
  );
});
