/** What a contributor's machine has is enough: no root, no Debian package, no Node but npm's. */
import { mkdir, rm, symlink } from "node:fs/promises";
import { join } from "node:path";

import { afterAll, beforeAll, expect, test } from "vitest";

import { makeOrdinaryCheckout, type OrdinaryCheckout } from "./servers/ordinary-checkout.ts";
import { findProgram } from "./servers/program.ts";

const minuteMs = 60_000;
// What bin/hakiri may call besides the shell.
const posixPrograms = ["sh", "readlink", "uname", "dirname", "env"];

let checkout: OrdinaryCheckout;

beforeAll(async () => {
  checkout = await makeOrdinaryCheckout();
});

afterAll(() => checkout?.[Symbol.asyncDispose]());

test("the copy is whole and its user is an ordinary one", async () => {
  expect(checkout.fileCount).toBeGreaterThan(20);
  expect((await checkout.run(["git", "ls-files"])).trim().split("\n")).toHaveLength(
    checkout.fileCount,
  );
  expect((await checkout.run(["id", "--user"])).trim()).toBe("65534");
  await expect(checkout.run(["mkdir", "/var/hakiri-may-not"])).rejects.toThrow("Permission denied");
});

test(
  "npm test passes as an ordinary user, in a path with spaces, without npm's link to node",
  async () => {
    // npm before 11.7 doesn't make it.
    await rm(join(checkout.path, "node_modules/.bin/node"), { force: true });
    const output = await checkout.run(["npm", "test"], { deadlineMs: 25 * minuteMs });
    expect(output).toMatch(/Tests .*\d+ passed/);
  },
  26 * minuteMs,
);

test(
  "npm run quickstart passes as an ordinary user, its PostgreSQL included",
  async () => {
    const output = await checkout.run(["npm", "run", "quickstart"], { deadlineMs: 8 * minuteMs });
    expect(output).toContain("The shop counts 20500 orders");
    expect(output).toContain("live.orders: 500 new, 250 updated");
  },
  9 * minuteMs,
);

test("bin/hakiri --version works from another folder with no node on the PATH", async () => {
  const path = join(checkout.elsewhere, "bin");
  await mkdir(path);
  for (const name of posixPrograms) {
    await symlink(findProgram({ name, package: "coreutils" }), join(path, name));
  }
  const options = { cwd: checkout.elsewhere, path };
  await expect(checkout.run(["sh", "-c", "command -v node"], options)).rejects.toThrow("failed");
  const version = await checkout.run([join(checkout.path, "bin/hakiri"), "--version"], options);
  expect(version).toMatch(/^hakiri \d+\.\d+\.\d+\n$/);
});
