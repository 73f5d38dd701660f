/** Words to the typed values that a command's code is given, and what is said of wrong ones. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { valuesMax } from "../../../src/cli/arguments/read-input.ts";
import { defineCommand, type Command, type CommandInput } from "../../../src/cli/command.ts";
import { typeLine } from "../scripted-terminal.ts";

/** Commands that answer with the input they were given. */
const echo = async () => async (input: CommandInput) => ({
  text: `${JSON.stringify(input)}\n`,
  document: JSON.parse(JSON.stringify(input)) as string, // any JSON
  exitCode: 0,
});

const words = {
  group: "Bring data in",
  summary: "echo",
  examples: ["hakiri x"],
  weight: "light",
} as const;

const ingest: Command = {
  ...words,
  name: "ingest",
  operands: {
    sourceUri: { arity: "one", description: "what to read" },
    table: { arity: "optional", description: "where to" },
  },
  options: {
    stream: { kind: "string", value: "S", repeated: true, description: "only these" },
    as: { kind: "string", value: "TABLE", description: "the table" },
    mode: { kind: "choice", choices: ["append", "replace", "merge"], description: "how" },
    primaryKey: { kind: "list", value: "C", description: "the key" },
    limit: { kind: "integer", value: "N", min: 1, max: 10, default: 5, description: "at most" },
    noHeader: { kind: "boolean", description: "no header" },
  },
  load: echo,
};
const group = (name: string): Command => ({
  ...words,
  name,
  operands: { item: { arity: "any", description: "an item", choices: ["red", "green"] } },
  options: {},
  load: echo,
});
const commands = [ingest, group("pipeline list"), group("pipeline show")];
const profilesOf = new Map([
  ["ingest", ["core", "full"]],
  ["node start", ["full"]],
  ["node status", ["full", "coord"]],
  ["pipeline park", ["coord"]],
]);

const run = (...args: string[]) => typeLine(commands, args, { profilesOf });

async function inputOf(...args: string[]): Promise<unknown> {
  const { out, err } = await run(...args);
  expect(err).toBe("");
  return JSON.parse(out);
}

async function refusal(...args: string[]): Promise<{ code: string; text: string }> {
  const { out, err, exitCode } = await run(...args, "--json");
  expect(exitCode).toBe(2);
  const { error } = JSON.parse(out) as { error: { code: string } };
  return { code: error.code, text: err };
}

