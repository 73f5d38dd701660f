/** A database of a test, and its source as a run reads it. */
import pg from "pg";
import { afterAll, beforeAll, beforeEach } from "vitest";
import { jsonRowsOf } from "../../../../src/columns/json-text.ts";
import type { StoredCursor } from "../../../../src/core/cursor.ts";
import type {
  OpenRequest,
  ReadEnd,
  ReadItem,
  Source,
  StartCursor,
} from "../../../../src/core/ports/source.ts";
import { databaseSource, type DatabaseSettings } from "../../../../connectors/postgres/source.ts";
import { connectPostgres } from "../../../../connectors/postgres/wire/connect-postgres.ts";
import type { PgConnection } from "../../../../connectors/postgres/wire/connection.ts";
import { optionsFor } from "../wire/connect-to.ts";
import {
  startPostgres,
  type EmbeddedPostgres,
} from "../../../../scripts/servers/embedded-postgres.ts";

const never = new AbortController().signal;

const usual: DatabaseSettings = {
  schemas: [],
  tables: [],
  exclude: [],
  queries: {},
  types: { numeric: "auto", arrays: "list" },
  lag: "0",
  nullCursor: "error",
  lateCommits: "lag",
  split: 1,
  snapshot: true,
};

/** Connects as a source does, to any database of the server. */
async function connectTo(server: EmbeddedPostgres, database = "postgres"): Promise<PgConnection> {
  const session = { TimeZone: "UTC", DateStyle: "ISO", default_transaction_read_only: "on" };
  const endpoint = { user: server.user, database };
  return connectPostgres(
    optionsFor(server, { applicationName: "hakiri", session, endpoint }),
    never,
  );
}

/** A server for the tests of a file, and SQL on it as its superuser. */
export interface TestDatabase {
  readonly server: EmbeddedPostgres;
  readonly client: pg.Client;
  readonly sql: (text: string) => Promise<void>;
}

/** Starts a server before all tests of the calling file; each begins with an empty `public`. */
export function databaseForEach(settings: Readonly<Record<string, number>> = {}): TestDatabase {
  let server: EmbeddedPostgres | null = null;
  let client: pg.Client | null = null;
  const started = <T>(part: T | null): T => {
    if (part === null) throw new Error("expected the server to have been started");
    return part;
  };
  const sql = async (text: string): Promise<void> => void (await started(client).query(text));
  beforeAll(async () => {
    server = await startPostgres({ settings });
    client = new pg.Client({ connectionString: server.url });
    // A server that a test stops takes this connection with it.
    client.on("error", () => undefined);
    await client.connect();
  }, 60_000);
  beforeEach(() =>
    sql("DROP SCHEMA IF EXISTS sales CASCADE; DROP SCHEMA public CASCADE; CREATE SCHEMA public"),
  );
  afterAll(async () => {
    await client?.end();
    await server?.stop();
  });
  return {
    get server() {
      return started(server);
    },
    get client() {
      return started(client);
    },
    sql,
  };
}

/** A source of a database with these settings. */
export function sourceOf(
  server: EmbeddedPostgres,
  settings: Partial<DatabaseSettings> = {},
  database = "postgres",
): Source {
  return databaseSource({ ...usual, ...settings }, () => connectTo(server, database));
}

/** A request for a stream with what a test leaves out. */
export function requestOf(stream: string, more: Partial<OpenRequest> = {}): OpenRequest {
  return {
    signal: never,
    scanner: { describe: () => Promise.reject(new Error("a database has no files")) },
    stream,
    partition: null,
    cursor: null,
    incremental: null,
    isKeyed: false,
    columns: null,
    range: null,
    limits: { batchRowsMax: 1000, batchBytesMax: 1_000_000, rowsMax: null },
    sessionToken: null,
    ...more,
  };
}

/** What a read gave. */
export interface ReadRows {
  /** As JSON objects, in the order of delivery. */
  readonly rows: readonly string[];
  readonly items: readonly Extract<ReadItem, { kind: "records" }>[];
  readonly end: ReadEnd;
}

/** Reads a stream to its end. */
export async function readAll(source: Source, request: OpenRequest): Promise<ReadRows> {
  const reader = await source.open(request);
  const items: Extract<ReadItem, { kind: "records" }>[] = [];
  const rows: string[] = [];
  try {
    for (;;) {
      const item = await reader.next();
      if (item.kind === "end") return { rows, items, end: item };
      if (item.kind === "scan") throw new Error("expected no scan of a database");
      items.push(item);
      const text = jsonRowsOf(item.batch, item.schema.fields);
      for (let row = 0; row < item.batch.rows; row += 1) rows.push(text(row));
    }
  } finally {
    await reader.close();
  }
}

/** Where a later read starts after a cursor, as a run keeps it. */
export function startOf(cursor: ReadEnd["cursor"], before: StartCursor | null = null): StartCursor {
  if (cursor === null) throw new Error("expected a cursor");
  const stored: StoredCursor = cursor.stored;
  const boundaryLines = cursor.boundaryLines ?? before?.boundaryLines ?? [];
  return { stored, boundaryLines };
}
