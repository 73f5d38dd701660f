/** The guide's page about pipelines: its files are made and its commands typed, in their order. */
import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { testProject, type TestProject } from "./command-line.ts";

let project: TestProject;
beforeAll(async () => {
  project = await testProject();
});
afterAll(() => project.remove());

const page = new URL("../../../docs/guide/pipelines.md", import.meta.url);

/** What a code block is for: a file of the project, or command lines. */
const block = /^```(?:sh|(?:toml|csv) (?<path>\S+))\n(?<text>[\s\S]*?)^```$/gmu;

/** The words of a command line, and its exit code where the line says one. */
function readLine(line: string): { readonly words: readonly string[]; readonly code: number } {
  const [, typed = "", code = "0"] = /^hakiri (.*?)(?: # exits with (\d))?$/u.exec(line) ?? [];
  const words = [...typed.matchAll(/'([^']*)'|(\S+)/gu)].map(([, quoted, bare]) => quoted ?? bare);
  return { words: words.map((word) => word ?? ""), code: Number(code) };
}

test("every command of the guide does what it says there", async () => {
  const blocks = [...(await readFile(page, "utf8")).matchAll(block)];
  const typed: string[] = [];
  for (const { groups } of blocks) {
    const { path, text = "" } = groups ?? {};
    if (path !== undefined) await project.write(path, text);
    else {
      for (const line of text.trimEnd().split("\n")) {
        const { words, code } = readLine(line);
        const { exitCode, out, err } = await project.type(...words);
        expect([line, exitCode, exitCode === code ? "" : out + err]).toEqual([line, code, ""]);
        typed.push(line);
      }
    }
  }
  expect(typed.length).toBeGreaterThanOrEqual(14);
  expect(await project.document(0, "query", "select nr, name from customers")).toEqual([
    { nr: "1", name: "Ada" },
    { nr: "2", name: "Grace" },
  ]);
}, 60_000);
