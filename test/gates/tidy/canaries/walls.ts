/**
 * The canaries of the checks that close ways around the others: globals, kinds of files, tests that
 * don't run.
 */
import { oneFile, type Canary } from "./canary.ts";

const module = "src/core/schema.ts";
const testFile = "test/core/schema.test.ts";
const ambient = "src/core/ambient.d.ts";

const whole = (line: number, name: string): string =>
  `${module}:${String(line)}: uses ${name} other than by a member's name`;

const jsFiles = ["src/core/a.mts", "sdk/a.cts", "bench/a.tsx", "test/a.js", "connectors/x/a.mjs"];
const moreJsFiles = ["scripts/a.cjs", "src/a.jsx", "a.config.js", "src/core/a.TS"];

const lines = (...texts: readonly string[]): string => texts.join("\n");

/** The canaries by the name of their check. */
export const wallCanaries = {
  watchedGlobals: [
    oneFile(
      "an alias, a part, a computed name and a way past the name",
      module,
      lines(
        "const m = Math;",
        "const { random } = Math;",
        "globalThis[name];",
        "Reflect.get(global, name);",
        "f(process);",
        "Math['random']();",
      ),
      whole(1, "Math"),
      whole(2, "Math"),
      whole(3, "globalThis"),
      whole(4, "global"),
      whole(5, "process"),
      whole(6, "Math"),
    ),
    oneFile(
      "a member's name, a type and names like them",
      module,
      lines(
        "Math.max(1, 2);",
        "export type M = typeof Math;",
        "a.process;",
        "const x = { global: 1, crypto: a.crypto };",
      ),
    ),
    oneFile("platform, which wires them", "src/platform/a.ts", "const m = Math;"),
  ],
  ambientValues: [
    oneFile(
      "each way to declare",
      module,
      lines(
        "declare const navigator: unknown;",
        "declare function fetch(): void;",
        "declare class URL {}",
        "declare global {}",
        "export declare const x: 1;",
        "declare namespace n {}",
      ),
      ...[1, 2, 3, 4, 5, 6].map((line) => `${module}:${String(line)}: declares a value`),
    ),
    oneFile(
      "a second file of declarations",
      "src/raft/host.d.ts",
      "interface A {}",
      "src/raft/host.d.ts: declares what only ambient.d.ts may",
    ),
    oneFile(
      "a fourth name",
      ambient,
      "interface AbortSignal {}\ndeclare class URL {}\ndeclare const a: 1;",
      `${ambient}:2: declares URL`,
      `${ambient}:3: declares VariableDeclaration`,
    ),
    oneFile("the three names", ambient, "interface AbortSignal {}\ndeclare class TextEncoder {}"),
    oneFile(
      "types and a field",
      module,
      "declare interface A {}\ndeclare type B = 1;\nclass C { declare b: 1; }",
    ),
    oneFile("another room", "src/runtime/a.ts", "declare const navigator: unknown;"),
  ],
  lazyBuiltins: [
    oneFile(
      "chance",
      module,
      'const { randomBytes } = await import("node:crypto");',
      `${module}:1: loads node:crypto by import()`,
    ),
    oneFile("what the linter doesn't restrict", module, 'await import("node:tls");'),
    oneFile("platform, which has them", "src/platform/a.ts", 'await import("node:crypto");'),
  ],
  codeKinds: [
    {
      about: "every other kind",
      tree: Object.fromEntries([...jsFiles, ...moreJsFiles].map((path) => [path, ""])),
      says: [...jsFiles, ...moreJsFiles].map(
        (path) => `${path}: is code in another kind of file than .ts`,
      ),
    },
    {
      about: "TypeScript, and what is no code of ours",
      tree: { "src/a.ts": "", "src/a.d.ts": "", "test/a.json": "", "test/a.c": "", "bin/js": "" },
      says: [],
    },
  ],
  topFolders: [
    oneFile("an unknown one", "lib/a.js", "", "lib: is no known folder of the tree"),
    { about: "known ones, and the root", tree: { "sdk/a.ts": "", "a.json": "" }, says: [] },
  ],
  oneLinter: [
    {
      about: "others, under each name",
      tree: Object.fromEntries(
        [".oxlintrc.json", "src/.oxlintrc.json", "oxlint.config.ts", ".eslintignore"].map(
          (path) => [path, ""],
        ),
      ),
      says: ["src/.oxlintrc.json", "oxlint.config.ts", ".eslintignore"].map(
        (path) => `${path}: configures the linter beside .oxlintrc.json`,
      ),
    },
    oneFile("the one", ".oxlintrc.json", "{}"),
  ],
  narrowedTests: [
    oneFile(
      "each word",
      testFile,
      lines(
        'test.only("a", f);',
        'describe.skip("b", f);',
        'it.todo("c");',
        'test.concurrent.fails("d", f);',
        'it["skip"]("e", f);',
        'vitest.test.skip("f", f);',
      ),
      `${testFile}:1: has a stray .only`,
      `${testFile}:2: has a stray .skip`,
      `${testFile}:3: has a stray .todo`,
      `${testFile}:4: has a stray .fails`,
      `${testFile}:5: has a stray .skip`,
      `${testFile}:6: has a stray .skip`,
    ),
    oneFile(
      "options, and what a test takes of its context",
      testFile,
      lines(
        'test("a", { skip: true }, f);',
        'test.each([1])("b", { only: true }, f);',
        'test("c", ({ skip }) => skip());',
        'test("d", (context) => context.skip());',
      ),
      `${testFile}:1: has a stray { skip }`,
      `${testFile}:2: has a stray { only }`,
      `${testFile}:3: has a stray { skip }`,
      `${testFile}:4: has a stray .skip`,
    ),
    oneFile(
      "a suite that extends one",
      testFile,
      'const own = test.extend({});\nown.skip("a", f);',
      `${testFile}:2: has a stray .skip`,
    ),
    oneFile(
      "a suite under another name",
      testFile,
      'import { it as x } from "vitest";\nconst { skip } = it;\nconst t = test;',
      ...[1, 2, 3].map((line) => `${testFile}:${String(line)}: gives a suite a name`),
    ),
    oneFile(
      "another's method, options and text",
      testFile,
      lines(
        "reader.skip(4);",
        "read({ skip: 4 });",
        '"test.only(";',
        'test("a", { timeout: 9 }, () => 1);',
        "const matched = pattern.test(text);",
      ),
    ),
  ],
  conditionalTests: [
    oneFile(
      "both words",
      testFile,
      'test.skipIf(x)("a", f);\ndescribe.runIf(process.platform === "linux")("b", f);',
      `${testFile}:1: runs under skipIf`,
      `${testFile}:2: runs under runIf`,
    ),
    oneFile("a condition inside, and another's method", testFile, "if (x) f();\nlist.skipIf(x);"),
  ],
} satisfies Record<string, readonly Canary[]>;
