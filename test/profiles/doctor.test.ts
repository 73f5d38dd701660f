/** Each profile's libraries, really loaded, by the profile's own entry. */
import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";

const carried = {
  coord: ["frames", "sqlite", "tls"],
  core: ["duckdb", "parquet", "sqlite", "s3", "http", "tracing", "pools", "config"],
  full: ["duckdb", "components", "author", "mcp", "vectors", "tokens", "postgres", "dynamodb"],
};

test.each(Object.entries(carried))("every library of profile %s works", (profile, names) => {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [`src/profiles/${profile}.ts`, "doctor", "--json"],
    { encoding: "utf8" },
  );
  const { ok, libraries } = JSON.parse(stdout) as {
    ok: boolean;
    libraries: { library: string; ok: boolean; detail: string }[];
  };
  expect(libraries.filter((finding) => !finding.ok)).toEqual([]);
  expect({ ok, status }, stderr).toEqual({ ok: true, status: 0 });
  expect(libraries.map((finding) => finding.library)).toEqual(expect.arrayContaining(names));
});

test("a reader that goes away ends the program without a stack trace", () => {
  const command = `"${process.execPath}" src/profiles/full.ts --help | true`;
  const { stderr } = spawnSync("/bin/sh", ["-c", command], { encoding: "utf8" });
  expect(stderr).toBe("");
});
