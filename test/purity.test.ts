/** The compiler proves that the pure rooms know no I/O, no timer and no console. */
import { describe, expect, test } from "vitest";
import {
  compilePure,
  listPureFiles,
  provablyPureFiles,
  pureFolders,
  pureProject,
} from "./gates/pure-project.ts";
import { withScratch } from "./gates/scratch.ts";
import { rootFolder } from "./gates/tree.ts";

const impure: Readonly<Record<string, string>> = {
  process: "export const x = process.env;",
  fetch: 'export const x = fetch("http://localhost/");',
  timeout: "export const x = setTimeout(() => {}, 1);",
  buffer: "export const x = Buffer.alloc(1);",
  console: 'console.log("x");\nexport {};',
  url: 'export const x = new URL("http://localhost/");',
  import: 'import { readFileSync } from "node:fs";\nexport const x = readFileSync;',
};

describe("the pure rooms", () => {
  test("compile without the DOM and without Node", async () => {
    expect(await compilePure(rootFolder)).toEqual([]);
  });

  test("are compiled file by file, none left out", async () => {
    const expected = provablyPureFiles();
    const compiled = await listPureFiles(rootFolder);
    expect(compiled).toEqual(expect.arrayContaining(expected));
    expect(expected.length).toBeGreaterThanOrEqual(2);
  });

  test("compile as a copy in another folder", async () => {
    const clean = Object.fromEntries(
      pureFolders.map((folder) => [`${folder}/planted-clean.ts`, "export const x = 1;\n"]),
    );
    await withScratch(pureProject(clean), async (folder) => {
      expect(await compilePure(folder)).toEqual([]);
      expect(await listPureFiles(folder)).toEqual(expect.arrayContaining(Object.keys(clean)));
    });
  });
});

test("a planted use of I/O is reported in each pure room by the planted file's name", async () => {
  const planted = Object.fromEntries(
    pureFolders.flatMap((folder) =>
      Object.entries(impure).map(([name, text]) => [`${folder}/planted-${name}.ts`, text]),
    ),
  );
  const messages = await withScratch(pureProject(planted), compilePure);
  for (const path of Object.keys(planted)) {
    expect(messages, path).toContainEqual(expect.stringMatching(new RegExp(`^${path}\\(`, "u")));
  }
  expect(Object.keys(planted)).toHaveLength(28);
});
