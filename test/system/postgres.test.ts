/** The Postgres that the source's, the catalog's and the bench's tests stand on. */
import { readFile } from "node:fs/promises";
import { connect } from "node:net";
import { once } from "node:events";

import { Client } from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";

import { waitUntil } from "./servers/deadline.ts";
import { processesUnder } from "./servers/leftovers.ts";
import { startPostgres, type Postgres } from "./servers/postgres.ts";

let postgres: Postgres;

beforeAll(async () => {
  postgres = await startPostgres();
});

// Undefined when the start failed, which is what to report.
afterAll(() => postgres?.stop());

test("a client connects and the server is version 15", async () => {
  await using client = await connectClient(postgres);
  expect(await one(client, "show server_version_num")).toMatch(/^15\d{4}$/);
});

test("logical decoding is on", async () => {
  await using client = await connectClient(postgres);
  expect(await one(client, "show wal_level")).toBe("logical");
});

test("a setting of the caller's overrides the default one", async () => {
  await using other = await startPostgres({
    settings: { wal_level: "replica", max_connections: "7" },
  });
  await using client = await connectClient(other);
  expect(await one(client, "show wal_level")).toBe("replica");
  expect(await one(client, "show max_connections")).toBe("7");
});

test("a second connection reads the first one's exported snapshot, not later rows", async () => {
  await using exporter = await connectClient(postgres);
  await using importer = await connectClient(postgres);
  await using writer = await connectClient(postgres);
  await writer.query("create table snapshot_rows (id int); insert into snapshot_rows values (1)");

  await exporter.query("begin isolation level repeatable read");
  const snapshot = await one(exporter, "select pg_export_snapshot()");
  await writer.query("insert into snapshot_rows values (2)");
  await importer.query("begin isolation level repeatable read");
  await importer.query(`set transaction snapshot '${snapshot}'`);

  expect(await one(importer, "select count(*) from snapshot_rows")).toBe("1");
  expect(await one(writer, "select count(*) from snapshot_rows")).toBe("2");
});

test("binary COPY begins with its signature and ends with its trailer", async () => {
  const bytes = await postgres.psql("copy (select 1) to stdout (format binary)");
  // Signature, flags, length of the header's extension; then one field of 4 bytes; then -1.
  const header = Buffer.concat([Buffer.from("PGCOPY\n\xff\r\n\0", "latin1"), Buffer.alloc(8)]);
  expect(bytes.subarray(0, 19)).toEqual(header);
  expect(bytes.subarray(19)).toEqual(Buffer.from("00010000000400000001ffff", "hex"));
});

test("a stop disconnects the clients and leaves no process and no socket", async () => {
  const other = await startPostgres();
  const client = new Client({ connectionString: other.url });
  let disconnected = false;
  client.on("error", () => (disconnected = true));
  await client.connect();
  expect((await processesUnder(other.folder)).length).toBeGreaterThan(3);
  expect(await unixSockets()).toContain(other.folder);

  await other.stop();

  expect(await processesUnder(other.folder)).toEqual([]);
  expect(await unixSockets()).not.toContain(other.folder);
  await expect(connectTcp(other.host, other.port)).rejects.toThrow("ECONNREFUSED");
  await waitUntil("the client to notice", () => disconnected);
});

test("a crash leaves none of the children behind either", async () => {
  await using other = await startPostgres();
  await other.server.kill();
  await waitUntil(
    "Postgres's children to end with it",
    async () => (await processesUnder(other.folder)).length === 0,
  );
});

type DisposableClient = Client & AsyncDisposable;

async function connectClient({ url }: Postgres): Promise<DisposableClient> {
  const client = new Client({ connectionString: url });
  await client.connect();
  return Object.assign(client, { [Symbol.asyncDispose]: () => client.end() });
}

/** The only value of the only row, as Postgres's text. */
async function one(client: Client, sql: string): Promise<string> {
  const { rows } = await client.query<string[]>({ text: sql, rowMode: "array" });
  return String(rows[0]?.[0]);
}

function unixSockets(): Promise<string> {
  return readFile("/proc/net/unix", "utf8");
}

async function connectTcp(host: string, port: number): Promise<void> {
  const socket = connect({ host, port });
  await once(socket, "connect");
  socket.destroy();
}
