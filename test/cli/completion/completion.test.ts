/** Completion: what hakiri proposes, and bash itself with the script. */
import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { completionScripts } from "../../../src/cli/completion/scripts.ts";
import type { Command } from "../../../src/cli/command.ts";
import { typeLine } from "../scripted-terminal.ts";

const words = {
  group: "Ask the data",
  examples: [],
  weight: "light",
  load: () => Promise.reject(new Error("loaded")),
} as const;

const commands: readonly Command[] = [
  {
    ...words,
    name: "ingest",
    summary: "bring data in",
    operands: {
      sourceUri: { arity: "one", description: "a file", completes: "files" },
      color: { arity: "any", description: "colours", choices: ["red", "green"] },
    },
    options: {
      mode: { kind: "choice", choices: ["append", "merge"], description: "how" },
      stream: { kind: "string", value: "S", repeated: true, description: "only", short: "s" },
      into: { kind: "string", value: "DIR", description: "where", completes: "folders" },
      dry: { kind: "boolean", description: "only look" },
    },
  },
  { ...words, name: "pipeline list", summary: "list them", operands: {}, options: {} },
  { ...words, name: "pipeline show", summary: "show one", operands: {}, options: {} },
];

async function complete(...typed: string[]): Promise<{ also: string; words: string[] }> {
  const { out, err, exitCode } = await typeLine(commands, ["__complete", ...typed]);
  expect({ err, exitCode }).toEqual({ err: "", exitCode: 0 });
  const [also = "", ...lines] = out.trimEnd().split("\n");
  return { also, words: lines.map((line) => line.split("\t")[0] ?? "") };
}

describe("proposed is", () => {
  test.each([
    ["each first word", [""], ":words", ["ingest", "pipeline", "completion", "help"]],
    ["what begins so", ["p"], ":words", ["pipeline"]],
    ["the second word of a group", ["pipeline", ""], ":words", ["list", "show"]],
    ["nothing after a command without operands", ["pipeline", "list", ""], ":words", []],
    ["nothing after an unknown command", ["nonsense", ""], ":words", []],
    ["a file where one is read", ["ingest", "./d"], ":files", []],
    ["an operand's choices", ["ingest", "x", ""], ":words", ["red", "green"]],
    ["an operand's choices again", ["ingest", "x", "red", "g"], ":words", ["green"]],
    ["an option's choices", ["ingest", "--mode", ""], ":words", ["append", "merge"]],
    ["them behind =", ["ingest", "--mode=m"], ":words", ["--mode=merge"]],
    ["a global option's choices", ["--progress", "j"], ":words", ["json"]],
    ["a folder for an option", ["ingest", "--into", ""], ":folders", []],
    ["nothing for a free text", ["ingest", "-s", ""], ":words", []],
    ["an operand after an option's value", ["ingest", "--mode", "x", "./"], ":files", []],
    ["an operand after --", ["ingest", "--", "--mo"], ":files", []],
    ["a topic of help", ["help", "ex"], ":words", ["exit-codes"]],
    ["a shell", ["completion", "z"], ":words", ["zsh"]],
  ])("%s", async (_, typed, also, expected) => {
    expect(await complete(...typed)).toEqual({ also, words: expected });
  });

  test("each flag with its meaning, but not again one that counts once", async () => {
    const { out } = await typeLine(commands, ["__complete", "ingest", "--"]);
    expect(out).toContain("--mode\thow\n");
    const again = await complete("ingest", "--dry", "--stream", "a", "x", "--json", "-");
    expect(again.words).toEqual(expect.arrayContaining(["--stream", "--mode", "--quiet"]));
    expect(again.words).not.toEqual(expect.arrayContaining(["--dry"]));
    expect(again.words).not.toEqual(expect.arrayContaining(["--json"]));
  });

  test("nothing where nothing was typed at all", async () => {
    expect((await complete()).words).toContain("ingest");
  });
});

test("each shell has its script, as text and as a document", async () => {
  for (const [shell, script] of Object.entries(completionScripts)) {
    expect((await typeLine(commands, ["completion", shell])).out).toBe(script);
    const { out } = await typeLine(commands, ["completion", shell, "--json"]);
    expect(JSON.parse(out)).toEqual({ shell, script });
    expect(script).toContain("__complete");
  }
});

describe("in bash", () => {
  let folder = "";

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "hakiri completion "));
    const program = fileURLToPath(new URL("../programs/sample.ts", import.meta.url));
    const hakiri = join(folder, "hakiri");
    writeFileSync(hakiri, `#!/bin/sh\nexec '${process.execPath}' '${program}' "$@"\n`);
    chmodSync(hakiri, 0o755);
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const cases: readonly (readonly [about: string, typed: string[], proposed: string[]])[] = [
    ["a command", ["in"], ["ingest"]],
    ["a second word", ["pipeline", ""], ["list", "show"]],
    ["a flag", ["ingest", "--mo"], ["--mode"]],
    ["a value", ["ingest", "--mode", "m"], ["merge"]],
    ["a value right behind =", ["ingest", "--mode", "="], ["append", "merge"]],
    ["a value begun behind =", ["ingest", "--mode", "=", "ap"], ["append"]],
    ["nothing in a URI, whose colons cut it", ["ingest", "s3", ":", "//b"], []],
  ];

  test("the script proposes what hakiri does, for words as bash cuts them", () => {
    const asked = cases.flatMap(([, typed]) => [
      `COMP_WORDS=(${["hakiri", ...typed].map((word) => `'${word}'`).join(" ")})`,
      `COMP_CWORD=${typed.length}`,
      "_hakiri || true",
      'echo "${COMPREPLY[*]-}"',
    ]);
    const script = [
      "set -eu",
      'source <("$1" completion bash)',
      "complete -p hakiri >&2",
      ...asked,
    ].join("\n");
    const { status, stdout, stderr } = spawnSync(
      "bash",
      ["--norc", "-c", script, "bash", join(folder, "hakiri")],
      { encoding: "utf8", env: { PATH: `${folder}:${process.env["PATH"]}` } },
    );
    expect({ status, stderr }).toEqual({
      status: 0,
      stderr: "complete -o default -F _hakiri hakiri\n",
    });
    const lines = stdout.split("\n").slice(0, -1);
    expect(cases.map(([about], at) => [about, lines[at]])).toEqual(
      cases.map(([about, , proposed]) => [about, proposed.join(" ")]),
    );
  });
});
