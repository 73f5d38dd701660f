/**
 * The table of allowed imports between rooms holds, and a planted violation of each of its rules
 * is reported.
 */
import { describe, expect, test } from "vitest";
import { findCycles } from "./gates/cycles.ts";
import { anyConnector, anyExample, layerTable } from "./gates/layer-table.ts";
import { checkLayers } from "./gates/layers.ts";
import { plantedFile, readTree } from "./gates/tree.ts";

/** A path for a planted file of a room of the table, from the root. */
function pathIn(row: string, name: string): string {
  if (row === anyConnector) return `connectors/planted/${name}`;
  if (row === anyExample) return `connectors/examples/planted/${name}`;
  if (row === "connector.ts") return "src/connector.ts";
  if (row === "root") return name;
  return ["sdk", "scripts", "bench", "test"].includes(row)
    ? `${row}/${name}`
    : `src/${row}/${name}`;
}

/**
 * Plants a file that says `statement` about the target's relative path, and returns the messages.
 */
function plant(from: string, to: string, statement: (path: string) => string): readonly string[] {
  const up = "../".repeat(from.split("/").length - 1);
  const text = statement(`./${up}${to}`.replace("./../", "../"));
  return checkLayers([plantedFile(from, text), plantedFile(to, "export const x = 1;")]).messages;
}

const asImport = (path: string): string => `import { x } from ${JSON.stringify(path)};`;
const rows = [...layerTable.keys()];

describe("the tree", () => {
  test("keeps the table of imports", () => {
    const report = checkLayers(readTree());
    expect(report.messages).toEqual([]);
    expect(report.filesSeen).toBeGreaterThanOrEqual(40);
    expect(report.importsSeen).toBeGreaterThanOrEqual(100);
  });

  test("has no import cycle in src", () => {
    expect(findCycles(readTree())).toEqual([]);
  });

  test("is judged by a table whose every word is a room", () => {
    expect([...layerTable.values()].flat().filter((row) => !layerTable.has(row))).toEqual([]);
    expect(rows.length).toBeGreaterThanOrEqual(24);
  });
});

describe("a pair of rooms", () => {
  const pairs = rows.flatMap((from) => rows.map((to) => ({ from, to })));

  test.each(pairs.filter(({ from, to }) => from !== to))(
    "$from importing $to is judged as the table says",
    ({ from, to }) => {
      const [importer, imported] = [pathIn(from, "importer.ts"), pathIn(to, "imported.ts")];
      const allowed = layerTable.get(from)?.includes(to) === true;
      const messages = plant(importer, imported, asImport);
      if (allowed) expect(messages).toEqual([]);
      else expect(messages).toEqual([expect.stringContaining(`${importer}:1: `)]);
    },
  );

  test.each(rows.filter((row) => row !== "connector.ts"))("%s may import itself", (row) => {
    expect(plant(pathIn(row, "importer.ts"), pathIn(row, "imported.ts"), asImport)).toEqual([]);
  });

  test("two connectors may not import each other", () => {
    expect(plant("connectors/a/source.ts", "connectors/b/source.ts", asImport)).toEqual([
      "connectors/a/source.ts:1: connectors/a may not import connectors/b (connectors/b/source.ts)",
    ]);
  });

  test("two example connectors may not import each other", () => {
    const [from, to] = ["connectors/examples/a/main.ts", "connectors/examples/b/main.ts"];
    expect(plant(from, to, asImport)).toHaveLength(1);
  });
});

