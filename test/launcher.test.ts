/** The launcher as users meet it: links, spaces, foreign folders, a PATH with the wrong Node. */
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { version } from "../src/cli/version.ts";

const launcher = resolve("bin/hakiri");
let folder = "";

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "hakiri launcher "));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function run(command: string, args: string[], options: { cwd?: string; path?: string } = {}) {
  const { status, stdout, stderr } = spawnSync(command, args, {
    cwd: options.cwd ?? folder,
    encoding: "utf8",
    env: { PATH: options.path ?? systemPath(), HOME: folder },
  });
  return { status, stdout, stderr };
}

/** The tools that the launcher may call, and nothing else. */
function systemPath(): string {
  const tools = join(folder, "tools");
  mkdirSync(tools, { recursive: true });
  for (const tool of ["uname", "readlink"]) {
    const found = ["/usr/bin", "/bin"].map((dir) => join(dir, tool));
    const [first = ""] = found.filter((file) => spawnSync("test", ["-x", file]).status === 0);
    rmSync(join(tools, tool), { force: true });
    symlinkSync(first, join(tools, tool));
  }
  return tools;
}

/** A release in miniature: the launcher, an entry, and perhaps a Node of its own. */
function release(name: string): string {
  const root = join(folder, name);
  mkdirSync(join(root, "bin"), { recursive: true });
  mkdirSync(join(root, "lib"), { recursive: true });
  copyFileSync(launcher, join(root, "bin/hakiri"));
  writeFileSync(join(root, "lib/hakiri.js"), "");
  return root;
}

/** A Node that tells its version when asked, else who it is and what it was given. */
function fakeNode(file: string, nodeVersion: string): void {
  mkdirSync(join(file, ".."), { recursive: true });
  const body = `if [ "$1" = --version ]; then echo ${nodeVersion}; else echo "$0" "$@"; fi`;
  writeFileSync(file, `#!/bin/sh\n${body}\n`);
  chmodSync(file, 0o755);
}

describe("in a checkout", () => {
  test("--version works from another folder, with no node on the PATH", () => {
    expect(run(launcher, ["--version"])).toMatchObject({
      status: 0,
      stdout: `hakiri ${version}\n`,
      stderr: "",
    });
  });

  test("--help lists the commands", () => {
    expect(run(launcher, ["--help"]).stdout).toContain("doctor");
  });

  test("a chain of links, one of them relative and one in a folder with a space, is followed", () => {
    mkdirSync(join(folder, "a b"));
    symlinkSync(launcher, join(folder, "a b", "first"));
    symlinkSync("a b/first", join(folder, "second"));
    symlinkSync(join(folder, "second"), join(folder, "third"));
    expect(run(join(folder, "third"), ["--version"]).stdout).toBe(`hakiri ${version}\n`);
    const byPath = run("/bin/sh", ["-c", "third --version"], { path: `${folder}:${systemPath()}` });
    expect(byPath.stdout).toBe(`hakiri ${version}\n`);
  });

  test("it starts by its bare name in its own folder", () => {
    const result = run("/bin/sh", ["hakiri", "--version"], { cwd: resolve("bin") });
    expect(result.stdout).toBe(`hakiri ${version}\n`);
  });

  test("exit codes and arguments with spaces pass through", () => {
    const result = run(launcher, ["no such command"]);
    expect(result.status).toBe(2);
    expect(result.stderr).toContain("'no such command'");
  });
});

describe("the choice of Node", () => {
  test("the one beside the launcher comes first", () => {
    const root = release("sibling");
    fakeNode(join(root, "bin/node"), "v1.0.0");
    fakeNode(join(folder, "path/node"), "v99.0.0");
    const { stdout } = run(join(root, "bin/hakiri"), ["x y"], { path: join(folder, "path") });
    expect(stdout.trim()).toBe(
      `${root}/bin/node --disable-warning=ExperimentalWarning ${root}/bin/../lib/hakiri.js x y`,
    );
  });

  test("one on the PATH is taken when it is at least 26", () => {
    const root = release("on path");
    fakeNode(join(folder, "new/node"), "v26.0.0");
    const { stdout } = run(join(root, "bin/hakiri"), [], {
      path: `${join(folder, "new")}:${systemPath()}`,
    });
    expect(stdout).toContain("new/node");
  });

  test.each(["v25.9.9", "v9.0.0", "not a version"])("%s on the PATH is refused", (nodeVersion) => {
    const root = release("refused");
    fakeNode(join(folder, "old/node"), nodeVersion);
    const result = run(join(root, "bin/hakiri"), ["--version"], {
      path: `${join(folder, "old")}:${systemPath()}`,
    });
    expect(result).toMatchObject({ status: 2, stdout: "" });
    expect(result.stderr.trim().split("\n")).toHaveLength(1);
    expect(result.stderr).toContain(`expected Node 26 or newer, found ${nodeVersion}`);
  });

  test("none at all is one line that says what to type, and exit code 2", () => {
    const result = run(join(release("none"), "bin/hakiri"), ["--version"]);
    expect(result).toMatchObject({ status: 2, stdout: "" });
    expect(result.stderr).toMatch(/^hakiri: expected Node 26 or newer, found none .*npm ci.*\n$/);
  });
});
