/** Bad input as a real process meets it: one error, and its exit code. */
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { compiledEnv } from "../../actors/compiled.ts";
import { temporaryFolder } from "../../catalog/temporary-folder.ts";

test.each([
  [2, "a command that isn't there", ["qeury", "x"]],
  [2, "a file that isn't there", ["ingest", "absent.csv"]],
  [2, "a project file that is no TOML", ["runs", "--project", "broken"]],
  [3, "a file that is cut", ["ingest", "cut.json"]],
])("exit code %i for %s", (exitCode, _, args) => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "cut.json"), '[{"a":1},{"a":');
  if (args.includes("broken")) writeFileSync(join(folder, "hakiri.toml"), "store: {}");
  const inFolder = args.map((arg) => (arg === "broken" ? folder : arg));
  const program = join(import.meta.dirname, "../../../src/profiles/core.ts");
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...inFolder], {
    cwd: folder,
    encoding: "utf8",
    env: compiledEnv,
  });
  expect(status, stderr).toBe(exitCode);
  expect(`${stdout}${stderr}`).not.toMatch(/^\s+at \S|defect/mu);
  expect(`${stdout}${stderr}`.match(/\bexpected /gu), stderr).toHaveLength(1);
});
