/** Each sslmode with a real server, with the right and the wrong certificates. */
import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import type { SslMode } from "../../../../connectors/postgres/wire/connect-options.ts";
import {
  startPostgres,
  type EmbeddedPostgres,
} from "../../../../scripts/servers/embedded-postgres.ts";
import { optionsFor, refusedBy, withConnection, type Changes } from "./connect-to.ts";
import { KeepingSink } from "./counting-sink.ts";

const pem = (name: string): string =>
  readFileSync(new URL(`./certificates/${name}`, import.meta.url), "utf8");

let server: EmbeddedPostgres;
const password = "pw";

beforeAll(async () => {
  server = await startPostgres({
    password,
    tls: { certificate: pem("named.crt"), key: pem("named.key"), authority: pem("authority.crt") },
    hba: [
      "local all all trust",
      "hostssl all holder 127.0.0.1/32 cert",
      "hostssl all encrypted 127.0.0.1/32 trust",
      "hostssl all open 127.0.0.1/32 reject",
      "hostnossl all open 127.0.0.1/32 trust",
      "host all all 127.0.0.1/32 scram-sha-256",
    ],
  });
  const local = optionsFor(server, { endpoint: { host: server.socketFolder } });
  await withConnection(local, async (connection) => {
    await connection.query("CREATE ROLE holder LOGIN; CREATE ROLE encrypted LOGIN");
    await connection.query("CREATE ROLE open LOGIN");
  });
});
afterAll(async () => {
  await server.stop();
});

const trusted = [pem("authority.crt")];
const stranger = [pem("stranger.crt")];

function by(mode: SslMode, changes: Changes = {}): ReturnType<typeof optionsFor> {
  return optionsFor(server, { ...changes, tls: { mode, ...changes.tls } });
}

async function isEncrypted(options: ReturnType<typeof optionsFor>): Promise<boolean> {
  return await withConnection(options, async (connection) => {
    const { rows } = await connection.query(
      "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()",
    );
    return rows[0]?.[0] === "t";
  });
}

test.for<readonly [mode: SslMode, host: string, tls: Changes["tls"], encrypted: boolean]>([
  ["disable", "127.0.0.1", {}, false],
  ["prefer", "127.0.0.1", {}, true],
  ["require", "127.0.0.1", {}, true],
  ["require", "127.0.0.1", { authorities: trusted }, true],
  ["verify-ca", "127.0.0.1", { authorities: trusted }, true],
  ["verify-full", "localhost", { authorities: trusted }, true],
])("%s connects to %s", async ([mode, host, tls = {}, encrypted]) => {
  expect(await isEncrypted(by(mode, { endpoint: { host }, tls }))).toBe(encrypted);
});

test("a copy comes through TLS as it is", async () => {
  const sql = `COPY (SELECT g, repeat('é', 1000) FROM generate_series(1, 5000) g) TO STDOUT
    (FORMAT binary)`;
  const [encrypted, plain] = await Promise.all(
    (["require", "disable"] as const).map((mode) =>
      withConnection(by(mode), async (connection) => {
        const sink = new KeepingSink();
        await connection.copyOut(sql, sink).pump(new AbortController().signal);
        return sink.bytes();
      }),
    ),
  );
  expect(encrypted?.length).toBeGreaterThan(10_000_000);
  expect(encrypted?.equals(plain ?? Buffer.alloc(0))).toBe(true);
});

test.for<readonly [mode: SslMode, host: string, authorities: readonly string[], code: string]>([
  ["require", "localhost", stranger, "postgres.tls_untrusted"],
  ["verify-ca", "localhost", stranger, "postgres.tls_untrusted"],
  ["verify-full", "localhost", stranger, "postgres.tls_untrusted"],
  ["verify-full", "127.0.0.1", trusted, "postgres.tls_wrong_host"],
])("%s refuses %s by a wrong certificate", async ([mode, host, authorities, code]) => {
  const refusal = await refusedBy(by(mode, { endpoint: { host }, tls: { authorities } }));
  expect(refusal).toMatchObject({ kind: "Permanent", code });
  expect(refusal.message).toContain(`${host}:${server.port}`);
});

test("an address is looked for in the certificate as an address", async () => {
  await writeFile(join(server.dataFolder, "server.key"), pem("addressed.key"));
  await writeFile(join(server.dataFolder, "server.crt"), pem("addressed.crt"));
  server.reload();
  const authorities = trusted;
  const options = by("verify-full", { tls: { authorities } });
  await vi.waitFor(async () => {
    expect(await isEncrypted(options)).toBe(true);
  });
  const endpoint = { host: "localhost" };
  const refusal = await refusedBy(by("verify-full", { endpoint, tls: { authorities } }));
  expect(refusal.code).toBe("postgres.tls_wrong_host");
});

test("SCRAM is bound to the connection where TLS allows it", async () => {
  const bound = by("require", { channelBinding: "require" });
  expect(await isEncrypted(bound)).toBe(true);
  expect(await isEncrypted(by("require", { channelBinding: "disable" }))).toBe(true);
  const unbound = await refusedBy(by("disable", { channelBinding: "require" }));
  expect(unbound.code).toBe("postgres.auth_refused");
});

test("a client's certificate logs its holder in, and nobody else", async () => {
  const client = { certificate: pem("client.crt"), key: pem("client.key") };
  const endpoint = { user: "holder" };
  expect(await isEncrypted(by("require", { endpoint, tls: { client } }))).toBe(true);
  const without = await refusedBy(by("require", { endpoint }));
  expect(without.kind).not.toBe("Transient");
});

test("prefer goes without TLS where TLS is what is refused", async () => {
  expect(await isEncrypted(by("prefer", { endpoint: { user: "open" } }))).toBe(false);
  expect(await isEncrypted(by("prefer", { endpoint: { user: "encrypted" } }))).toBe(true);
  const refusal = await refusedBy(by("require", { endpoint: { user: "open" } }));
  expect(refusal).toMatchObject({ kind: "AuthExpired", code: "auth.refused" });
});

test("a statement is cancelled over TLS as well", async () => {
  await withConnection(by("require"), async (connection) => {
    const stop = new AbortController();
    const reason = new Error("enough");
    const running = connection.query("SELECT pg_sleep(1000)", stop.signal);
    stop.abort(reason);
    await expect(running).rejects.toBe(reason);
  });
  await withConnection(by("disable"), async (connection) => {
    await vi.waitFor(async () => {
      const { rows } = await connection.query(
        "SELECT 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep'",
      );
      expect(rows).toEqual([]);
    });
  });
});

test("a server without TLS is told so where it is wanted", async () => {
  await using plain = await startPostgres();
  const refusal = await refusedBy(optionsFor(plain, { tls: { mode: "require" } }));
  expect(refusal).toMatchObject({ kind: "Permanent", code: "postgres.tls_not_offered" });
  expect(await isEncrypted(optionsFor(plain, { tls: { mode: "prefer" } }))).toBe(false);
});
