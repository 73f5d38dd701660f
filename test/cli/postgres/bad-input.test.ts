/** Whatever is typed as a URI, a table or SQL: one clear error, no password, and nothing lost. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { expectRefusal } from "../bad-input/refusal.ts";
import { databaseOfTests } from "./database-project.ts";

const { project, server, url, sql, rows } = databaseOfTests({ password: "hidden-word" });

/** How long the property looks for a counterexample at most, milliseconds. */
const budgetMs = 5000;

async function refused(...line: readonly string[]): Promise<string> {
  const typed = await project().type("--json", ...line);
  const { exitCode, code } = expectRefusal(typed, line);
  expect(`${typed.out}${typed.err}`).not.toContain("hidden-word");
  expect(typed.out.match(/"hint":"(?<hint>[^"]*)/u)?.groups?.["hint"]).not.toBe("");
  return `${exitCode} ${code}`;
}

const tableOf = (name: string): string => url(`table=${encodeURIComponent(name)}`);
const queryOf = (text: string): string => url(`query=${encodeURIComponent(text)}`);

test("each is refused by the documented exit code, and what is there stays", async () => {
  await sql("CREATE TABLE t AS SELECT 1 AS a; CREATE VIEW v AS SELECT 1/(a - 1) AS x FROM t");
  await project().document(0, "ingest", url("table=t"));
  for (const [expected, uri] of [
    ["2 usage.unknown_stream", tableOf("nope")],
    ["2 usage.unknown_stream", tableOf("t; DROP TABLE t")],
    ["2 usage.unknown_stream", tableOf(`"t"`)],
    ["2 usage.unknown_stream", tableOf("x.t")],
    ["2 usage.invalid_uri", tableOf("t\0")],
    ["2 usage.unknown_stream", tableOf("x".repeat(100))],
    ["2 usage.unknown_schema", url("schema=publik")],
    ["2 usage.bad_query", queryOf("SELEC 1")],
    ["2 usage.bad_query", queryOf("SELECT 1 AS a; SELECT 2 AS a")],
    ["2 usage.bad_query", queryOf("SELECT 1 AS a) AS q; DROP TABLE t; --")],
    ["2 usage.bad_query", queryOf("DELETE FROM t RETURNING a")],
    ["2 usage.bad_query", queryOf("SELECT nope FROM t")],
    ["2 usage.bad_query", queryOf("SELECT 'x'::int AS a")],
    ["2 usage.invalid_uri", queryOf("SELECT '\0' AS a")],
    ["2 usage.unnamed_column", queryOf("SELECT 1")],
    ["2 usage.unnamed_column", queryOf("SELECT a, a FROM t")],
    ["3 postgres.server_error", url("table=v")],
    ["3 postgres.no_database", url("table=t").replace("/postgres?", "/nope?")],
    ["5 auth.wrong_password", url("table=t").replace("hidden", "hidden-wordy")],
    ["2 usage.invalid_uri", url("table=t").replace(`:${server().port}`, ":x")],
    ["2 usage.invalid_uri", url("table=t&table=")],
    ["2 usage.unknown_parameter", url("table=t&hidden-word=1")],
    ["2 usage.unknown_parameter", url("sslcrl=x")],
    ["2 usage.invalid_config", url("split=0")],
    ["2 usage.invalid_config", url("sslmode=off")],
    ["2 usage.invalid_config", url("numeric=decimal(99,1)")],
  ] as const) {
    expect(await refused("preview", uri), uri).toBe(expected);
  }
  for (const [expected, uri] of [
    ["2 usage.unknown_stream", tableOf("nope")],
    ["2 usage.bad_query", queryOf("SELECT nope FROM t")],
    ["3 postgres.server_error", url("table=v")],
  ] as const) {
    expect(await refused("ingest", uri), uri).toBe(expected);
  }
  expect(await refused("ingest", url("table=t"), "--set", "shcemas=x")).toBe("2 usage.unknown_key");
  expect(await rows("select a from t")).toEqual([{ a: 1 }]);
  // Neither settings nor SQL that were refused are in the way.
  await project().document(0, "ingest", url("table=t"));
});

describe("a URI that is damaged", () => {
  const piece = fc.oneof(
    fc.string({ unit: "binary", maxLength: 8 }),
    fc.constantFrom("%", "%00", "%2", "@", ":", "/", "?", "&", "=", "#", "[", "]", "'", '"', ","),
    fc.constantFrom("table=", "schema=", "query=", "stream=", "sslmode=", "user=", "port=0"),
  );

  test("is an answer or one clear error", { timeout: 60_000 }, async () => {
    await sql("CREATE TABLE t AS SELECT 1 AS a");
    const begin = `postgres://postgres:hidden-word@127.0.0.1:${server().port}/postgres?table=t`;
    // What stands before the port is left alone: a name that nobody has takes long to look up.
    const from = begin.indexOf("/postgres?");
    const change = fc.tuple(fc.integer({ min: from, max: begin.length }), fc.nat(4), piece);
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 3 }), async (changes) => {
        const uri = changes.reduce(
          (text, [at, cut, text2]) => text.slice(0, at) + text2 + text.slice(at + cut),
          begin,
        );
        const typed = await project().type("--json", "discover", uri);
        expect(`${typed.out}${typed.err}`).not.toContain("hidden-word");
        if (typed.exitCode !== 0) expectRefusal(typed, [uri]);
      }),
      { interruptAfterTimeLimit: budgetMs, numRuns: 300 },
    );
  });
});
