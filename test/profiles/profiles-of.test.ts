/** Which profile has which command: the data that each carries against the tables themselves. */
import { expect, test } from "vitest";
import { globalOptions } from "../../src/cli/arguments/global-options.ts";
import type { Command } from "../../src/cli/command.ts";
import { coordCommands } from "../../src/profiles/coord-commands.ts";
import { coreCommands } from "../../src/profiles/core-commands.ts";
import { fullCommands } from "../../src/profiles/full-commands.ts";
import { profilesOf } from "../../src/profiles/profiles-of.ts";

const tables: Readonly<Record<string, readonly Command[]>> = {
  coord: coordCommands,
  core: coreCommands,
  full: fullCommands,
};

test("every command is listed with exactly the profiles that have it", () => {
  const found = new Map<string, string[]>();
  for (const [profile, commands] of Object.entries(tables)) {
    for (const { name } of commands) found.set(name, [...(found.get(name) ?? []), profile]);
  }
  expect(Object.fromEntries(profilesOf)).toEqual(Object.fromEntries(found));
});

test("full has every command of core", () => {
  const names = fullCommands.map(({ name }) => name);
  expect(names).toEqual(expect.arrayContaining(coreCommands.map(({ name }) => name)));
});

test.each(Object.entries(tables))("the commands of %s can be typed", (_, commands) => {
  const names = commands.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  for (const { name, summary, operands, options, examples } of commands) {
    expect(name).toMatch(/^[a-z]+(?: [a-z]+)?$/u);
    // A word can't be a command and a group of commands.
    expect(names.filter((other) => other.startsWith(`${name} `))).toEqual([]);
    expect(["help", "completion"]).not.toContain(name.split(" ")[0]);
    expect(summary).toMatch(/^[a-z].*[^.]$/u);
    expect(examples).not.toEqual([]);
    const arities = Object.values(operands).map(({ arity }) => arity);
    // What may be absent is followed by what may be absent only, and what repeats by nothing.
    expect(arities.join(" ")).toMatch(/^(?:one ?)*(?:(?:optional ?)*(?:any)?|many)$/u);
    const flags = { ...options, ...globalOptions };
    expect(Object.keys(flags)).toHaveLength(
      Object.keys(options).length + Object.keys(globalOptions).length,
    );
    for (const key of [...Object.keys(options), ...Object.keys(operands)]) {
      expect(key).toMatch(/^[a-z]+(?:[A-Z][a-z]+)*$/u);
    }
    const letters = Object.values(flags).flatMap((spec) => ("short" in spec ? [spec.short] : []));
    expect(new Set(letters).size).toBe(letters.length);
  }
});
