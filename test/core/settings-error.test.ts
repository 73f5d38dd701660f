/** Faults of settings, as users read them. */
import { expect, test } from "vitest";
import { settingsError } from "../../src/core/settings-error.ts";

const owner = { of: "files", known: ["path", "glob"], least: 'path = "a.csv"' };

test("an unknown setting is named with its nearest like, whatever else is wrong", () => {
  const unknown = { code: "unrecognized_keys", path: [], message: "?", keys: ["pth"] };
  const other = { code: "custom", path: ["glob"], message: "a pattern" };
  expect(settingsError([other, unknown], owner)).toMatchObject({
    code: "usage.unknown_key",
    message: "source: expected a known setting of files, got 'pth'",
    hint: "did you mean 'path'?",
  });
});

test("all faults are told at once, each with its place", () => {
  const faults = [
    { code: "custom", path: ["glob", 1], message: "a pattern" },
    { code: "custom", path: [], message: "a table" },
  ];
  expect(settingsError(faults, owner)).toMatchObject({
    code: "usage.invalid_config",
    message: expect.stringContaining("glob.1: a pattern; source: a table") as string,
    hint: 'path = "a.csv"',
  });
});
