/** Logging in to a real server, each way, and to servers that aren't who they say. */
import { Buffer } from "node:buffer";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { AuthMethod } from "../../../../connectors/postgres/wire/connect-options.ts";
import { iterationsMax, ScramClient } from "../../../../connectors/postgres/wire/scram.ts";
import {
  startPostgres,
  type EmbeddedPostgres,
} from "../../../../scripts/servers/embedded-postgres.ts";
import { HakiriError } from "../../../../src/core/error.ts";
import { optionsFor, refusedBy, withConnection, type Changes } from "./connect-to.ts";
import { said, startFake, type Script } from "./fake-server.ts";

let server: EmbeddedPostgres;
const secret = "hunter2-very-secret";
const odd = "ｐａｓｓ\u00a0w\u00adord ™";

beforeAll(async () => {
  server = await startPostgres({
    hba: [
      "local all all trust",
      "host all md5er 127.0.0.1/32 md5",
      "host all plain 127.0.0.1/32 password",
      "host all trusted 127.0.0.1/32 trust",
      "host all barred 127.0.0.1/32 reject",
      "host all all 127.0.0.1/32 scram-sha-256",
    ],
  });
  const local = optionsFor(server, { endpoint: { host: server.socketFolder } });
  await withConnection(local, async (connection) => {
    await connection.query(`SET password_encryption = 'md5';
      CREATE ROLE md5er LOGIN PASSWORD '${secret}'`);
    await connection.query(`SET password_encryption = 'scram-sha-256';
      CREATE ROLE plain LOGIN PASSWORD '${secret}';
      CREATE ROLE scram LOGIN PASSWORD '${secret}';
      CREATE ROLE odd LOGIN PASSWORD '${odd}';
      CREATE ROLE expired LOGIN PASSWORD '${secret}' VALID UNTIL '2020-01-01';
      CREATE ROLE nologin PASSWORD '${secret}';
      CREATE ROLE trusted LOGIN; CREATE ROLE barred LOGIN`);
  });
});
afterAll(async () => {
  await server.stop();
});

const as = (user: string, changes: Changes = {}): ReturnType<typeof optionsFor> =>
  optionsFor(server, { password: secret, ...changes, endpoint: { user } });

test.for(["md5er", "plain", "trusted", "scram"])("%s logs in", async (user) => {
  await withConnection(as(user), async (connection) => {
    expect((await connection.query("SELECT current_user")).rows).toEqual([[user]]);
  });
});

test("a password is prepared as the server prepares it", async () => {
  for (const password of [odd, "pass word TM"]) {
    await withConnection(as("odd", { password }), () => Promise.resolve());
  }
});

test.for<readonly [user: string, code: string]>([
  ["md5er", "auth.wrong_password"],
  ["plain", "auth.wrong_password"],
  ["scram", "auth.wrong_password"],
  ["nobody", "auth.wrong_password"],
])("%s with a wrong password is told so, without it", async ([user, code]) => {
  const password = "wrong-one";
  const refusal = await refusedBy(as(user, { password }));
  expect(refusal).toMatchObject({ kind: "AuthExpired", code });
  expect(refusal.message).toContain(`as user '${user}'`);
  expect(JSON.stringify(refusal.toRecord())).not.toContain(password);
});

test.for<readonly [user: string, code: string]>([
  ["expired", "auth.wrong_password"],
  ["nologin", "auth.refused"],
  ["barred", "auth.refused"],
])("%s is refused though the password is right", async ([user, code]) => {
  const refusal = await refusedBy(as(user));
  expect(refusal).toMatchObject({ kind: "AuthExpired", code });
  expect(JSON.stringify(refusal.toRecord())).not.toContain(secret);
});

test("a server that wants a password we don't have is told no, and why a file was left", async () => {
  const passwordNotice = "'pw' was left alone";
  const refusal = await refusedBy(as("scram", { password: null, passwordNotice }));
  expect(refusal).toMatchObject({ kind: "AuthExpired", code: "auth.no_password" });
  expect(refusal.hint).toContain(passwordNotice);
  expect(refusal.hint).toContain("PGPASSWORD");
});

test("require_auth and channel_binding are kept by a real server, or the login fails", async () => {
  const only = (method: AuthMethod): Changes => ({ requireAuth: new Set([method]) });
  await withConnection(as("scram", only("scram-sha-256")), () => Promise.resolve());
  for (const user of ["md5er", "plain", "trusted"]) {
    const refusal = await refusedBy(as(user, only("scram-sha-256")));
    expect(refusal).toMatchObject({ kind: "Permanent", code: "postgres.auth_refused" });
  }
  const unbound = await refusedBy(as("scram", { channelBinding: "require" }));
  expect(unbound.code).toBe("postgres.auth_refused");
});

const ok = said("R", 0);
const askPlain = said("R", 3);
const askMd5 = said("R", 5, Buffer.from("salt"));
const askScram = said("R", 10, "SCRAM-SHA-256\0\0");

