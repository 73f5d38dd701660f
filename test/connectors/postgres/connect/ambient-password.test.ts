/** Where a password is found, and which files are left alone. */
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ambientPassword } from "../../../../connectors/postgres/connect/ambient.ts";
import { passwordIn } from "../../../../connectors/postgres/connect/passfile.ts";
import { smallBytesMax } from "../../../../connectors/postgres/connect/read-small-file.ts";

let home: string;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "hakiri-passfile-"));
});
afterAll(async () => {
  await rm(home, { recursive: true });
});

const endpoint = { host: "db.example", port: 5432, database: "shop", user: "ada" };
const places = { ...endpoint, passfile: null, service: null, servicefile: null };

test.for<readonly [line: string, password: string | null]>([
  ["db.example:5432:shop:ada:pw", "pw"],
  ["db.example:5432:shop:ada:pw\r", "pw"],
  ["*:*:*:*:any", "any"],
  ["# *:*:*:*:comment", null],
  ["#*:*:*:*:comment", null],
  ["db.example:5433:shop:ada:pw", null],
  ["db.example:5432:shop:bob:pw", null],
  ["DB.example:5432:shop:ada:pw", null],
  ["*:*:*:*:", null],
  ["*:*:*:a\\da:pw", "pw"],
  ["*:*:*:\\*:pw", null],
  ["*:*:*:*:a\\:b\\\\c", "a:b\\c"],
  ["*:*:*:*:a:b", "a:b"],
  ["*:*:*:pw", null],
  ["", null],
  ["no:such:host:x:a\n*:5432:*:*:second\n*:*:*:*:third", "second"],
])("%s has its password", ([text, password]) => {
  expect(passwordIn(text, endpoint)).toBe(password);
});

test("fields with a colon or a backslash are matched by their escapes", () => {
  const odd = { ...endpoint, host: "::1", user: "a\\b" };
  expect(passwordIn("\\:\\:1:*:*:a\\\\b:pw", odd)).toBe("pw");
});

test("a Unix socket is the local host, and its folder", () => {
  const socket = { ...endpoint, host: "/run/pg" };
  expect(passwordIn("localhost:*:*:*:pw", socket)).toBe("pw");
  expect(passwordIn("/run/pg:*:*:*:pw", socket)).toBe("pw");
  expect(passwordIn("other:*:*:*:pw", socket)).toBeNull();
});

test("the service, PGPASSWORD and the passfile are asked in this order", async () => {
  const nothing = { environment: {}, home };
  expect(await ambientPassword(places, nothing)).toEqual({ password: null, notice: null });
  await writeFile(join(home, ".pgpass"), "*:*:*:*:file\n", { mode: 0o600 });
  expect((await ambientPassword(places, nothing)).password).toBe("file");
  const around = { environment: { PGPASSWORD: "variable" }, home };
  expect((await ambientPassword(places, around)).password).toBe("variable");
  await writeFile(join(home, ".pg_service.conf"), "[s]\npassword=service\n");
  const withService = { ...places, service: "s" };
  expect((await ambientPassword(withService, around)).password).toBe("service");
  const elsewhere = { ...places, passfile: join(home, "none") };
  expect((await ambientPassword(elsewhere, nothing)).password).toBeNull();
});

test("a passfile that others may read is left alone, and said", async () => {
  const passfile = join(home, "open");
  await writeFile(passfile, "*:*:*:*:open\n");
  for (const mode of [0o640, 0o604, 0o620]) {
    await chmod(passfile, mode);
    const found = await ambientPassword({ ...places, passfile }, { environment: {}, home });
    expect(found.password).toBeNull();
    expect(found.notice).toContain(`chmod 600 '${passfile}'`);
  }
});

test("a passfile of the largest size is read, and none beyond", async () => {
  const passfile = join(home, "large");
  const line = "*:*:*:*:large\n";
  await writeFile(passfile, line.padEnd(smallBytesMax, "#"), { mode: 0o600 });
  const around = { environment: {}, home };
  expect((await ambientPassword({ ...places, passfile }, around)).password).toBe("large");
  await writeFile(passfile, line.padEnd(smallBytesMax + 1, "#"), { mode: 0o600 });
  const reading = ambientPassword({ ...places, passfile }, around);
  await expect(reading).rejects.toThrow(`${smallBytesMax + 1} bytes`);
});
