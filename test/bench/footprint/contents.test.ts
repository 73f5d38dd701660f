/** Linked libraries of a release: what it brings, what it may expect, what is foreign. */
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import {
  foreignLibraries,
  glibcNeeded,
  installedBytes,
} from "../../../bench/footprint/contents.ts";
import { keeps } from "../../../bench/footprint/figure.ts";

const addon = `node_modules/@duckdb/node-bindings-${process.platform}-${process.arch}`;
let folder = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "hakiri contents "));
  mkdirSync(join(folder, "lib"));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

test("a library that the release brings beside the addon is not foreign", () => {
  copyFileSync(`${addon}/duckdb.node`, join(folder, "lib/duckdb.node"));
  copyFileSync(`${addon}/libduckdb.so`, join(folder, "lib/libduckdb.so"));
  expect(foreignLibraries("core", folder)).toMatchObject({ value: 0, budget: 0 });
});

test("canary: a library that the release forgot is named", () => {
  copyFileSync(`${addon}/duckdb.node`, join(folder, "lib/duckdb.node"));
  expect(foreignLibraries("core", folder)).toMatchObject({ value: 1, detail: "libduckdb.so" });
});

test("the newest glibc symbol is found, and canary: a library that asks for a newer one fails", () => {
  copyFileSync(`${addon}/duckdb.node`, join(folder, "lib/duckdb.node"));
  const duckdb = glibcNeeded("core", folder);
  expect(duckdb.value).toBeGreaterThan(0);
  copyFileSync(
    `node_modules/better-sqlite3/prebuilds/${process.platform}-${process.arch}.node`,
    join(folder, "lib/sqlite.node"),
  );
  const both = glibcNeeded("core", folder);
  expect(both).toMatchObject({ detail: "sqlite.node" });
  expect(both.value).toBeGreaterThan(duckdb.value);
  expect(keeps({ ...both, budget: duckdb.value })).toBe(false);
});

test("canary: without ldd nothing is said to be clean", () => {
  copyFileSync(`${addon}/duckdb.node`, join(folder, "lib/duckdb.node"));
  vi.stubEnv("PATH", "/nonexistent");
  expect(() => foreignLibraries("core", folder)).toThrow("expected 'ldd' to tell");
  vi.unstubAllEnvs();
});

test("a release without any native file is an error: the check would have looked at nothing", () => {
  writeFileSync(join(folder, "lib/hakiri.js"), "");
  expect(() => foreignLibraries("core", folder)).toThrow("expected native files");
});

test("the installed size is the sum of all files", () => {
  writeFileSync(join(folder, "lib/a"), "12345");
  writeFileSync(join(folder, "b"), "678");
  expect(installedBytes(folder)).toBe(8);
});
