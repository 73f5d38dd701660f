/** A hot standby of PostgreSQL 15 as a source: what it can tell, and what its replay ends. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { testProject, type TestProject } from "../../cli/commands/command-line.ts";
import { eagerProgram } from "../../cli/postgres/eager-program.ts";
import { waitUntil } from "../servers/deadline.ts";
import { startPostgres, type Postgres } from "../servers/postgres.ts";

let primary: Postgres;
let standby: Postgres;
let project: TestProject;

beforeAll(async () => {
  primary = await startPostgres({ settings: { autovacuum: "off", wal_level: "replica" } });
  standby = await startPostgres({ primary, settings: { max_standby_streaming_delay: "'100ms'" } });
});
afterAll(async () => {
  await standby?.stop();
  await primary?.stop();
});
beforeEach(async () => {
  await write("DROP SCHEMA public CASCADE; CREATE SCHEMA public");
  project = await testProject({}, eagerProgram);
});
afterEach(() => project.remove());

const textOf = async (server: Postgres, sql: string): Promise<string> =>
  (await server.psql(sql)).toString().trim();

/** Writes to the primary, and waits until the standby has replayed it. */
async function write(sql: string): Promise<void> {
  await primary.psql(sql);
  const end = await textOf(primary, "SELECT pg_current_wal_lsn()");
  await waitUntil(
    "the standby to have replayed it",
    async () => (await textOf(standby, `SELECT pg_last_wal_replay_lsn() >= '${end}'`)) === "t",
  );
}

const uri = (parameters = ""): string =>
  `postgres://postgres@${standby.host}:${standby.port}/postgres${parameters}`;
const count = (table: string) =>
  project.document(0, "query", `select count(*) as n, count(distinct g) as d from ${table}`);

describe("a standby", () => {
  test("is read whole, its tables as of one moment, and by a cursor", async () => {
    await write(`CREATE TABLE a AS SELECT g FROM generate_series(1, 5000) AS g;
      CREATE TABLE b (g int PRIMARY KEY); INSERT INTO b SELECT g FROM a`);
    expect(await project.document(0, "ingest", uri())).toMatchObject({
      tables: [
        { table: "a", rows: 5000 },
        { table: "b", rows: 5000 },
      ],
    });
    const ingest = ["ingest", uri("?table=b"), "--incremental", "g", "--namespace", "n"];
    await project.document(0, ...ingest);
    await write("INSERT INTO b VALUES (5001)");
    expect(await project.document(0, ...ingest)).toMatchObject({ tables: [{ inserted: 1 }] });
    expect(await project.document(0, ...ingest)).toMatchObject({ snapshot_id: null });
  });

  test("knows no transactions of its primary, so that nothing is held back by it", async () => {
    await write("CREATE TABLE a (at timestamptz)");
    const line = ["ingest", uri("?table=a&late_commits=hold_back"), "--incremental", "at"];
    expect(await project.document(3, ...line)).toMatchObject({
      error: {
        kind: "Permanent",
        code: "postgres.cannot_hold_back",
        hint: expect.stringContaining("primary") as string,
      },
    });
  });
});

describe("a conflict with recovery", () => {
  const slow = "SELECT g, pg_sleep(0.002)::text AS nothing FROM t";

  /** Makes rows go that a read of the standby is looking at. */
  async function vacuumUnder(isReading: string): Promise<void> {
    await waitUntil("a read of the standby", async () => {
      const sql = `SELECT count(*) FROM pg_stat_activity
        WHERE application_name = 'hakiri' AND state = 'active' AND query LIKE '${isReading}'`;
      return (await textOf(standby, sql)) !== "0";
    });
    await primary.psql("DELETE FROM t WHERE g > 20");
    await primary.psql("VACUUM t");
  }

  test.each([
    ["of one stream", []],
    ["of several that share a snapshot", ["--stream", "slow", "--stream", "small"]],
  ])("ends the read %s, which begins anew and shows one state", async (_, more) => {
    await write(`CREATE TABLE t AS SELECT g FROM generate_series(1, 100000) AS g;
      CREATE TABLE small AS SELECT g FROM generate_series(1, 10) AS g`);
    const query = encodeURIComponent(slow);
    const typing = project.type("ingest", uri(`?query=${query}&stream=slow`), ...more, "--json");
    await vacuumUnder("COPY%pg_sleep%");
    const { exitCode, out, err } = await typing;
    expect(`${exitCode} ${out}`).toMatch(/^0 .*"status":"succeeded"/u);
    expect(err).toMatch(/conflict with recovery|is gone|lost/u);
    expect(await count("slow")).toEqual([{ n: "20", d: "20" }]);
    if (more.length > 0) expect(await count("small")).toEqual([{ n: "10", d: "10" }]);
  });

  test("that never passes is Transient, with what to set", async () => {
    await write("CREATE TABLE t AS SELECT g FROM generate_series(1, 100000) AS g");
    // Nothing that is only looked at is retried.
    const query = encodeURIComponent("SELECT count(pg_sleep(0.002)) AS n FROM t");
    const looking = project.document(6, "preview", uri(`?query=${query}`));
    await vacuumUnder("COPY%pg_sleep%");
    expect(await looking).toMatchObject({
      error: {
        kind: "Transient",
        code: "postgres.recovery_conflict",
        hint: expect.stringContaining("hot_standby_feedback") as string,
        evidence: { sqlstate: "40001" },
      },
    });
  });
});
