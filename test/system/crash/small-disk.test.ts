/** A real disk that is full or read-only, as the kernel, SQLite and DuckDB say so. */
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { compiledEnv } from "../../actors/compiled.ts";
import { findProgram, plainEnvironment, programs } from "../servers/program.ts";
import { makeTemporaryFolder } from "../servers/temporary-folder.ts";
import { expectRoot } from "../servers/user.ts";
import type { DiskTry } from "./small-disk.ts";

const program = fileURLToPath(new URL("small-disk.ts", import.meta.url));

/** In a namespace of its own, which the disk goes with. */
const script = 'mount -t tmpfs -o size=6m hakiri "$1" && exec "$2" "$3" "$1" "$4"';

test("a run on a full or read-only disk says so, and the next one ends it", async () => {
  expectRoot("mounts");
  await using folder = await makeTemporaryFolder("disk");
  const { stdout } = await promisify(execFile)(
    findProgram(programs.unshare),
    ["--mount", "--", findProgram(programs.sh), "-c", script, "sh"].concat([
      folder.path,
      process.execPath,
      program,
      findProgram(programs.mount),
    ]),
    { env: plainEnvironment(compiledEnv) },
  );
  const tries = stdout
    .trim()
    .split("\n")
    // The program writes nothing else.
    .map((line) => JSON.parse(line) as DiskTry);
  expect(tries).toHaveLength(10);
  for (const { fault, code, message } of tries) {
    const expected = fault === "read-only" ? ["disk.read_only"] : ["disk.full", null];
    expect(expected, `${fault}: ${message}`).toContain(code);
  }
  const full = tries.filter(({ code }) => code === "disk.full");
  expect(full.length).toBeGreaterThan(3);
});
