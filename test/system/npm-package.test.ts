/** The package for npm's registry, installed as a user would: it works, and brings no tools. */
import { execFileSync } from "node:child_process";
import { readdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

import { afterAll, beforeAll, expect, test } from "vitest";

import { assemblePackage } from "../../scripts/build/package.ts";
import { makeTemporaryFolder, type TemporaryFolder } from "./servers/temporary-folder.ts";

let folder: TemporaryFolder;

beforeAll(async () => {
  folder = await makeTemporaryFolder("npm package");
  const tarball = await assemblePackage(join(folder.path, "made"));
  await writeFile(join(folder.path, "package.json"), "{}");
  run("npm", ["install", "--silent", "--ignore-scripts", tarball]);
});

afterAll(() => folder?.remove());

function run(program: string, args: readonly string[]): string {
  const env = { ...process.env, PATH: `${dirname(process.execPath)}:${process.env["PATH"] ?? ""}` };
  return execFileSync(program, args, { cwd: folder.path, encoding: "utf8", env });
}

test("every library works from the installed package", () => {
  const answer: unknown = JSON.parse(run("node_modules/.bin/hakiri", ["doctor", "--json"]));
  expect(answer).toMatchObject({ ok: true });
});

test("it brings native libraries and what they need, no tool and no Node", async () => {
  const names = await readdir(join(folder.path, "node_modules"));
  const packages = names.filter((name) => !name.startsWith("."));
  expect(packages).toEqual(expect.arrayContaining(["hakiri", "better-sqlite3", "usearch"]));
  const unwanted =
    /^(?:node-(?:linux|darwin|bin-darwin)-|vit|typescript|ox|knip|binaryen|prettier)/;
  expect(packages.filter((name) => unwanted.test(name))).toEqual([]);
  expect(packages.length).toBeLessThanOrEqual(20);
});