describe("a forbidden import", () => {
  test.each([
    ["a value import", asImport],
    ["an import for its effect", (path: string) => `import "${path}";`],
    ["a type import", (path: string) => `import type { X } from "${path}";`],
    ["an inline type import", (path: string) => `import { type X } from "${path}";`],
    ["a lazy import", (path: string) => `export const load = () => import("${path}");`],
    ["a lazy import in backticks", (path: string) => `export const load = import(\`${path}\`);`],
    ["an import in a type", (path: string) => `export type X = import("${path}").X;`],
    ["a typeof import", (path: string) => `export type X = typeof import("${path}");`],
    ["a named export from", (path: string) => `export { x } from "${path}";`],
    ["an export of everything", (path: string) => `export * from "${path}";`],
    ["a type export", (path: string) => `export type { X } from "${path}";`],
    ["require", (path: string) => `export const x: unknown = require("${path}");`],
    ["require.resolve", (path: string) => `export const x = require.resolve("${path}");`],
    ["import.meta.resolve", (path: string) => `export const x = import.meta.resolve("${path}");`],
    ["a URL of code", (path: string) => `export const x = new URL("${path}", import.meta.url);`],
  ])("is reported when written as %s", (_, statement) => {
    expect(plant("src/catalog/a.ts", "src/runtime/b.ts", statement)).toEqual([
      "src/catalog/a.ts:1: catalog may not import runtime (src/runtime/b.ts)",
    ]);
  });

  test("is reported when its path is computed", () => {
    const file = plantedFile(
      "src/cli/a.ts",
      "export const f = (n: string) => import(`../${n}/x.ts`);",
    );
    expect(checkLayers([file]).messages).toEqual([
      "src/cli/a.ts:1: imports a computed relative path",
    ]);
  });

  const computed: readonly (readonly [string, string])[] = [
    ["a variable", "export const f = (p: string) => import(p);"],
    ["a joined list", 'export const x = import(["..", "runtime", "b.ts"].join("/"));'],
    ["a template", "export const f = (p: string) => import(`${p}/b.ts`);"],
    ["a variable of require", "export const f = (p: string): unknown => require(p);"],
    ["a variable to resolve", "export const f = (p: string) => import.meta.resolve(p);"],
    ["a variable of a URL", "export const f = (p: string) => new URL(p, import.meta.url);"],
  ];

  test.each(computed)("is reported when it hides behind %s", (_, text) => {
    for (const path of ["src/cli/a.ts", "src/profiles/a.ts", "connectors/x/a.ts"]) {
      const { messages } = checkLayers([plantedFile(path, text)]);
      expect(messages).toEqual([`${path}:1: imports a computed path`]);
    }
    expect(checkLayers([plantedFile("scripts/a.ts", text)]).messages).toEqual([]);
  });

  test.each([
    ["a require of its own", 'import { createRequire } from "node:module";', "createRequire"],
    ["a renamed one", 'import { createRequire as c } from "node:module";', "createRequire"],
    ["a member", 'import m from "node:module";\nm.createRequire("/");', "createRequire"],
    ["a member by text", 'import m from "node:module";\nm["createRequire"]("/");', "createRequire"],
    ["a builtin by name", 'process.getBuiltinModule("module");', "getBuiltinModule"],
  ])("is reported when it may come from %s", (_, text, name) => {
    const says = [expect.stringMatching(new RegExp(`:\\d: uses ${name}$`, "u"))];
    expect(checkLayers([plantedFile("src/cli/a.ts", text)]).messages).toEqual(says);
    expect(checkLayers([plantedFile("connectors/x/a.ts", text)]).messages).toEqual(says);
    expect(checkLayers([plantedFile("scripts/a.ts", text)]).messages).toEqual([]);
  });

  test.each(["const { resolve } = import.meta;", 'import.meta["resolve"]("./b.ts");'])(
    "is reported when it may come from %s",
    (text) => {
      expect(checkLayers([plantedFile("src/cli/a.ts", text)]).messages).toContain(
        "src/cli/a.ts:1: uses import.meta as a whole",
      );
      expect(checkLayers([plantedFile("src/cli/a.ts", "import.meta.dirname;")]).messages).toEqual(
        [],
      );
    },
  );

  test.each([
    ["a file that doesn't exist", "./absent.ts", "imports ./absent.ts, which is no file"],
    ["a file without its extension", "./b", "imports ./b, which is no file"],
    ["a folder", ".", "imports ., which is no file"],
    ["an alias", "#core/b.ts", "imports #core/b.ts, which is no relative path"],
    ["an absolute path", "/b.ts", "imports /b.ts, which is no relative path"],
  ])("is reported when it names %s", (_, specifier, fault) => {
    const importer = plantedFile("src/cli/a.ts", `import "${specifier}";`);
    const { messages } = checkLayers([importer, plantedFile("src/cli/b.ts", "export {};")]);
    expect(messages).toEqual([`src/cli/a.ts:1: ${fault}`]);
  });

  test("is not made up from strings and comments", () => {
    const text = `// import "../runtime/b.ts";\nexport const x = 'import "../runtime/b.ts"';`;
    expect(checkLayers([plantedFile("src/catalog/a.ts", text)]).messages).toEqual([]);
  });

  test("in a bench or test may name code to run by URL", () => {
    const url = (path: string): string => `export const x = new URL("${path}", import.meta.url);`;
    expect(plant("bench/a.ts", "src/profiles/b.ts", url)).toEqual([]);
    expect(plant("bench/a.ts", "src/profiles/b.ts", asImport)).toHaveLength(1);
  });
});

