/** Help as it is made from the table of commands. */
import { describe, expect, test } from "vitest";
import type { Command } from "../../../src/cli/command.ts";
import { exitCodes } from "../../../src/cli/exit-code.ts";
import { typeLine } from "../scripted-terminal.ts";

const words = { weight: "heavy", load: () => Promise.reject(new Error("loaded")) } as const;

const commands: readonly Command[] = [
  {
    ...words,
    name: "query",
    group: "Ask the data",
    summary: "answer a question in SQL",
    details: "Reads one snapshot.",
    operands: { sql: { arity: "one", description: "one SELECT" } },
    options: {
      format: {
        kind: "choice",
        choices: ["table", "csv"],
        default: "table",
        description: "how rows are printed",
      },
      at: { kind: "string", value: "TIME", description: "the snapshot" },
      table: { kind: "string", value: "T", repeated: true, short: "t", description: "only these" },
      limit: { kind: "integer", value: "N", min: 1, max: 100, default: 20, description: "rows" },
      from: { kind: "integer", value: "N", min: 0, max: Number.MAX_SAFE_INTEGER, description: "x" },
      keys: { kind: "list", value: "C", description: "columns" },
    },
    examples: ["hakiri query 'SELECT 1'"],
  },
  {
    ...words,
    name: "pipeline list",
    group: "Pipelines and runs",
    summary: "list the pipelines of this project",
    operands: {},
    options: {},
    examples: ["hakiri pipeline list"],
  },
];

const read = async (...args: string[]) => (await typeLine(commands, args)).out;

describe("the page on all commands", () => {
  test.each([[["--help"]], [["-h"]], [[]], [["help"]]])("is what %j prints", async (args) => {
    const { exitCode, out, err } = await typeLine(commands, args);
    expect({ exitCode, err }).toEqual({ exitCode: 0, err: "" });
    expect(out).toMatch(/^Ask the data:\n {2}query SQL +answer a question in SQL$/mu);
    expect(out).toMatch(/^Pipelines and runs:\n {2}pipeline list +list the pipelines/mu);
    expect(out).toMatch(/^ {2}-q, --quiet +print no progress/mu);
    expect(out.indexOf("Ask the data")).toBeLessThan(out.indexOf("Pipelines and runs"));
  });

  test("tells programs all that they may type", async () => {
    const document = JSON.parse(await read("--help", "--json")) as { commands: unknown[] };
    expect(document).toMatchObject({
      profile: "core",
      options: expect.arrayContaining([
        expect.objectContaining({ flag: "--json", kind: "boolean" }),
      ]) as unknown,
      exit_codes: exitCodes,
    });
    expect(document.commands[0]).toMatchObject({
      name: "query",
      usage: "hakiri query SQL [OPTION]...",
      operands: [{ name: "SQL", arity: "one", description: "one SELECT" }],
      weight: "heavy",
    });
  });
});

describe("the page on a group of commands", () => {
  test.each([[["pipeline"]], [["pipeline", "--help"]], [["help", "pipeline"]]])(
    "is what %j prints",
    async (args) => {
      const { exitCode, out } = await typeLine(commands, args);
      expect(exitCode).toBe(0);
      expect(out).toContain("Usage: hakiri pipeline COMMAND");
      expect(out).toContain("pipeline list");
      expect(out).not.toContain("query");
    },
  );
});

describe("the page on a command", () => {
  test("is printed without loading it, and without the operands that it needs", async () => {
    expect(await read("query", "--help")).toBe(await read("help", "query"));
    expect(await read("pipeline", "list", "-h")).toBe(await read("help", "pipeline", "list"));
  });

  test("shows operands, options with their ranges and defaults, and examples", async () => {
    const page = await read("query", "--help");
    expect(page).toContain(
      "Usage: hakiri query SQL [OPTION]...\n\nAnswer a question in SQL. Reads one snapshot.\n",
    );
    for (const line of [
      /^ {2}SQL +one SELECT$/mu,
      /^ {6}--format table\|csv +how rows are printed \(default table\)$/mu,
      /^ {6}--at TIME +the snapshot$/mu,
      /^ {2}-t, --table T\.\.\. +only these \(may be repeated\)$/mu,
      /^ {6}--limit N +rows \(1 to 100, default 20\)$/mu,
      /^ {6}--from N +x \(0 or more\)$/mu,
      /^ {6}--keys C,\.\.\. +columns$/mu,
      /^ {2}hakiri query 'SELECT 1'$/mu,
    ]) {
      expect(page).toMatch(line);
    }
  });

  test("is a document with --json", async () => {
    expect(JSON.parse(await read("query", "--help", "--json"))).toMatchObject({
      options: expect.arrayContaining([
        { flag: "--at", kind: "string", value: "TIME", description: "the snapshot" },
      ]) as unknown,
    });
  });
});

test("the exit codes have a page", async () => {
  const page = await read("help", "exit-codes");
  for (const { code } of exitCodes) expect(page).toMatch(new RegExp(`^ +${code} +\\w`, "mu"));
  expect(JSON.parse(await read("help", "exit-codes", "--json"))).toEqual(exitCodes);
});

test("a page that isn't there is refused", async () => {
  const { exitCode, err } = await typeLine(commands, ["help", "query", "list"]);
  expect(exitCode).toBe(2);
  expect(err).toContain("expected the name of a command, got 'query list'");
  expect((await typeLine(commands, ["help", "qery"])).err).toContain("did you mean 'query'?");
});

test.each([50, 60, 80, 200])("on %i columns no line of prose is wider", async (columns) => {
  const { out } = await typeLine(commands, ["--help"], { isTty: true, columns });
  const prose = out.split("\n").filter((line) => !/^ {2}\S|--/u.test(line));
  expect(Math.max(...prose.map((line) => line.length))).toBeLessThanOrEqual(Math.min(columns, 100));
});
