/**
 * The linter runs on the whole tree with its typed rules, and reports a planted violation of each
 * important one.
 */
import { beforeAll, describe, expect, test } from "vitest";
import { portCanaries, pureCanaries, type LintCanary } from "./gates/lint-canaries.ts";
import { lintFolder, lintProject, type LintReport } from "./gates/lint-project.ts";
import { withScratch } from "./gates/scratch.ts";
import { isTypeScript, readTree, rootFolder } from "./gates/tree.ts";

const promise = "async function f(): Promise<number> {\n  return await Promise.resolve(1);\n}\n";
const body = "  void 0;\n".repeat(80);

const ruleCanaries: readonly LintCanary[] = [
  {
    path: "src/node/floating.ts",
    text: `${promise}export const g = (): void => {\n  f();\n};`,
    rule: "typescript(no-floating-promises)",
  },
  {
    path: "src/node/misused.ts",
    text: `${promise}export const g = (): void => {\n  [1].forEach(f);\n};`,
    rule: "typescript(no-misused-promises)",
  },
  {
    path: "src/node/awaited.ts",
    text: "export const g = async (x: number): Promise<number> => await x;",
    rule: "typescript(await-thenable)",
  },
  {
    path: "src/node/partial-switch.ts",
    text: "export function g(k: 1 | 2): void {\n  switch (k) {\n    case 1:\n      break;\n  }\n}",
    rule: "typescript(switch-exhaustiveness-check)",
  },
  {
    path: "src/node/loose.ts",
    text: "export const g = (x: any): unknown => x;",
    rule: "typescript(no-explicit-any)",
  },
  {
    path: "src/node/unsafe-call.ts",
    text: 'export const g = (): unknown => JSON.parse("{}").a();',
    rule: "typescript(no-unsafe-call)",
  },
  {
    path: "src/node/type-import.ts",
    text: 'import { Buffer } from "node:buffer";\nexport type G = Buffer;',
    rule: "typescript(consistent-type-imports)",
  },
  {
    path: "src/node/non-null.ts",
    text: "export const g = (x: number[]): number => x[0]!;",
    rule: "typescript(no-non-null-assertion)",
  },
  {
    path: "src/node/needless-as.ts",
    text: "export const g = (x: number): number => x as number;",
    rule: "typescript(no-unnecessary-type-assertion)",
  },
  {
    path: "src/node/thrown-text.ts",
    text: 'export function g(): never {\n  throw "x";\n}',
    rule: "typescript(only-throw-error)",
  },
  {
    path: "src/node/never-set.ts",
    text: "export class G {\n  #x = 1;\n  get x(): number {\n    return this.#x;\n  }\n}",
    rule: "typescript(prefer-readonly)",
  },
  {
    path: "src/core/reference.ts",
    text: '/// <reference types="node" />\nexport const x = 1;',
    rule: "typescript(triple-slash-reference)",
  },
  {
    path: "src/node/equal.ts",
    text: "export const g = (x: unknown): boolean => x == 1;",
    rule: "eslint(eqeqeq)",
  },
  {
    path: "src/node/log.ts",
    text: 'export const g = (): void => console.log("x");',
    rule: "eslint(no-console)",
  },
  {
    path: "src/node/default.ts",
    text: "const g = 1;\nexport default g;",
    rule: "import(no-default-export)",
  },
  {
    path: "src/node/long.ts",
    text: `export function g(): void {\n${body}}`,
    rule: "eslint(max-lines-per-function)",
  },
  {
    path: "src/node/many.ts",
    text: "export const g = (a: 1, b: 1, c: 1, d: 1, e: 1): number => a + b + c + d + e;",
    rule: "eslint(max-params)",
  },
  {
    path: "src/node/nested/equal.ts",
    text: "export const g = (x: unknown): boolean => x == 1;",
    rule: "eslint(eqeqeq)",
  },
  { path: "src/node/camelCase.ts", text: "export const g = 1;", rule: "unicorn(filename-case)" },
];

/** A configuration beside a canary, which must not be heard. */
const unheard = { "src/node/nested/.oxlintrc.json": '{"rules":{"eqeqeq":"off"}}' };

/** Files that say the same where it is allowed. */
const allowed: Readonly<Record<string, string>> = {
  "src/platform/clock.ts": "export const x = Date.now() + performance.now() + Math.random();",
  "src/profiles/start.ts": "export const x = Date.now();",
  "bench/rival.ts": "console.log(Date.now());\nexport const x = 1;",
  "scripts/report.ts": 'console.log("x");\nexport const x = 1;',
  "src/platform/random.ts":
    'import { randomBytes } from "node:crypto";\nexport const x = randomBytes(8);',
  "src/platform/instant.ts": "export const x = Temporal.Now.instant();",
  "src/runtime/hash.ts":
    'import { createHash } from "node:crypto";\nexport const x = createHash("sha256");',
  "src/runtime/locale.ts": 'export const x = "a".localeCompare("b");',
  "src/core/own-keys.ts": "export const x = [...Array.from([1]), Reflect.ownKeys({}), Math.PI];",
  "src/core/date-type.ts": "export const x = (d: Date): number => d.getTime();",
  "vitest.config.ts": "export default {};",
};

const canaries = [...portCanaries, ...pureCanaries, ...ruleCanaries];

describe("the tree", () => {
  let report: LintReport;
  beforeAll(async () => {
    report = await lintFolder(rootFolder);
  });

  test("has no finding", () => {
    expect(report.findings).toEqual([]);
  });

  test("is looked at whole", () => {
    const sources = readTree().filter((file) => isTypeScript(file.path));
    expect(report.filesSeen).toBeGreaterThanOrEqual(sources.length);
    expect(report.filesSeen).toBeGreaterThanOrEqual(40);
    expect(report.rulesRun).toBeGreaterThanOrEqual(150);
  });
});

describe("a planted project", () => {
  let report: LintReport;
  beforeAll(async () => {
    const planted = Object.fromEntries(canaries.map(({ path, text }) => [path, `${text}\n`]));
    report = await withScratch(lintProject({ ...planted, ...allowed, ...unheard }), lintFolder);
  });

  test.each(canaries)("$path is reported by $rule", ({ path, rule }) => {
    expect(report.findings).toContainEqual(expect.stringContaining(`${path}: ${rule}: `));
  });

  test.each(Object.keys(allowed))("%s is not reported", (path) => {
    expect(report.findings.filter((finding) => finding.startsWith(`${path}: `))).toEqual([]);
  });

  test("has its files counted", () => {
    expect(report.filesSeen).toBe(canaries.length + Object.keys(allowed).length);
  });
});
