/** The command line on a program of one command, without a process. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { Command } from "../../src/cli/command.ts";
import { runCommandLine } from "../../src/cli/main.ts";
import { version } from "../../src/cli/version.ts";
import { HakiriError } from "../../src/core/error.ts";

const greet: Command = {
  name: "greet",
  summary: "greet people by name",
  operand: { name: "NAME", description: "who is greeted" },
  examples: ["hakiri greet Ada"],
  weight: "light",
  load: async () => async (names) => {
    if (names.includes("nobody")) {
      const record = { kind: "AuthExpired", code: "auth.unknown", message: "who?", hint: "ask" };
      throw new HakiriError({ ...record, kind: "AuthExpired" });
    }
    if (names.includes("bug")) throw new TypeError("cannot read x of undefined");
    return { text: `hello ${names.join(" and ")}\n`, document: { greeted: names }, exitCode: 0 };
  },
};

async function type(...args: string[]): Promise<{ exitCode: number; out: string; err: string }> {
  let out = "";
  let err = "";
  const program = {
    profile: "core",
    commands: [greet],
    runtime: { node: "26.0.0", platform: "linux-x64" },
  };
  const exitCode = await runCommandLine(program, args, {
    out: (text) => (out += text),
    err: (text) => (err += text),
  });
  return { exitCode, out, err };
}

test("--version prints the version of package.json", async () => {
  const packaged: unknown = JSON.parse(readFileSync("package.json", "utf8"));
  expect(packaged).toMatchObject({ version });
  expect(await type("--version")).toEqual({ exitCode: 0, out: `hakiri ${version}\n`, err: "" });
  expect(await type("-V")).toEqual(await type("--version"));
});

test("--version --json is one document that tells profile, node and platform", async () => {
  const { out } = await type("--version", "--json");
  expect(JSON.parse(out)).toEqual({
    version,
    profile: "core",
    node: "26.0.0",
    platform: "linux-x64",
  });
});

test.each([[["--help"]], [[]]])("%j prints every command with its summary", async (args) => {
  const { exitCode, out, err } = await type(...args);
  expect(exitCode).toBe(0);
  expect(err).toBe("");
  expect(out).toMatch(/greet \[options\] \[NAME\.\.\.\]\s+greet people by name/);
});

test("a command's help shows its operand and an example to type", async () => {
  const { exitCode, out } = await type("greet", "--help");
  expect(exitCode).toBe(0);
  expect(out).toContain("who is greeted");
  expect(out).toContain("hakiri greet Ada");
});

test("an answer goes to stdout as text, and with --json as one document", async () => {
  expect(await type("greet", "Ada")).toEqual({ exitCode: 0, out: "hello Ada\n", err: "" });
  expect((await type("greet", "Ada", "--json")).out).toBe('{"greeted":["Ada"]}\n');
  expect((await type("--json", "greet", "Ada")).out).toBe('{"greeted":["Ada"]}\n');
});

test("what stands after -- is an operand, also when it looks like an option", async () => {
  expect((await type("greet", "--", "--json")).out).toBe("hello --json\n");
});

test("a near miss is named, on stderr, with exit code 2", async () => {
  const { exitCode, out, err } = await type("gret");
  expect(exitCode).toBe(2);
  expect(out).toBe("");
  expect(err).toContain("expected a command of profile core (greet), got 'gret'");
  expect(err).toContain("Did you mean greet?");
});

test("an unknown option is a usage error of its own code", async () => {
  const { exitCode, out, err } = await type("greet", "--loud", "--json");
  expect(exitCode).toBe(2);
  expect(JSON.parse(out)).toMatchObject({
    error: { code: "usage.unknown_option", kind: "Permanent" },
  });
  expect(err).toContain("--loud");
});

test("a foreseen failure exits by its kind and prints message and hint, no stack", async () => {
  const { exitCode, out, err } = await type("greet", "nobody", "--json");
  expect(exitCode).toBe(5);
  expect(JSON.parse(out)).toEqual({
    error: { kind: "AuthExpired", code: "auth.unknown", message: "who?", hint: "ask" },
  });
  expect(err).toBe("hakiri: who?\n  ask\n");
});

test("an unforeseen failure exits with 1, says that it is a defect, and prints no stack", async () => {
  const { exitCode, err } = await type("greet", "bug");
  expect(exitCode).toBe(1);
  expect(err).toContain("a defect of hakiri: cannot read x of undefined");
  expect(err).not.toContain("at ");
});