test.each(["src/invented/a.ts", "src/stray.ts", "connectors/stray.ts", "lib/a.ts"])(
  "%s is in no room and is reported",
  (path) => {
    expect(checkLayers([plantedFile(path, "export {};")]).messages).toEqual([
      expect.stringContaining("is not in the table of imports"),
    ]);
  },
);

describe("a pure room", () => {
  const pureFiles = [
    "src/core/a.ts",
    "src/raft/a.ts",
    "src/columns/a.ts",
    "src/columns/parquet/a.ts",
  ];
  const planFiles = ["src/sync/plan.ts", "src/sync/plan/merge.ts"];

  test.each([...pureFiles, ...planFiles])("%s imports no builtin and no package", (path) => {
    const text = ['import "node:fs";', 'import "os";', 'import type {} from "zod";'].join("\n");
    expect(checkLayers([plantedFile(path, text)]).messages).toEqual([
      `${path}:1: a pure room may not import the builtin node:fs`,
      `${path}:2: a pure room may not import the builtin os`,
      `${path}:3: a pure room may not import the package zod`,
    ]);
  });

  test.each(pureFiles)("%s loads nothing at run time", (path) => {
    const beside = path.replace("a.ts", "b.ts");
    const lazy = (target: string): string => `export const x = import("${target}");`;
    expect(plant(path, beside, lazy)).toEqual([`${path}:1: a pure room imports statically`]);
  });

  test("to-arrow imports apache-arrow and nothing else, and no pure file imports it", () => {
    const toArrow = plantedFile("src/columns/to-arrow.ts", 'import "apache-arrow";\nimport "zod";');
    const user = plantedFile("src/columns/a.ts", 'import "./to-arrow.ts";');
    expect(checkLayers([toArrow, user]).messages).toEqual([
      "src/columns/to-arrow.ts:2: a pure room may not import the package zod",
      "src/columns/a.ts:1: a pure file may not import src/columns/to-arrow.ts",
    ]);
  });

  test("the sync plan does not import the rest of sync, which may import it", () => {
    expect(plant("src/sync/plan.ts", "src/sync/scan.ts", asImport)).toHaveLength(1);
    expect(plant("src/sync/scan.ts", "src/sync/plan.ts", asImport)).toEqual([]);
  });
});

test("a guest imports neither Node nor packages, only the SDK and its world", () => {
  const text = ['import "node:fs";', 'import "zod";', 'import "hakiri:connector/batch";'].join(
    "\n",
  );
  for (const path of ["sdk/a.ts", "connectors/examples/x/main.ts"]) {
    expect(checkLayers([plantedFile(path, text)]).messages).toEqual([
      `${path}:1: a guest has no builtin node:fs`,
      `${path}:2: a guest has no package zod`,
    ]);
  }
});

describe("an import cycle", () => {
  const circle = (middle: string): string[] =>
    findCycles([
      plantedFile("src/core/a.ts", 'import "./b.ts";'),
      plantedFile("src/core/b.ts", middle),
      plantedFile("src/core/c.ts", 'export * from "./a.ts";'),
    ]);

  test("of values is reported with its files", () => {
    expect(circle('import { c } from "./c.ts";')).toEqual([
      "import cycle: src/core/a.ts -> src/core/b.ts -> src/core/c.ts -> src/core/a.ts",
    ]);
  });

  test("closed by a type or a lazy import is none", () => {
    expect(circle('import type { C } from "./c.ts";')).toEqual([]);
    expect(circle('export const c = () => import("./c.ts");')).toEqual([]);
  });

  test("of a file with itself is reported", () => {
    expect(findCycles([plantedFile("src/core/a.ts", 'import "./a.ts";')])).toHaveLength(1);
  });
});

test("a file that doesn't parse is an error, not an empty list of imports", () => {
  expect(() => checkLayers([plantedFile("src/core/a.ts", "import {")])).toThrow("src/core/a.ts");
});
