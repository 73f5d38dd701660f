/** Project and pipeline files that are no TOML, or say what nobody means. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { testProject, type TestProject } from "../commands/command-line.ts";
import { refusal, standing, standingFiles } from "./refusal.ts";

let project: TestProject;
let before: unknown;

beforeAll(async () => {
  project = await testProject({ ...standingFiles, "other.csv": "id\n1\n" });
  await project.document(0, "run", "orders");
  before = await standing(project);
});

afterAll(() => project.remove());

const source = '[source]\npath = "other.csv"\n';
const connector = 'connector = "file"\n';
const plain = `${connector}${source}`;
const stream = '[[streams]]\nstream = "other"\n';

const broken: Readonly<Record<string, string>> = {
  "not TOML": "connector: file",
  "JSON in TOML": '{"connector": "file"}',
  "a line that is cut": 'connector = "fi',
  "a bracket too few": `${connector}[source\npath = "other.csv"`,
  "a key twice": `${connector}${plain}`,
  "a table twice": `${plain}${source}`,
  "bytes that are no text": `${plain}\u0000`,
  "an escape that is none": 'connector = "\\q"\n',
  "a number that is none": `${connector}parallel = 1__0\n${source}`,
  "a lone surrogate's escape": 'connector = "\\ud800"\n',
  "arrays in each other without end": `x = ${"[".repeat(100_000)}`,
  nothing: "",
  "a comment only": "# nothing\n",
  "an unknown key": `${plain}pth = 1\n`,
  "an unknown table": `${plain}[sorce]\n`,
  "an unknown connector": `connector = "fil"\n${source}`,
  "an unknown setting": `${plain}delimeter = ";"\n`,
  "no source": connector,
  "a source without a file": `${connector}[source]\n`,
  "a source that is a text": `${connector}source = "orders.csv"\n`,
  "a path that is a number": `${connector}[source]\npath = 1\n`,
  "a path with a NUL": `${connector}[source]\npath = "a\\u0000b"\n`,
  "a connector that is a list": `connector = ["file"]\n${source}`,
  "a date for a number": `${connector}parallel = 2024-01-01\n${source}`,
  "a fraction of readers": `${connector}parallel = 1.5\n${source}`,
  "no reader": `${connector}parallel = 0\n${source}`,
  "more readers than there may be": `${connector}parallel = 1e9\n${source}`,
  "a deadline without a unit": `${connector}deadline = "5"\n${source}`,
  "a deadline that passed": `${connector}deadline = "-5s"\n${source}`,
  "an infinite deadline": `${connector}deadline = inf\n${source}`,
  "streams that are no list": `${plain}[streams]\nstream = "orders"\n`,
  "a stream without its name": `${plain}[[streams]]\ntable = "x"\n`,
  "a stream twice": `${plain}${stream}${stream}`,
  "a merge without a key": `${plain}${stream}disposition = "merge"\n`,
  "an unknown disposition": `${plain}${stream}disposition = "upsert"\n`,
  "a table that is reserved": `${plain}${stream}table = "_hakiri_x"\n`,
  "a table with a NUL": `${plain}${stream}table = "a\\u0000b"\n`,
  "a prototype's key": `${plain}[__proto__]\nx = 1\n`,
};

describe("a pipeline file with", () => {
  test.each(Object.entries(broken))("%s is refused", async (_, text) => {
    await project.write("pipelines/broken.toml", text);
    const found = await refusal(project, ["run", "broken"]);
    expect(found).toMatchObject({
      exitCode: 2,
      code: expect.stringMatching(/^usage\./u) as string,
    });
  });
});

describe("a project file with", () => {
  const projects: Readonly<Record<string, string>> = {
    "no TOML": "store: {}",
    "an unknown table": "[stor]\n",
    "an unknown key": "[store]\nmemory = 1\n",
    "a size without a unit that there is": '[store]\nmemory_limit = "1 parsec"\n',
    "no threads": "[store]\nthreads = 0\n",
    "threads in words": '[store]\nthreads = "two"\n',
  };

  test.each(Object.entries(projects))("%s is refused by every command", async (_, text) => {
    const other = await testProject({ ...standingFiles, "hakiri.toml": text });
    try {
      for (const args of [["run", "orders"], ["runs"], ["query", "select 1"], ["gc"]]) {
        const found = await refusal(other, args);
        expect(found).toMatchObject({
          exitCode: 2,
          message: expect.stringContaining("hakiri.toml") as string,
        });
      }
    } finally {
      await other.remove();
    }
  });
});

test("after all of these the store is as it was", async () => {
  await project.write("pipelines/broken.toml", plain);
  expect(await standing(project)).toEqual(before);
});
