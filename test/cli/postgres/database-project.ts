/** A real server with one database, and a project of its own for each test. */
import { mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, expect, vi } from "vitest";
import {
  startPostgres,
  type EmbeddedPostgres,
  type PostgresOptions,
} from "../../../scripts/servers/embedded-postgres.ts";
import type { Json } from "../../../src/core/json.ts";
import type { Program } from "../../../src/cli/program.ts";
import {
  program as usualProgram,
  testProject,
  type TestProject,
} from "../commands/command-line.ts";

/** What the tests of a file share. */
export interface DatabaseOfTests {
  /** The running server. */
  server(): EmbeddedPostgres;
  /** The home folder of the tests' user, absolute: where `.pgpass` is. */
  home(): string;
  /** The project of the running test. */
  project(): TestProject;
  /** A URI of the database with these parameters: `url("table=t")`. */
  url(parameters?: string): string;
  /** Runs SQL as the superuser. */
  sql(text: string): Promise<void>;
  /** What a query of the store gives. */
  rows(sql: string): Promise<Json>;
}

/** Variables and files of whoever runs the tests say nothing. */
const ambient = [
  "PGHOST",
  "PGPORT",
  "PGDATABASE",
  "PGUSER",
  "PGPASSWORD",
  "PGPASSFILE",
  "PGSERVICE",
  "PGSERVICEFILE",
  "PGSSLMODE",
];

/** Sets all of it up for a test file: the schema `public` is empty before each test. */
export function databaseOfTests(
  options: PostgresOptions = {},
  program: Program = usualProgram,
): DatabaseOfTests {
  let server: EmbeddedPostgres;
  let client: pg.Client;
  let project: TestProject;
  let home: string;
  const sql = async (text: string): Promise<void> => void (await client.query(text));
  beforeAll(async () => {
    // One for all tests of a file: the engine of a process asks once.
    home = await realpath(await mkdtemp(join(tmpdir(), "hakiri-home-")));
    server = await startPostgres(options);
    client = new pg.Client({ connectionString: server.url });
    // A server that is stopped in a test takes this connection with it.
    client.on("error", () => undefined);
    await client.connect();
  });
  beforeEach(async () => {
    await sql("DROP SCHEMA IF EXISTS public CASCADE; DROP SCHEMA IF EXISTS sales CASCADE");
    await sql("CREATE SCHEMA public; GRANT USAGE ON SCHEMA public TO public");
    project = await testProject({}, program);
    for (const name of ambient) vi.stubEnv(name, "");
    vi.stubEnv("HOME", home);
  });
  afterEach(async () => {
    vi.unstubAllEnvs();
    await project.remove();
  });
  afterAll(async () => {
    await client?.end();
    await server?.stop();
    await rm(home, { recursive: true });
  });
  return {
    server: () => server,
    home: () => home,
    project: () => project,
    url: (parameters) => `${server.url}${parameters === undefined ? "" : `?${parameters}`}`,
    sql,
    rows: (text) => project.document(0, "query", text),
  };
}

/** The error of a failed command's document. */
export async function errorOf(
  project: TestProject,
  exitCode: number,
  ...args: readonly string[]
): Promise<Json> {
  const document = await project.document(exitCode, ...args);
  const { error } = document as { readonly error: Json };
  expect(JSON.stringify(document)).not.toMatch(/\n\s+at /u);
  return error;
}
