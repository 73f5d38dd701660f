/**
 * Every type of PostgreSQL with its edge values, read by COPY from a real server: cases in SQL,
 * beside what is expected of them, which `HAKIRI_GOLDEN=rewrite` writes anew. What is read must
 * also equal what the server itself prints.
 */
import { createHash } from "node:crypto";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import {
  startPostgres,
  type EmbeddedPostgres,
} from "../../../../scripts/servers/embedded-postgres.ts";
import type { PgConnection } from "../../../../connectors/postgres/wire/connection.ts";
import { HakiriError, typeName } from "../../../../src/connector.ts";
import type { TypeSettings } from "../../../../connectors/postgres/types/type-settings.ts";
import { openSession, readBoth, type Readable, type ReadResult } from "./read-from-server.ts";

const corpus = join(import.meta.dirname, "corpus");
/** Fewer cases than this means that nobody looked. */
const casesMin = 50;

const names = (await readdir(corpus))
  .filter((name) => name.endsWith(".sql"))
  .map((name) => name.slice(0, -".sql".length));

let server: EmbeddedPostgres;
let client: PgConnection;
beforeAll(async () => {
  server = await startPostgres();
});
// A copy that fails takes its connection with it.
beforeEach(async () => {
  client = await openSession(server);
});
afterEach(async () => {
  await client.close();
});
afterAll(async () => {
  await server.stop();
});

test("there are cases", () => {
  expect(names.length).toBeGreaterThanOrEqual(casesMin);
});

test.each(names)("%s", async (name) => {
  const wanted = parseCase(await readFile(join(corpus, `${name}.sql`), "utf8"));
  const found = await resultOf(wanted);
  // An older server refuses such values itself.
  if (version(client) < wanted.since) return expect(found).toMatch(/^Permanent .*SQLSTATE/su);
  const path = join(corpus, `${name}.expected.txt`);
  if (process.env["HAKIRI_GOLDEN"] === "rewrite") await writeFile(path, found);
  expect(found).toBe(await readFile(path, "utf8"));
});

test("a server never sends a text that isn't UTF-8, though its database has one", async () => {
  await client.query("CREATE DATABASE unencoded TEMPLATE template0 ENCODING 'SQL_ASCII'");
  const other = await openSession(server, "unencoded");
  try {
    const query = String.raw`SELECT convert_from('\xff41', 'SQL_ASCII') AS v`;
    await expect(readBoth(other, { query })).rejects.toMatchObject({
      evidence: { sqlstate: "22021" },
    });
  } finally {
    await other.close();
  }
});

function version({ parameters }: PgConnection): number {
  return Number.parseInt(parameters.get("server_version") ?? "", 10);
}

interface Case {
  /** The first version whose server has such values. */
  readonly since: number;
  readonly setup: string;
  readonly what: Readable;
  /** With settings of its own a column may differ from what the server prints. */
  readonly settings: Partial<TypeSettings> | null;
  /** The columns that the server prints otherwise. */
  readonly otherwise: readonly string[];
  /** Whether values are too long to stand in a file. */
  readonly isDigest: boolean;
}

function parseCase(text: string): Case {
  const [, settings] = /^-- settings (.*)$/mu.exec(text) ?? [];
  const [, since = "0"] = /^-- since (\d+)$/mu.exec(text) ?? [];
  const [, otherwise = ""] = /^-- prints otherwise: (.*)$/mu.exec(text) ?? [];
  const [, setup = "", kind = "", rest = ""] =
    /^([^]*?)^-- (relation|query)\b([^]*?)(?:^-- (?:digest|prints)[^]*)?$(?![^])/mu.exec(text) ??
    [];
  return {
    since: Number(since),
    setup,
    what: kind === "relation" ? { relation: rest.trim() } : { query: rest.trim() },
    // As it was written.
    settings: settings === undefined ? null : (JSON.parse(settings) as Partial<TypeSettings>),
    otherwise: otherwise.split(" "),
    isDigest: /^-- digest$/mu.test(text),
  };
}

/** What reading a case gives, as text. */
async function resultOf({ setup, what, settings, ...rest }: Case): Promise<string> {
  if (setup.trim() !== "") await client.query(setup);
  try {
    const result = await readBoth(client, what, settings ?? {});
    if (settings === null) expectPrinted(result, rest.otherwise);
    return describeResult(result, rest.isDigest);
  } catch (error) {
    if (!(error instanceof HakiriError)) throw error;
    return `${error.kind} ${error.code}\n${error.message}\n${error.hint}\n`;
  }
}

function expectPrinted({ plans, found, printed }: ReadResult, otherwise: readonly string[]): void {
  expect(found.length).toBe(printed.length);
  for (const [column, { name }] of plans.entries()) {
    if (otherwise.includes(name)) continue;
    const expected = printed.map((row) => withoutBounds(row[column] ?? null));
    expect(found.map((row) => row[column])).toEqual(expected);
  }
}

/** Lists have no lower bounds. */
function withoutBounds(text: string | null): string | null {
  return text?.replace(/^(?:\[-?\d+:-?\d+\])+=(?=\{)/u, "") ?? null;
}

function describeResult({ plans, found }: ReadResult, isDigest: boolean): string {
  const columns = plans.map(
    ({ name, typeName: from, field }) => `${name}: ${from} -> ${typeName(field.type)}\n`,
  );
  const rows = found.map((row) => `${row.map((text) => shown(text, isDigest)).join("\t")}\n`);
  return `${columns.join("")}\n${rows.join("")}`;
}

const shownMax = 2000;

function shown(text: string | null, isDigest: boolean): string {
  if (text === null) return "\\N";
  if (isDigest || text.length > shownMax) {
    const digest = createHash("sha256").update(text).digest("hex").slice(0, 16);
    return `${text.length} characters ${digest}`;
  }
  return text
    .replaceAll("\\", String.raw`\\`)
    .replaceAll("\t", String.raw`\t`)
    .replaceAll("\n", String.raw`\n`);
}
