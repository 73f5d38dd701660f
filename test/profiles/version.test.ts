/** What `--version` loads, by Node's own account of it. */
import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";

/** The modules that a run of profile full loads, Node's own left out. */
function loadedBy(...args: string[]): readonly string[] {
  const { stderr } = spawnSync(process.execPath, ["src/profiles/full.ts", ...args], {
    encoding: "utf8",
    env: { ...process.env, NODE_DEBUG: "esm" },
  });
  const found = stderr.matchAll(/ Translating \w+ file:\/\/(\S+)/gu);
  return [...new Set([...found].map(([, path = ""]) => path))];
}

test("--version loads no npm package and no command", () => {
  const loaded = loadedBy("--version");
  expect(loaded.filter((path) => path.includes("/src/cli/")).length).toBeGreaterThan(3);
  expect(loaded.filter((path) => !/\/src\/(?:profiles|cli|core)\//u.test(path))).toEqual([]);
  expect(loaded.filter((path) => /commands\.ts$|perform|parse/u.test(path))).toEqual([]);
});

test("completion loads no npm package either", () => {
  const loaded = loadedBy("__complete", "doc");
  expect(loaded.filter((path) => path.endsWith("/full-commands.ts"))).toHaveLength(1);
  expect(loaded.filter((path) => path.includes("/node_modules/"))).toEqual([]);
});

test("canary: a command line that is parsed loads commander", () => {
  expect(loadedBy("--help").filter((path) => path.includes("/node_modules/"))).not.toEqual([]);
});
