/** knip finds no dead code in the tree, and finds what is planted in each of its folders. */
import { beforeAll, describe, expect, test } from "vitest";
import { findDeadCode, type DeadCodeReport } from "./gates/dead-code.ts";
import { withScratch } from "./gates/scratch.ts";
import { isTypeScript, readTree, rootFolder } from "./gates/tree.ts";

const part = "export const used = 1;\nexport const unused = 2;\n";
const documentedType = "export interface Shape {\n  readonly x: 1;\n}\n";
const uses = (path: string): string => `import { used } from "${path}";\nexport const x = used;\n`;

/** A project with a used and an unused export in each folder, and one dead file in each. */
const planted: Readonly<Record<string, string>> = {
  "package.json": JSON.stringify({
    name: "planted",
    type: "module",
    dependencies: { zod: "4.0.0", "apache-arrow": "21.0.0" },
    devDependencies: { vitest: "5.0.0", "fast-check": "4.0.0" },
  }),
  "src/profiles/core.ts": `import "zod";\nimport "undici";\n${uses("../core/part.ts")}`,
  "src/core/part.ts": `${part}${documentedType}export const y = (s: Shape): number => s.x;\n`,
  "src/core/dead.ts": part,
  "connectors/examples/a/main.ts": uses("./part.ts"),
  "connectors/examples/a/deeper/dead.ts": part,
  "connectors/examples/a/part.ts": "export const used = 1;\n",
  "scripts/build.ts": uses("./build/part.ts"),
  "scripts/build/part.ts": part,
  "scripts/build/dead.ts": part,
  "bench/main.ts": uses("./part.ts"),
  "bench/lanes/start.ts": "export const lane = 1;\n",
  "bench/part.ts": part,
  "bench/dead.ts": part,
  "test/core/part.test.ts": `import "vitest";\n${uses("../part.ts")}`,
  "test/part.ts": part,
  "test/dead.ts": part,
};

describe("the tree", () => {
  let report: DeadCodeReport;
  beforeAll(async () => {
    report = await findDeadCode(rootFolder);
  });

  test("has no dead file, export or dependency", () => {
    expect(report.findings).toEqual([]);
  });

  test("is read whole", () => {
    const sources = readTree().filter(({ path }) => isTypeScript(path) && path.startsWith("src/"));
    expect(report.filesSeen).toBeGreaterThanOrEqual(sources.length);
    expect(report.filesSeen).toBeGreaterThanOrEqual(40);
  });
});

describe("a planted project", () => {
  let report: DeadCodeReport;
  beforeAll(async () => {
    const content = { copied: ["knip.json", "tsconfig.json"], planted };
    report = await withScratch(content, findDeadCode);
  });

  test.each([
    ...["src/core", "scripts/build", "bench", "test"].flatMap((folder) => [
      `files: ${folder}/dead.ts: ${folder}/dead.ts`,
      `exports: ${folder}/part.ts: unused`,
    ]),
    "files: connectors/examples/a/deeper/dead.ts: connectors/examples/a/deeper/dead.ts",
    "exports: src/core/part.ts: y",
    "dependencies: package.json: apache-arrow",
    "devDependencies: package.json: fast-check",
    "unlisted: src/profiles/core.ts: undici",
  ])("has %s reported", (finding) => {
    expect(report.findings).toContain(finding);
  });

  test("has nothing else reported", () => {
    expect(report.findings).toHaveLength(13);
  });
});