describe("a command is given", () => {
  test("its operands and options by name, absent ones as none, false or their default", async () => {
    expect(await inputOf("ingest", "./x.csv")).toEqual({
      operands: { sourceUri: "./x.csv" },
      options: { stream: [], primaryKey: [], limit: 5, noHeader: false },
    });
  });

  test("values however they are typed", async () => {
    const options = { limit: 7, as: "t", stream: ["a", "b"], mode: "merge", noHeader: true };
    const input = { operands: { sourceUri: "u", table: "v" } };
    const typed = ["--stream", "a", "--stream=b", "--as=t", "--mode", "merge", "--no-header"];
    for (const args of [
      ["ingest", "u", "v", "--limit", "7", ...typed],
      ["ingest", "--limit=7", ...typed, "u", "v"],
      ["-q", "ingest", "u", ...typed, "--limit", "7", "--", "v"],
    ]) {
      expect(await inputOf(...args)).toEqual({ ...input, options: { ...options, primaryKey: [] } });
    }
  });

  test("of an option that doesn't repeat, the last value", async () => {
    expect(await inputOf("ingest", "u", "--limit", "1", "--limit", "2")).toMatchObject({
      options: { limit: 2 },
    });
  });

  test("its input also when its name has two words, and global options stand between", async () => {
    expect(await inputOf("pipeline", "-q", "list", "red", "green")).toEqual({
      operands: { item: ["red", "green"] },
      options: {},
    });
  });

  test("a negative number as a value and a single dash as an operand", async () => {
    expect(await inputOf("ingest", "-", "--as", "-5")).toMatchObject({
      operands: { sourceUri: "-" },
      options: { as: "-5" },
    });
  });

  test("any texts that a list can carry, as they were", async () => {
    const text = fc.string({ minLength: 1, unit: "grapheme" });
    const list = fc.array(text, { minLength: 1, maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(list, async (items) => {
        const typed = items.map((item) => `"${item.replaceAll('"', '""')}"`).join(",");
        const input = await inputOf("ingest", "u", "--primary-key", typed);
        expect(input).toMatchObject({ options: { primaryKey: items } });
      }),
      { numRuns: 50 },
    );
  });

  test("a list without quotes, with spaces around its items, and typed in parts", async () => {
    expect(await inputOf("ingest", "u", "--primary-key", "a, b", "--primary-key=c")).toMatchObject({
      options: { primaryKey: ["a", "b", "c"] },
    });
  });

  test("types by its specs, which the compiler holds its code against", async () => {
    const typed = defineCommand({
      ...words,
      name: "typed",
      operands: ingest.operands,
      options: {
        mode: { kind: "choice", choices: ["a", "b"], default: "a", description: "" },
        limit: { kind: "integer", value: "N", min: 0, max: 9, description: "" },
      },
      load:
        async () =>
        async ({ options }) => {
          const mode: "a" | "b" = options.mode;
          const limit: number | undefined = options.limit;
          // @ts-expect-error there is no such option
          const other: unknown = options.other;
          return { text: `${mode} ${limit} ${String(other)}\n`, document: null, exitCode: 0 };
        },
    });
    expect((await typeLine([typed], ["typed", "u"])).out).toBe("a undefined undefined\n");
  });
});

describe("is refused, with what was meant", () => {
  test.each([
    [["ingets", "x"], "unknown_command", "got 'ingets'\n  did you mean 'ingest'?"],
    [["zzz"], "unknown_command", "of profile core (ingest, pipeline, completion, help), got 'zzz'"],
    [["pipeline", "lits"], "unknown_command", "'pipeline' (list, show), got 'lits'"],
    [["pipeline", "lits"], "unknown_command", "did you mean 'list'?"],
    [["ingest", "u", "--steam", "a"], "unknown_option", "did you mean '--stream'?"],
    [["ingest", "u", "--steam=a"], "unknown_option", "did you mean '--stream'?"],
    [["ingest", "u", "--zzzzzz"], "unknown_option", "type 'hakiri ingest --help'"],
    [["--jsom", "ingest", "u"], "unknown_option", "'hakiri', got '--jsom'"],
    [["ingest", "-- a comment\n1"], "unknown_option", "put -- before a word that begins with"],
    [["ingest", "u", "--mode", "apend"], "unknown_choice", "did you mean 'append'?"],
    [["pipeline", "show", "gren"], "unknown_choice", "did you mean 'green'?"],
    [["--progress", "yes", "ingest", "u"], "unknown_choice", "one of auto, plain, json, none"],
    [["ingest"], "missing_operand", "expected SOURCE_URI, what to read, got nothing"],
    [["ingest"], "missing_operand", "usage: hakiri ingest SOURCE_URI [TABLE] [OPTION]..."],
    [["ingest", "u", "v", "w"], "excess_operand", "expected no more operands, got 'w'"],
    [["ingest", "u", "--as", ""], "invalid_value", "expected --as TABLE, got an empty text"],
    [["ingest", "u", "--limit", "0"], "invalid_value", "for --limit, 1 to 10, got '0'"],
    [["ingest", "u", "--limit", "11"], "invalid_value", "for --limit, 1 to 10, got '11'"],
    [["ingest", "u", "--limit", "1e1"], "invalid_value", "expected a whole number for --limit"],
    [["ingest", "u", "--primary-key", "a,,b"], "invalid_value", "got 'a,,b'"],
    [["ingest", "u", "--primary-key", 'a"b'], "invalid_value", "in double quotes"],
    [["ingest", "u", "--primary-key", '"a'], "invalid_value", "in double quotes"],
  ])("%j: %s", async (args, code, text) => {
    const refused = await refusal(...args);
    expect(refused.code).toBe(`usage.${code}`);
    expect(refused.text).toContain(text);
  });

  test("a value that is missing at the end of the line", async () => {
    const { err, exitCode } = await run("ingest", "u", "--as");
    expect(exitCode).toBe(2);
    expect(err).toBe(
      "hakiri: expected a value after --as, got nothing\n" +
        "  type 'hakiri ingest --help' to see what it takes\n",
    );
  });

  test.each([
    [["node", "start", "--port", "1"], "'node start' is in profile full, this is core"],
    [["node", "status"], "'node status' is in profile full and coord, this is core"],
    [["node"], "'node' is in profile full and coord, this is core"],
    [["pipeline", "park"], "'pipeline park' is in profile coord, this is core"],
  ])("%j, which another profile has", async (args, text) => {
    expect(await refusal(...args)).toMatchObject({
      code: "usage.other_profile",
      text: expect.stringContaining(text) as string,
    });
  });
});

describe("bounds", () => {
  const many = (count: number) => Array.from({ length: count }, () => "red");

  test(`${valuesMax} operands, values and items are taken, one more is refused`, async () => {
    const option = (count: number) => many(count).map(() => "--stream=s");
    const list = (count: number) => ["--primary-key", many(count).join(",")];
    for (const args of [
      ["pipeline", "list", ...many(valuesMax)],
      ["ingest", "u", ...option(valuesMax)],
      ["ingest", "u", ...list(valuesMax)],
    ]) {
      expect((await run(...args)).exitCode).toBe(0);
    }
    for (const args of [
      ["pipeline", "list", ...many(valuesMax + 1)],
      ["ingest", "u", ...option(valuesMax + 1)],
      ["ingest", "u", ...list(valuesMax + 1)],
    ]) {
      expect((await refusal(...args)).code).toBe("usage.too_many");
    }
  });
});

test("whatever is typed ends in an exit code and one document", async () => {
  const word = fc.oneof(
    fc.constantFrom("ingest", "pipeline", "list", "help", "--", "-", "--as", "--limit=3", "-q"),
    fc.constantFrom("--mode", "append", "--no-header", "--progress", "none", "-h", "--primary-key"),
    fc.string({ maxLength: 8 }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(word, { maxLength: 8 }), async (args) => {
      const { exitCode, out } = await run("--json", ...args);
      expect([0, 2]).toContain(exitCode);
      expect(() => void JSON.parse(out)).not.toThrow();
    }),
    { numRuns: 300 },
  );
});
