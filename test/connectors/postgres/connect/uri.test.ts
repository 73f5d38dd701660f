/** URIs of PostgreSQL: what each means, what is refused and how, and which are one source. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { postgresUri, type PostgresUri } from "../../../../connectors/postgres/connect/uri.ts";
import type { ConnectorUri } from "../../../../src/config/connector-uri.ts";
import { HakiriError } from "../../../../src/core/error.ts";

let home: string;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "hakiri-uri-"));
});
afterAll(async () => {
  await rm(home, { recursive: true });
});

type Environment = Readonly<Record<string, string>>;

function parse(uri: string, environment: Environment = {}): Promise<PostgresUri> {
  const uris: ConnectorUri = postgresUri({ environment: { USER: "me", ...environment } });
  // What it answers beyond the port's shape is the streams.
  return uris.parse(uri, { project: home, cwd: home, home }) as Promise<PostgresUri>;
}

async function refusalOf(uri: string, environment: Environment = {}): Promise<HakiriError> {
  try {
    await parse(uri, environment);
  } catch (error) {
    if (error instanceof HakiriError) return error;
    throw error;
  }
  throw new Error("expected a refusal");
}

const local = { host: "localhost", port: 5432, database: "me", user: "me" };

test.for<readonly [uri: string, settings: object]>([
  ["postgres://", local],
  ["postgresql://db", { ...local, host: "db" }],
  ["POSTGRES://db:6543/shop", { ...local, host: "db", port: 6543, database: "shop" }],
  ["postgres://ada@/", { ...local, user: "ada", database: "ada" }],
  ["postgres://ada%40x@h/a%20b", { ...local, user: "ada@x", host: "h", database: "a b" }],
  ["postgres://[::1]:1/d", { ...local, host: "::1", port: 1, database: "d" }],
  ["postgres://[fe80::1%25eth0]/d", { ...local, host: "fe80::1%eth0", database: "d" }],
  ["postgres://%2Frun%2Fpg/d", { ...local, host: "/run/pg", database: "d" }],
  ["postgres:///d?host=/run/pg&port=7", { ...local, host: "/run/pg", port: 7, database: "d" }],
  ["postgres://h/d?dbname=e&user=u", { ...local, host: "h", database: "e", user: "u" }],
  ["postgres://h?ssl=true", { ...local, host: "h", sslmode: "require" }],
  ["postgres://h?gssencmode=disable&sslsni=1", { ...local, host: "h" }],
  [
    "postgres://h?connect_timeout=5&read_timeout=1m&keepalives=0&snapshot=off&split=4",
    {
      ...local,
      host: "h",
      connect_timeout: 5,
      read_timeout: "1m",
      keepalives: false,
      snapshot: false,
      split: 4,
    },
  ],
  ["postgres://h?schema=a&schema=b", { ...local, host: "h", schemas: ["a", "b"] }],
  ["postgres://h?exclude=a_*,b", { ...local, host: "h", exclude: ["a_*", "b"] }],
  [
    "postgres://h?query=SELECT a+b AS c FROM t WHERE d=1 %26 2",
    { ...local, host: "h", queries: { query: "SELECT a+b AS c FROM t WHERE d=1 & 2" } },
  ],
])("%s has its settings", async ([uri, settings]) => {
  const parsed = await parse(uri);
  expect(parsed.settings).toEqual(settings);
  expect(parsed.secrets).toEqual({});
});

test.for<readonly [uri: string, streams: readonly string[]]>([
  ["postgres://h", []],
  ["postgres://h?table=t", ["t"]],
  ["postgres://h?table=public.t", ["t"]],
  ["postgres://h?table=s.t&table=u", ["s.t", "u"]],
  ["postgres://h?table=t&schema=s", ["s.t"]],
  ["postgres://h?table=t&schema=public", ["t"]],
  ["postgres://h?schema=s", []],
  ["postgres://h?query=SELECT 1", ["query"]],
  ["postgres://h?query=SELECT 1&stream=one", ["one"]],
])("%s asks for its streams", async ([uri, streams]) => {
  expect((await parse(uri)).streams).toEqual(streams);
});

test("paths begin where they are typed, and at home", async () => {
  const parsed = await parse("postgres://h?sslrootcert=ca.pem&passfile=~/pw&sslcert=/c&sslkey=k");
  expect(parsed.settings).toMatchObject({
    sslrootcert: join(home, "ca.pem"),
    passfile: join(home, "pw"),
    sslcert: "/c",
    sslkey: join(home, "k"),
  });
  const system = await parse("postgres://h?sslrootcert=system");
  expect(system.settings).toMatchObject({ sslrootcert: "system" });
});

const secret = "hunter2";

test.for<readonly [uri: string, said: string]>([
  [`postgres:/u:${secret}@h/d`, "'//'"],
  [`postgres:u:${secret}@h/d`, "'//'"],
  [`postgres://u:${secret}/x@h/d`, "'@' before"],
  [`postgres://u:${secret}@h1,h2/d`, "one host"],
  [`postgres://u:${secret}@::1/d`, "host:port"],
  [`postgres://u:${secret}@h:0/d`, "port"],
  [`postgres://u:${secret}@h:65536/d`, "port"],
  [`postgres://u:${secret}@h:${secret}/d`, "port"],
  [`postgres://u:${secret}%@h/d`, "hexadecimal"],
  [`postgres://u:${secret}%00@h/d`, "hexadecimal"],
  [`postgres://u:${secret}@h/d?sslmode`, "name=value"],
  [`postgres://u:${secret}@h/d?sslmode=${secret}`, "sslmode"],
  [`postgres://u:${secret}@h/d?ssl_mode=${secret}`, "one that isn't"],
  [`postgres://h/d?password=a&${secret}=b`, "one that isn't"],
  [`postgres://h/d?password=a&password=${secret}`, "each parameter once"],
  [`postgres://u:${secret}@h/d?target_session_attrs=any`, "target_session_attrs"],
  [`postgres://u:${secret}@h/d?table=t&query=${secret}`, "got both"],
  [`postgres://u:${secret}@h/d?stream=t`, "beside a stream's name"],
  [`postgres://u:${secret}@h/d?table=`, "a value"],
  [`postgres://u:${secret}@h/d?connect_timeout=${secret}`, "connect_timeout"],
  [`postgres://u:${secret}@h/d?require_auth=${secret}`, "require_auth"],
  [`postgres://u:${secret}@h/d?service=none`, "service 'none'"],
])("%s is refused without its secret", async ([uri, said]) => {
  const refusal = await refusalOf(uri);
  expect(refusal.code).toMatch(/^usage\./u);
  expect(refusal.message).toContain(said);
  expect(JSON.stringify(refusal.toRecord())).not.toContain(secret);
});

test("a mistyped parameter is asked after", async () => {
  expect((await refusalOf("postgres://h?ssl_mode=require")).hint).toContain("'sslmode'");
  expect((await refusalOf("postgres://h?tabel=t")).hint).toContain("'table'");
});

test("a password is a secret, and never a setting", async () => {
  for (const uri of ["postgres://u:a%3Ab@c@h/d", "postgres://u@h/d?password=a:b@c"]) {
    const parsed = await parse(uri);
    expect(parsed.secrets).toEqual({ password: "a:b@c" });
    expect(JSON.stringify(parsed.settings)).not.toContain("a:b");
  }
});

test("the environment fills what the URI leaves open, but for the password", async () => {
  const environment = {
    PGHOST: "db.example",
    PGPORT: "7",
    PGDATABASE: "shop",
    PGUSER: "ada",
    PGPASSWORD: secret,
    PGSSLMODE: "require",
    PGAPPNAME: "",
  };
  const parsed = await parse("postgres:///other", environment);
  expect(parsed).toEqual({
    settings: { host: "db.example", port: 7, database: "other", user: "ada", sslmode: "require" },
    secrets: {},
    name: "other",
    streams: [],
  });
  const refusal = await refusalOf("postgres://", { PGHOSTADDR: "10.0.0.1" });
  expect(refusal.code).toBe("usage.environment");
  const nobody = await refusalOf("postgres://", { USER: "" });
  expect(nobody.message).toContain("expected a user");
});

test("a service goes before the environment and behind the URI", async () => {
  const file = join(home, ".pg_service.conf");
  const shop = `[shop]\nhost=svc\nport = 8\ndbname=s d\npassword=${secret}\n`;
  const text = `# ours\n[other]\nhost=x\n\n${shop}[late]\nuser=l\n`;
  await writeFile(file, text);
  const parsed = await parse("postgres://?service=shop", { PGHOST: "env", PGUSER: "ada" });
  const expected = { host: "svc", port: 8, database: "s d", user: "ada", service: "shop" };
  expect(parsed.settings).toEqual(expected);
  expect(parsed.secrets).toEqual({});
  const ofVariable = await parse("postgres://uri", { PGSERVICE: "late" });
  expect(ofVariable.settings).toMatchObject({ host: "uri", user: "l", service: "late" });
  await writeFile(file, `[shop]\nldap://x/${secret}\n`);
  const refusal = await refusalOf("postgres://?service=shop");
  expect(refusal.message).toContain("line 2");
  expect(JSON.stringify(refusal.toRecord())).not.toContain(secret);
  const absent = await refusalOf("postgres://?service=a&servicefile=nope");
  expect(absent.code).toBe("usage.unreadable_file");
  const folder = await mkdtemp(join(home, "etc-"));
  await writeFile(join(folder, "pg_service.conf"), "[a]\nhost=all\n");
  const shared = await parse("postgres://?service=a", { PGSYSCONFDIR: folder });
  expect(shared.settings).toMatchObject({ host: "all" });
});

test("what only tunes the reading, and who reads, doesn't make another source", async () => {
  const { identify } = postgresUri({ environment: { USER: "me" } });
  const identityOf = async (uri: string): Promise<string> => identify((await parse(uri)).settings);
  const one = "postgres://db.example:5432/shop";
  for (const uri of [
    one,
    "postgresql://DB.example/shop",
    "postgres://u:p@db.example/shop?sslmode=require&table=t&split=3",
  ]) {
    expect(await identityOf(uri)).toBe(one);
  }
  expect(await identityOf("postgres://[::1]/a%2Fb")).toBe("postgres://[::1]:5432/a%2Fb");
  expect(await identityOf("postgres:///d?host=/run/pg")).toBe("postgres://%2Frun%2Fpg:5432/d");
  const settings = { ...local, password: { env: "X" } };
  expect(await identify(settings)).toBe("postgres://localhost:5432/me");
});

test("any user, password and database comes through its percent-encoding", async () => {
  const text = fc.string({ minLength: 1, maxLength: 20, unit: "grapheme" });
  const sound = text.filter((value) => value.isWellFormed() && !value.includes("\0"));
  await fc.assert(
    fc.asyncProperty(sound, sound, sound, async (user, password, database) => {
      const [u, p, d] = [user, password, database].map((part) => encodeURIComponent(part));
      const parsed = await parse(`postgres://${u}:${p}@h/${d}`);
      expect(parsed.settings).toMatchObject({ user, database });
      expect(parsed.secrets).toEqual({ password });
    }),
  );
});

test("any text is settings or a usage error", async () => {
  const unit = fc.constantFrom(..."postgres://u:@h,[]?&=%2F#.a1 ".split(""));
  await fc.assert(
    fc.asyncProperty(fc.string({ unit, maxLength: 30 }), async (rest) => {
      const outcome = await parse(`postgres:${rest}`).catch((error: unknown) => error);
      const isUsage = outcome instanceof HakiriError && outcome.code.startsWith("usage.");
      expect(isUsage || !(outcome instanceof Error)).toBe(true);
    }),
    { numRuns: 2000 },
  );
});
