/** What is missing is named, with what to type; nothing is skipped. */
import { readFile } from "node:fs/promises";

import { expect, test } from "vitest";

import { compileGuest } from "./guests/compile-c.ts";
import { startEtcd } from "./servers/etcd.ts";
import { findProgram, programs, runProgram } from "./servers/program.ts";
import { startRadosgw } from "./servers/radosgw.ts";
import { makeTemporaryFolder } from "./servers/temporary-folder.ts";
import { findUser } from "./servers/user.ts";

const missing = { name: "hakiri-no-such-program", package: "hakiri-no-such-package" };

test("a program that isn't on the PATH is named with the package to install", () => {
  expect(() => findProgram(missing)).toThrow(
    /^expected hakiri-no-such-program on the PATH \(.+\); install with apt-get install hakiri-no-/,
  );
});

test("a program that isn't at its path is named with the package to install", () => {
  const name = "/usr/lib/postgresql/0/bin/initdb";
  expect(() => findProgram({ name, package: "postgresql-0" })).toThrow(
    `expected ${name}; install with apt-get install postgresql-0`,
  );
});

test("running a missing program fails the same way", async () => {
  await expect(runProgram(missing, [])).rejects.toThrow("apt-get install hakiri-no-such-package");
});

test("a missing user is named with the package that creates it", async () => {
  await expect(findUser("hakiri-no-such-user", "postgresql-15")).rejects.toThrow(
    "expected a user hakiri-no-such-user; install with apt-get install postgresql-15",
  );
});

test.each([
  { what: "radosgw", start: () => startRadosgw(), package: "ceph-common" },
  { what: "etcd", start: () => startEtcd(1), package: "util-linux" },
  { what: "a C guest", start: () => compileGuest("add"), package: "lld" },
])("with nothing on the PATH $what fails and names a package", async ({ start, package: name }) => {
  await using empty = await makeTemporaryFolder("empty");
  const path = process.env["PATH"];
  process.env["PATH"] = empty.path;
  try {
    await expect(start()).rejects.toThrow(`apt-get install ${name}`);
  } finally {
    process.env["PATH"] = path;
  }
});

test("the package named for a program is the one that brings it", async () => {
  const wrong: string[] = [];
  for (const program of Object.values(programs)) {
    const path = findProgram(program);
    // Debian 12 may list /usr/bin/ip as /bin/ip, where it was before the two became one folder.
    const patterns = [path, path.replace(/^\/usr/, ""), path.replace(/^(?!\/usr)/, "/usr")];
    const owners = await Promise.all(patterns.map(findOwner));
    if (!owners.includes(program.package)) wrong.push(`${path} is from ${owners.join("")}`);
  }
  expect(wrong).toEqual([]);
});

test("every package that a program names is in the list that .ci/install installs", async () => {
  const list = new URL("../../.ci/debian-packages", import.meta.url);
  const listed = (await readFile(list, "utf8"))
    .split("\n")
    .map((line) => line.replace(/#.*/, "").trim())
    .filter((line) => line !== "");
  const named = new Set(Object.values(programs).map((program) => program.package));
  expect(named.size).toBeGreaterThanOrEqual(10);
  expect([...named].filter((name) => !listed.includes(name))).toEqual([]);
});

/** The package that a file is from, empty when dpkg knows none. */
async function findOwner(path: string): Promise<string> {
  const search = runProgram(programs["dpkg-query"], ["--search", path]);
  const lines = (await search.catch(() => "")).toString().split("\n");
  const line = lines.find((each) => each.endsWith(`: ${path}`) && !each.startsWith("diversion "));
  return line?.replace(/[:,].*/, "") ?? "";
}
