/** What passes by itself, and what doesn't: timeouts, locks, connections, a server that goes. */
import pg from "pg";
import { afterEach, describe, expect, test, vi } from "vitest";
import { attemptsMax } from "../../../src/core/retry.ts";
import { databaseOfTests, errorOf } from "./database-project.ts";
import { eagerProgram } from "./eager-program.ts";

const { project, server, url, sql, rows } = databaseOfTests(
  { settings: { max_connections: 12, superuser_reserved_connections: 3 } },
  eagerProgram,
);

const open: pg.Client[] = [];
async function connect(user = "postgres"): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: server().url.replace("postgres@", `${user}@`) });
  client.on("error", () => undefined);
  await client.connect();
  open.push(client);
  return client;
}
afterEach(async () => {
  await Promise.all(open.splice(0).map((client) => client.end()));
});

/** Types a line that fails, and answers its error and how often it was tried again. */
async function failed(
  exitCode: number,
  ...line: readonly string[]
): Promise<{ readonly error: unknown; readonly retries: number }> {
  const typed = await project().type(...line, "--json");
  expect(typed).toMatchObject({ exitCode });
  const { error } = JSON.parse(typed.out) as { error: unknown };
  return { error, retries: typed.err.split("follows\n").length - 1 };
}

describe("a failure", () => {
  test("of a lock that isn't freed is Transient: tried so often, and then told", async () => {
    await sql("CREATE TABLE t AS SELECT 1 AS a");
    const locker = await connect();
    await locker.query("BEGIN; LOCK TABLE t IN ACCESS EXCLUSIVE MODE");
    const line = ["ingest", url("table=t&lock_timeout=1")];
    expect(await failed(6, ...line)).toMatchObject({
      error: { kind: "Transient", code: "postgres.lock_timeout", evidence: { sqlstate: "55P03" } },
      retries: attemptsMax - 1,
    });
    await locker.query("ROLLBACK");
    await project().document(0, ...line);
    expect(await rows("select a from t")).toEqual([{ a: 1 }]);
  });

  test("of a statement that takes too long is Permanent: no second try", async () => {
    const query = encodeURIComponent("SELECT pg_sleep(20)::text AS a");
    const { error, retries } = await failed(
      3,
      "ingest",
      url(`query=${query}&statement_timeout=50`),
    );
    expect(error).toMatchObject({
      kind: "Permanent",
      code: "postgres.statement_timeout",
      hint: expect.stringContaining("statement_timeout") as string,
    });
    expect(retries).toBe(0);
  });

  test("of a server without a free connection is Transient", async () => {
    await sql("CREATE TABLE t AS SELECT 1 AS a; DROP ROLE IF EXISTS reader");
    await sql("CREATE ROLE reader LOGIN; GRANT SELECT ON t TO reader");
    for (let taken = 0; taken < 8; taken += 1) await connect("reader");
    const line = ["ingest", url("table=t").replace("postgres@", "reader@")];
    expect(await failed(6, ...line)).toMatchObject({
      error: {
        kind: "Transient",
        code: "postgres.too_many_connections",
        hint: expect.stringContaining("max_connections") as string,
      },
      retries: attemptsMax - 1,
    });
    expect(await errorOf(project(), 6, "discover", ...line.slice(1))).toMatchObject({
      code: "postgres.too_many_connections",
    });
    await Promise.all(open.splice(0).map((client) => client.end()));
    await project().document(0, ...line);
  });

  test("of a role that has no connection left is Transient, too", async () => {
    await sql("CREATE TABLE t AS SELECT 1 AS a; DROP ROLE IF EXISTS few");
    await sql("CREATE ROLE few LOGIN CONNECTION LIMIT 0; GRANT SELECT ON t TO few");
    const line = ["ingest", url("table=t").replace("postgres@", "few@")];
    expect(await failed(6, ...line)).toMatchObject({ error: { kind: "Transient" } });
  });

  test("of a session that an administrator ended heals by the next attempt", async () => {
    await sql("CREATE TABLE t AS SELECT g AS a FROM generate_series(1, 200000) AS g");
    const locker = await connect();
    await locker.query("BEGIN; LOCK TABLE t IN ACCESS EXCLUSIVE MODE");
    const running = project().document(0, "ingest", url("table=t"));
    const killer = await connect();
    const ended = async (): Promise<void> => {
      const { rows: found } = await killer.query(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity " +
          "WHERE application_name = 'hakiri' AND wait_event_type = 'Lock'",
      );
      expect(found).toHaveLength(1);
    };
    await vi.waitFor(ended, { timeout: 30_000, interval: 20 });
    await locker.query("ROLLBACK");
    expect(await running).toMatchObject({ status: "succeeded", tables: [{ rows: 200_000 }] });
    expect(await rows("select count(distinct a) as n, count(*) as all from t")).toEqual([
      { n: "200000", all: "200000" },
    ]);
  });

  test("of a server that isn't there says what to check", async () => {
    const nobody = url("table=t").replace(`:${server().port}/`, ":1/");
    expect(await failed(6, "ingest", nobody)).toMatchObject({
      error: {
        kind: "Transient",
        code: "postgres.unreachable",
        hint: expect.stringContaining("listen_addresses") as string,
      },
    });
  });
});
