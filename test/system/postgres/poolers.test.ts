/** PgBouncer before PostgreSQL: pools of sessions are read through, any others are refused. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connectPostgres } from "../../../connectors/postgres/wire/connect-postgres.ts";
import type { PgConnection } from "../../../connectors/postgres/wire/connection.ts";
import { optionsFor, refusalOf } from "../../connectors/postgres/wire/connect-to.ts";
import { testProject } from "../../cli/commands/command-line.ts";
import { startPgBouncer, type PgBouncerOptions } from "../servers/pgbouncer.ts";
import { startPostgres, type Postgres } from "../servers/postgres.ts";

let postgres: Postgres;
beforeAll(async () => {
  postgres = await startPostgres();
  await postgres.psql("CREATE TABLE a AS SELECT g AS n FROM generate_series(1, 1000) AS g");
  await postgres.psql("CREATE TABLE b AS SELECT g AS n FROM generate_series(1, 1000) AS g");
});
afterAll(() => postgres?.stop());

const { signal } = new AbortController();
const session = { default_transaction_read_only: "on", TimeZone: "Asia/Tokyo" };

function connect({ port }: { readonly port: number }): Promise<PgConnection> {
  return connectPostgres(optionsFor({ port }, { session }), signal);
}

const valueOf = async (connection: PgConnection, sql: string): Promise<unknown> =>
  (await connection.query(sql)).rows[0]?.[0];

describe("a pooler of sessions", () => {
  test.each([
    { mode: "session" },
    { mode: "session", settings: { default_pool_size: "1" } },
  ] as const)(
    "%j gives a connection a session of its own, whose parameters stay",
    async (options) => {
      await using pooler = await startPgBouncer(postgres, options);
      const connection = await connect(pooler);
      const first = await valueOf(connection, "SELECT pg_backend_pid()");
      await connection.query("BEGIN; COMMIT");
      expect(await valueOf(connection, "SELECT pg_backend_pid()")).toBe(first);
      expect(await valueOf(connection, "SHOW TimeZone")).toBe("Asia/Tokyo");
      await connection.close();
    },
  );

  test("is ingested through, all tables as of one moment", async () => {
    await using pooler = await startPgBouncer(postgres, { mode: "session" });
    const project = await testProject();
    try {
      const uri = `postgres://postgres@127.0.0.1:${pooler.port}/postgres`;
      expect(await project.document(0, "ingest", uri)).toMatchObject({
        tables: [
          { table: "a", rows: 1000 },
          { table: "b", rows: 1000 },
        ],
      });
    } finally {
      await project.remove();
    }
  });
});

describe("a pooler of transactions", () => {
  test.each([
    { mode: "transaction" },
    { mode: "transaction", settings: { default_pool_size: "1" } },
    { mode: "transaction", settings: { default_pool_size: "2" } },
    { mode: "transaction", settings: { server_round_robin: "1" } },
    { mode: "transaction", settings: { server_round_robin: "1", min_pool_size: "2" } },
    { mode: "transaction", settings: { server_round_robin: "1", min_pool_size: "5" } },
  ] satisfies readonly PgBouncerOptions[])(
    "is refused, and nothing is set: %j",
    async (options) => {
      await using pooler = await startPgBouncer(postgres, options);
      // Others whose sessions are free again.
      const others = await Promise.all(
        [1, 2, 3].map(() => connectPostgres(optionsFor(pooler), signal)),
      );
      await Promise.all(others.map((other) => other.query("SELECT 1")));
      const error = await refusalOf(connect(pooler));
      expect(error).toMatchObject({ kind: "Permanent", code: "postgres.transaction_pooling" });
      expect(error.hint).toContain("session mode");
      for (const other of others) {
        expect(await valueOf(other, "SHOW default_transaction_read_only")).toBe("off");
        await other.close();
      }
    },
  );

  test("is exit code 3 of a command, at once", async () => {
    await using pooler = await startPgBouncer(postgres, { mode: "transaction" });
    const project = await testProject();
    try {
      const uri = `postgres://postgres@127.0.0.1:${pooler.port}/postgres`;
      for (const command of ["ingest", "discover"]) {
        expect(await project.document(3, command, uri)).toMatchObject({
          error: { kind: "Permanent", code: "postgres.transaction_pooling" },
        });
      }
    } finally {
      await project.remove();
    }
  });

  test("of single statements is refused by the pooler itself", async () => {
    await using pooler = await startPgBouncer(postgres, { mode: "statement" });
    expect(await refusalOf(connect(pooler))).toMatchObject({
      kind: "Permanent",
      hint: expect.stringContaining("pool") as string,
    });
  });
});
