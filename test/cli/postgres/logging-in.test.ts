/** Who may log in, as seen by whoever types: passwords, roles and certificates. */
import { chmod, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { databaseOfTests, errorOf } from "./database-project.ts";

const certificates = new URL("../../connectors/postgres/wire/certificates/", import.meta.url);
const pem = (name: string): string => readFileSync(new URL(name, certificates), "utf8");

const password = "s3cret&more/than?that";
const encoded = encodeURIComponent(password);

const { project, server, home, sql } = databaseOfTests({
  hba: [
    "host all postgres 127.0.0.1/32 trust",
    "hostnossl all nobody 127.0.0.1/32 reject",
    "host all all 127.0.0.1/32 scram-sha-256",
  ],
  tls: { certificate: pem("named.crt"), key: pem("named.key") },
});

const uri = (user: string, parameters = ""): string =>
  `postgres://${user}@127.0.0.1:${server().port}/postgres?table=t${parameters}`;

beforeEach(async () => {
  await sql(
    "CREATE TABLE t AS SELECT 1 AS a; DROP ROLE IF EXISTS reader; DROP ROLE IF EXISTS late",
  );
  await sql(`CREATE ROLE reader LOGIN PASSWORD '${password}'`);
  await sql(`CREATE ROLE late LOGIN PASSWORD '${password}' VALID UNTIL '2020-01-01'`);
  await sql("GRANT SELECT ON t TO reader, late");
});

/** Everything that the store and the project have, as one text. */
async function allFiles(): Promise<string> {
  const names = await readdir(project().folder, { recursive: true, withFileTypes: true });
  const files = names.filter((entry) => entry.isFile());
  const texts = files.map((entry) => readFile(join(entry.parentPath, entry.name), "latin1"));
  return (await Promise.all(texts)).join("\n");
}

describe("a password", () => {
  test("of the URI is used and nowhere kept; a later run asks for its variable", async () => {
    const typed = await project().type("ingest", uri(`reader:${encoded}`));
    expect(typed).toMatchObject({ exitCode: 0 });
    expect(await errorOf(project(), 5, "run", "postgres")).toMatchObject({
      kind: "AuthExpired",
      code: "secret.missing",
      message: expect.stringContaining("HAKIRI_POSTGRES_PASSWORD") as string,
    });
    vi.stubEnv("HAKIRI_POSTGRES_PASSWORD", password);
    await project().document(0, "run", "postgres");
    const kept = `${typed.out}${typed.err}${await allFiles()}`;
    expect(kept).not.toContain(password);
    expect(kept).not.toContain(encoded);
  });

  test("of PGPASSWORD or of a passfile that is readable by its owner alone is found", async () => {
    vi.stubEnv("PGPASSWORD", password);
    await project().document(0, "ingest", uri("reader"));
    vi.stubEnv("PGPASSWORD", "");
    expect(await errorOf(project(), 5, "run", "postgres")).toMatchObject({
      code: "auth.no_password",
    });
    const line = `127.0.0.1:${server().port}:*:reader:${password.replaceAll(":", "\\:")}\n`;
    const passfile = join(home(), ".pgpass");
    await writeFile(passfile, line, { mode: 0o644 });
    expect(await errorOf(project(), 5, "run", "postgres")).toMatchObject({
      code: "auth.no_password",
      hint: expect.stringContaining("chmod") as string,
    });
    await chmod(passfile, 0o600);
    await project().document(0, "run", "postgres");
    await rm(passfile);
    expect(await allFiles()).not.toContain(password);
  });

  test.each([
    ["that is wrong", "reader:wrong-word", "auth.wrong_password"],
    ["of a role that has expired", `late:${encoded}`, "auth.wrong_password"],
    ["of a role that isn't there", `ghost:${encoded}`, "auth.wrong_password"],
  ])("%s is AuthExpired, at once", async (_, user, code) => {
    const error = await errorOf(project(), 5, "ingest", uri(user));
    expect(error).toMatchObject({ kind: "AuthExpired", code });
    expect(JSON.stringify(error)).toContain(`127.0.0.1:${server().port}`);
    expect(JSON.stringify(error)).toMatch(/check the password of '\w+'.*hasn't expired/u);
    expect(`${JSON.stringify(error)}${await allFiles()}`).not.toMatch(/s3cret|wrong-word/u);
    expect(await errorOf(project(), 5, "discover", uri(user))).toMatchObject({ code });
  });
});

describe("TLS", () => {
  test("of an unknown authority or for another host is refused, each with its way out", async () => {
    const { port } = server();
    await project().write("ca.crt", pem("authority.crt"));
    await project().write("stranger.crt", pem("stranger.crt"));
    const by = (host: string, parameters: string): string =>
      `postgres://reader:${encoded}@${host}:${port}/postgres?table=t&${parameters}`;
    const trusted = "sslmode=verify-full&sslrootcert=ca.crt";
    const untold = by("localhost", "sslmode=verify-full");
    expect(await errorOf(project(), 2, "ingest", untold)).toMatchObject({
      code: "usage.no_root_certificate",
    });
    await project().document(0, "ingest", by("localhost", trusted));
    expect(await errorOf(project(), 3, "ingest", by("127.0.0.1", trusted))).toMatchObject({
      kind: "Permanent",
      code: "postgres.tls_wrong_host",
      hint: expect.stringContaining("verify-ca") as string,
    });
    const stranger = by("localhost", "sslmode=verify-full&sslrootcert=stranger.crt");
    expect(await errorOf(project(), 3, "ingest", stranger)).toMatchObject({
      kind: "Permanent",
      code: "postgres.tls_untrusted",
      hint: expect.stringContaining("sslrootcert") as string,
    });
  });
});
