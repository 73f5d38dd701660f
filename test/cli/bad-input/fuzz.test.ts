/** Whatever is typed or written: an answer or one clear error, and never a defect. */
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { coreCommands } from "../../../src/profiles/core-commands.ts";
import { testProject, type TestProject } from "../commands/command-line.ts";
import { expectRefusal, standing, standingFiles } from "./refusal.ts";

/** How long each property looks for a counterexample at most, milliseconds. */
const budgetMs = 4000;

let project: TestProject;
let before: unknown;

beforeAll(async () => {
  project = await testProject(standingFiles);
  await project.document(0, "run", "orders");
  before = await standing(project);
});

afterAll(() => project.remove());

const budget = { interruptAfterTimeLimit: budgetMs, numRuns: 400 };

async function expectAnswerOrRefusal(args: readonly string[]): Promise<void> {
  const typed = await project.type("--json", ...args);
  if (typed.exitCode === 0) expect(typed.err).not.toMatch(/defect/u);
  else expectRefusal(typed, args);
}

/** Commands that read, so that whatever is typed after them changes nothing. */
const reading = coreCommands
  .map(({ name }) => name)
  .filter((name) => !/^(?:init|ingest|run|gc|compact|query|doctor|state|validate)\b/u.test(name));

const word = fc.oneof(
  fc.constantFrom("orders", "orders.csv", "1", "-1", "--", "-", "--limit", "--table", "--stream"),
  fc.constantFrom("--json", "--project", "--at", "--toml", "--help", "-h", "-q", "--progress"),
  fc.string({ unit: "binary", maxLength: 12 }),
  fc.string({ unit: "grapheme", maxLength: 12 }),
);

test("arguments", { timeout: 60_000 }, async () => {
  const command = fc.constantFrom(...reading).map((name) => name.split(" "));
  const line = fc.tuple(fc.oneof(command, fc.tuple(word)), fc.array(word, { maxLength: 4 }));
  await fc.assert(
    fc.asyncProperty(line, async ([first, more]) => {
      const args = [...first, ...more];
      // There each argument may become a folder.
      fc.pre(!/^(?:init|ingest|run|gc|compact|query|doctor|state|validate)$/u.test(args[0] ?? ""));
      await expectAnswerOrRefusal(args);
    }),
    budget,
  );
  expect(await standing(project)).toEqual(before);
});

const pipeline =
  'connector = "file"\nparallel = 2\ndeadline = "1h"\n[source]\npath = "orders.csv"\n' +
  '[[streams]]\nstream = "orders"\ndisposition = "merge"\nprimary_key = ["id"]\n';

test("mutations of a pipeline file", { timeout: 60_000 }, async () => {
  const piece = fc.oneof(
    fc.constantFrom("", '"', "[", "]", "=", "\n", "\\u", "{", "1e400", "inf", "'''", "\0", "#"),
    fc.string({ unit: "grapheme", maxLength: 6 }),
  );
  const at = fc.nat(pipeline.length);
  const mutations = fc.array(fc.tuple(at, fc.nat(12), piece), { minLength: 1, maxLength: 3 });
  await fc.assert(
    fc.asyncProperty(mutations, async (changes) => {
      let text = pipeline;
      for (const [from, length, into] of changes) {
        text = text.slice(0, from) + into + text.slice(from + length);
      }
      await project.write("pipelines/mutant.toml", text.toWellFormed());
      const typed = await project.type("validate", "pipelines/mutant.toml", "--json");
      expect([0, 2], `${text}\n${typed.out}`).toContain(typed.exitCode);
      expect(typed.err).not.toMatch(/defect|^\s+at /mu);
      const { files } = JSON.parse(typed.out) as { files: { ok: boolean; error?: object }[] };
      for (const { ok, error } of files) {
        if (!ok) expect(error).toMatchObject({ message: expect.any(String) as string });
      }
    }),
    budget,
  );
  await project.write(
    "pipelines/mutant.toml",
    pipeline.replace("orders.csv", join("data", "x.csv")),
  );
  expect(await standing(project)).toEqual(before);
});