/** The server's first message to the client's, which ends in its nonce. */
const firstOf =
  (rounds: number) =>
  (heard: Buffer): Buffer => {
    const nonce = /r=([A-Za-z0-9+/=]+)$/u.exec(heard.toString("latin1"))?.[1] ?? "";
    return said("R", 11, `r=${nonce}server,s=c2FsdA==,i=${rounds}`);
  };

const scramOnly: ReadonlySet<AuthMethod> = new Set(["scram-sha-256"]);
const signature = Buffer.alloc(32, 7).toString("base64");

test.for<readonly [what: string, script: Script, changes: Changes, code: string]>([
  ["asks for it plainly", [askPlain], { requireAuth: scramOnly }, "postgres.auth_refused"],
  ["asks for it by md5", [askMd5], { requireAuth: scramOnly }, "postgres.auth_refused"],
  ["asks for nothing", [ok], { requireAuth: scramOnly }, "postgres.auth_refused"],
  ["offers no binding", [askScram], { channelBinding: "require" }, "postgres.auth_refused"],
  ["asks for md5 unbound", [askMd5], { channelBinding: "require" }, "postgres.auth_refused"],
  [
    "asks for it plainly over a network",
    [askPlain],
    { endpoint: { host: "127.1" } },
    "postgres.auth_refused",
  ],
  ["knows another way", [said("R", 7)], {}, "postgres.auth_refused"],
  ["knows another SASL", [said("R", 10, "OAUTHBEARER\0\0")], {}, "postgres.auth_refused"],
  ["is content too early", [askScram, ok], {}, "postgres.auth_refused"],
  ["is content before its proof", [askScram, firstOf(4096), ok], {}, "postgres.auth_refused"],
  [
    "signs wrongly",
    [askScram, firstOf(4096), said("R", 12, `v=${signature}`)],
    {},
    "postgres.untrusted_server",
  ],
  [
    "signs nothing",
    [askScram, firstOf(4096), said("R", 12, "v=")],
    {},
    "postgres.untrusted_server",
  ],
  [
    "fails by SCRAM",
    [askScram, firstOf(4096), said("R", 12, "e=other-error")],
    {},
    "postgres.untrusted_server",
  ],
  ["wants no rounds", [askScram, firstOf(0)], {}, "postgres.untrusted_server"],
  ["wants too many", [askScram, firstOf(iterationsMax + 1)], {}, "postgres.untrusted_server"],
  [
    "has a nonce of its own",
    [askScram, said("R", 11, "r=abc,s=c2FsdA==,i=4096")],
    {},
    "postgres.untrusted_server",
  ],
  ["says SASL out of turn", [said("R", 11, "r=a,s=b,i=1")], {}, "postgres.untrusted_server"],
  ["begins SASL twice", [askScram, askScram], {}, "postgres.untrusted_server"],
  ["never comes to the point", [Buffer.concat(Array(100).fill(said("N", "\0")))], {}, "not"],
  ["speaks HTTP", [Buffer.from("HTTP/1.1 400 Bad Request\r\n\r\n")], {}, "not"],
  ["sends rows at once", [said("D", "\0\0")], {}, "not"],
])(
  "a server that %s is refused, and never hears the password",
  async ([, script, changes, code]) => {
    await using fake = await startFake(script);
    const refusal = await refusedBy(optionsFor(fake, { password: secret, ...changes }));
    expect(refusal.code).toBe(code === "not" ? "postgres.not_postgres" : code);
    expect(refusal.kind).toBe("Permanent");
    expect(fake.heard().toString("latin1")).not.toContain(secret);
    expect(JSON.stringify(refusal.toRecord())).not.toContain(secret);
  },
);

test("a plain password goes over a network where require_auth says so", async () => {
  await using fake = await startFake([askPlain, said("E", "SFATAL\0C28P01\0Mno\0\0")]);
  const endpoint = { host: "127.1" };
  const requireAuth = new Set<AuthMethod>(["password"]);
  const refusal = await refusedBy(optionsFor(fake, { password: secret, endpoint, requireAuth }));
  expect(refusal.code).toBe("auth.wrong_password");
  expect(fake.heard().toString("latin1")).toContain(secret);
});

test.for(["S!", "SS", "X"])("an answer of %s to a request for TLS is refused", async (answer) => {
  await using fake = await startFake([Buffer.from(answer)]);
  const refusal = await refusedBy(optionsFor(fake, { tls: { mode: "require" } }));
  expect(refusal).toMatchObject({ kind: "Permanent", code: "postgres.not_postgres" });
});

test("as many rounds as may be are done", async () => {
  const nonce = Buffer.alloc(18, 1);
  const client = new ScramClient({ password: "a", binding: { kind: "none" }, nonce });
  const first = /r=(.*)$/u.exec(client.first())?.[1] ?? "";
  const answer = await client.answer(`r=${first}x,s=c2FsdA==,i=${iterationsMax}`);
  expect(answer).toContain(`r=${first}x,p=`);
  expect(client.isVerified).toBe(false);
  const late = client.answer(`r=${first}x,s=c2FsdA==,i=${iterationsMax + 1}`);
  await expect(late).rejects.toThrow("rounds");
  expect(late).not.toBeInstanceOf(HakiriError);
});
