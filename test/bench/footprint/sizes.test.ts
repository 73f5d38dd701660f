/** Sizes of archives that are really there, against the budgets. */
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { keeps } from "../../../bench/footprint/figure.ts";
import { sizeFigures } from "../../../bench/footprint/sizes.ts";

let folder = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "hakiri-sizes-"));
  mkdirSync(join(folder, "release"));
  writeFileSync(join(folder, "release/LICENSE"), "12345");
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A file of this many bytes; it takes no room on the disk. */
function archive(name: string, sizeBytes: number): string {
  const file = join(folder, name);
  writeFileSync(file, "");
  truncateSync(file, sizeBytes);
  return file;
}

test.each(["coord", "core"] as const)("a tarball of %s may have 50,000,000 bytes", (profile) => {
  const figures = sizeFigures(profile, [archive("a", 50_000_000)], join(folder, "release"));
  expect(figures.filter((figure) => !keeps(figure))).toEqual([]);
  expect(figures.map(({ name }) => name)).toContain("installed size");
});

test.each([
  ["coord", 50_000_001],
  ["core", 50_000_001],
  ["full", 150_000_001],
] as const)("canary: a %s of %i bytes is over its budget", (profile, sizeBytes) => {
  const figures = sizeFigures(profile, [archive("a", sizeBytes)], join(folder, "release"));
  expect(figures.filter((figure) => !keeps(figure))).toHaveLength(1);
});

test("canary: a zip for Lambda of 30,000,001 bytes is over its budget", () => {
  const archives = [archive("a", 1), archive("b", 30_000_001)];
  const figures = sizeFigures("core", archives, join(folder, "release"));
  expect(figures.filter((figure) => !keeps(figure)).map(({ name }) => name)).toEqual([
    "Lambda zip, without node",
  ]);
});
