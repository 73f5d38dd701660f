/**
 * The tree is tidy: each check is silent on it, looks at enough of it, and reports its own planted
 * violations.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import {
  listGitPaths,
  listUnignoredPaths,
  plantedFile,
  readTree,
  rootFolder,
} from "./gates/tree.ts";
import type { Canary } from "./gates/tidy/canaries/canary.ts";
import { codeCanaries } from "./gates/tidy/canaries/code.ts";
import { documentCanaries } from "./gates/tidy/canaries/documents.ts";
import { wallCanaries } from "./gates/tidy/canaries/walls.ts";
import { applyExceptions, runCheck } from "./gates/tidy/check.ts";
import { checks, type CheckName } from "./gates/tidy/checks.ts";
import { exceptions } from "./gates/tidy/exceptions.ts";

// The type makes a check without canaries an error of the compiler.
const canaries: Readonly<Record<CheckName, readonly Canary[]>> = {
  ...codeCanaries,
  ...documentCanaries,
  ...wallCanaries,
};

const plantedTree = (tree: Canary["tree"]) =>
  Object.entries(tree).map(([path, text]) => plantedFile(path, text));

describe.each(Object.entries(checks))("%s", (name, check) => {
  test(`holds: ${check.claim}`, () => {
    const { filesSeen, messages } = runCheck(check, readTree());
    const allowed = exceptions.filter((exception) => exception.check === name);
    expect(applyExceptions(messages, allowed)).toEqual([]);
    expect(filesSeen).toBeGreaterThanOrEqual(check.floor);
  });

  // Every check of the object has a name of the type.
  const own = canaries[name as CheckName];

  test.each(own)("judges $about", ({ tree, says }) => {
    expect(runCheck(check, plantedTree(tree)).messages).toEqual(says);
  });

  test("has a canary that it must report and one that it must not", () => {
    expect(own.some(({ says }) => says.length > 0)).toBe(true);
    expect(own.some(({ says }) => says.length === 0)).toBe(true);
  });
});

describe("an exception", () => {
  const exception = { check: "sleeps", path: "test/a.ts", reason: "measures the kernel's timer" };

  test("silences its own file only", () => {
    const messages = ["test/a.ts:1: sleeps", "test/a.ts.ts:1: sleeps"];
    expect(applyExceptions(messages, [exception])).toEqual(["test/a.ts.ts:1: sleeps"]);
  });

  test("that silences nothing is reported", () => {
    expect(applyExceptions([], [exception])).toEqual([
      'test/a.ts: the exception "measures the kernel\'s timer" is no longer needed',
    ]);
  });
});

describe("git", () => {
  test("tracks enough files to be a tree", () => {
    expect(readTree().length).toBeGreaterThanOrEqual(50);
  });

  test("knows every file that it does not ignore, where no developer is at work", () => {
    const unknown = process.env["CI"] === "true" ? listGitPaths("untracked") : [];
    expect(unknown ?? []).toEqual([]);
  });

  test("is not needed: .gitignore leads to the same files", () => {
    const known = [...(listGitPaths("tracked") ?? []), ...(listGitPaths("untracked") ?? [])];
    const walked = listUnignoredPaths();
    expect(walked.length).toBeGreaterThanOrEqual(50);
    const existing = known.filter((path) => existsSync(join(rootFolder, path)));
    expect(walked).toEqual(existing.length > 0 ? [...new Set(existing)].toSorted() : walked);
  });
});
