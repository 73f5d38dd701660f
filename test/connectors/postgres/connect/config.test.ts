/** The settings of a PostgreSQL source: what silence means, what is refused, where it leads. */
import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  namesMax,
  parsePostgresSettings,
  postgresSettingsSchema,
  splitMax,
} from "../../../../connectors/postgres/connect/config.ts";
import { authMethodsOf } from "../../../../connectors/postgres/connect/require-auth.ts";
import {
  connectionTarget,
  type TargetContext,
} from "../../../../connectors/postgres/connect/target.ts";
import { systemClock } from "../../../../src/platform/system-clock.ts";
import { systemRandom } from "../../../../src/platform/system-random.ts";

let home: string;
let context: TargetContext;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "hakiri-config-"));
  const project = home;
  context = { environment: {}, home, project, clock: systemClock, random: systemRandom };
});
afterAll(async () => {
  await rm(home, { recursive: true });
});

test("every setting says what it is", () => {
  const silent = Object.entries(postgresSettingsSchema.shape).filter(
    ([, schema]) => (schema.description ?? "") === "",
  );
  expect(silent).toEqual([]);
});

test("a user alone is enough", () => {
  expect(parsePostgresSettings({ user: "ada" })).toMatchObject({
    host: "localhost",
    port: 5432,
    database: "ada",
    password: null,
    sslmode: "prefer",
    requireAuth: null,
    connectTimeoutMs: 10_000,
    readTimeoutMs: 300_000,
    lockTimeoutMs: 30_000,
    statementTimeoutMs: 0,
    keepaliveMs: 30_000,
    numeric: "auto",
    lag: "0",
    split: "auto",
    snapshot: true,
  });
});

test("numbers have PostgreSQL's units, durations their own", () => {
  const settings = { user: "a", connect_timeout: 5, statement_timeout: 5, lock_timeout: "1m" };
  expect(parsePostgresSettings({ ...settings, keepalives: false, lag: 0.5 })).toMatchObject({
    connectTimeoutMs: 5000,
    statementTimeoutMs: 5,
    lockTimeoutMs: 60_000,
    keepaliveMs: 0,
    lag: "0.5",
  });
});

test.for<readonly [settings: object, said: string]>([
  [{ host: "a,b" }, "host"],
  [{ port: 0 }, "port"],
  [{ port: 65_536 }, "port"],
  [{ connect_timeout: 0 }, "connect_timeout"],
  [{ connect_timeout: "soon" }, "connect_timeout"],
  [{ read_timeout: "8d" }, "read_timeout"],
  [{ sslmode: "allow" }, "sslmode"],
  [{ sslmode: "require", sslrootcert: "system" }, "sslmode"],
  [{ sslcert: "a" }, "sslkey"],
  [{ require_auth: "md5,!password" }, "require_auth"],
  [{ numeric: "decimal(39,1)" }, "numeric"],
  [{ numeric: "decimal(5,6)" }, "numeric"],
  [{ split: splitMax + 1 }, "split"],
  [{ split: 0 }, "split"],
  [{ lag: "-1" }, "lag"],
  [{ tables: Array.from({ length: namesMax + 1 }, () => "t") }, "tables"],
  [{ queries: { q: "" } }, "queries"],
  [{ user: "" }, "user"],
])("%j is refused", ([settings, said]) => {
  const read = (): unknown => parsePostgresSettings({ user: "a", ...settings });
  expect(read).toThrow(said);
  expect(read).toThrow(expect.objectContaining({ code: "usage.invalid_config" }));
});

test("the largest of everything is taken", () => {
  const tables = Array.from({ length: namesMax }, () => "t");
  const settings = { user: "a", port: 65_535, split: splitMax, tables, numeric: "decimal(38, 38)" };
  expect(parsePostgresSettings(settings)).toMatchObject({
    split: splitMax,
    numeric: { precision: 38, scale: 38 },
  });
});

test("an unknown key is asked after, and a password never said", () => {
  const read = (): unknown => parsePostgresSettings({ user: "a", pasword: "hunter2" });
  expect(read).toThrow(expect.objectContaining({ hint: "did you mean 'password'?" }));
  expect(read).toThrow(expect.not.objectContaining({ message: /hunter2/u }));
});

test.for<readonly [text: string, methods: readonly string[] | null]>([
  ["scram-sha-256", ["scram-sha-256"]],
  ["md5, scram-sha-256", ["md5", "scram-sha-256"]],
  ["!password", ["none", "md5", "scram-sha-256"]],
  ["!password,!none", ["md5", "scram-sha-256"]],
  ["!gss", ["none", "password", "md5", "scram-sha-256"]],
  ["gss,md5", ["md5"]],
  ["gss", null],
  ["md5,!none", null],
  ["scram", null],
  ["", null],
])("require_auth = %s accepts its ways", ([text, methods]) => {
  const found = authMethodsOf(text);
  expect(found === null ? null : [...found]).toEqual(methods);
});

test("files of certificates are read where libpq reads them", async () => {
  const folder = join(home, ".postgresql");
  await mkdir(folder);
  const verifying = parsePostgresSettings({ user: "a", sslmode: "verify-ca" });
  const connecting = connectionTarget(verifying, context);
  await expect(connecting).rejects.toMatchObject({ code: "usage.no_root_certificate" });
  const requiring = parsePostgresSettings({ user: "a", sslmode: "require" });
  expect((await connectionTarget(requiring, context)).tls.authorities).toBeNull();
  await writeFile(join(folder, "root.crt"), "root");
  expect((await connectionTarget(requiring, context)).tls.authorities).toEqual(["root"]);
  expect((await connectionTarget(verifying, context)).tls.authorities).toEqual(["root"]);
  const preferring = parsePostgresSettings({ user: "a" });
  expect((await connectionTarget(preferring, context)).tls.authorities).toBeNull();
  await writeFile(join(folder, "postgresql.crt"), "certificate");
  await writeFile(join(folder, "postgresql.key"), "key", { mode: 0o600 });
  const client = { certificate: "certificate", key: "key" };
  expect((await connectionTarget(preferring, context)).tls.client).toEqual(client);
  await chmod(join(folder, "postgresql.key"), 0o644);
  await expect(connectionTarget(preferring, context)).rejects.toMatchObject({
    code: "usage.open_key",
  });
  const named = parsePostgresSettings({ user: "a", sslmode: "verify-full", sslrootcert: "none" });
  const missing = connectionTarget(named, context);
  await expect(missing).rejects.toMatchObject({ code: "usage.unreadable_file" });
  const socket = parsePostgresSettings({ user: "a", host: "/run/pg", sslmode: "verify-full" });
  expect((await connectionTarget(socket, context)).tls.mode).toBe("disable");
});

test("a password of the settings goes before all others", async () => {
  const around = { ...context, environment: { PGPASSWORD: "variable" } };
  const told = parsePostgresSettings({ user: "a", sslmode: "disable", password: "told" });
  expect((await connectionTarget(told, around)).password).toBe("told");
  const silent = parsePostgresSettings({ user: "a", sslmode: "disable" });
  expect((await connectionTarget(silent, around)).password).toBe("variable");
});
