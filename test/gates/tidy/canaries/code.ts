/**
 * The canaries of the checks that look at code: names, comments, marks, lengths and waiting.
 */
import { oneFile, type Canary } from "./canary.ts";

const module = "src/core/schema.ts";
const testFile = "test/core/schema.test.ts";
const docstring = "/** What a column holds. */\n";
const bareDisable =
  "disables the linter without the form `oxlint-disable-next-line RULE -- REASON`";

/** The canaries by the name of their check. */
export const codeCanaries = {
  fileLength: [
    oneFile(
      "401 lines in src",
      module,
      "\n".repeat(400) + "x;",
      `${module}: has 401 lines, at most 400 are allowed`,
    ),
    oneFile("400 lines in src", module, "x;\n".repeat(400)),
    oneFile(
      "601 lines in test",
      testFile,
      "x;\n".repeat(601),
      `${testFile}: has 601 lines, at most 600 are allowed`,
    ),
  ],
  lazyPackages: [
    oneFile(
      "a package",
      module,
      'export const load = () => import("undici");',
      `${module}:1: loads undici by import()`,
    ),
    oneFile("a builtin", module, 'export const load = () => import("node:tls");'),
    oneFile("a package at the top", module, 'import { Pool } from "undici";'),
  ],
  ownUrls: [
    oneFile(
      "the pathname of a URL beside the file",
      testFile,
      'const url = new URL("./a.ts", import.meta.url);\nrun(url.pathname);',
      `${testFile}:2: takes a URL's pathname for a path`,
    ),
    oneFile("a path", testFile, 'run(fileURLToPath(new URL("./a.ts", import.meta.url)));'),
    oneFile("the pathname of another URL", testFile, "x = new URL(text).pathname;"),
  ],
  lineLength: [
    oneFile("101 columns", module, `x;\n${"y".repeat(101)}`, `${module}:2: is 101 columns wide`),
    oneFile(
      "121 columns with a string",
      module,
      `"${"y".repeat(119)}"`,
      `${module}:1: is 121 columns wide`,
    ),
    oneFile(
      "101 columns of a comment that quotes",
      module,
      `// "${"y".repeat(96)}"`,
      `${module}:1: is 101 columns wide`,
    ),
    oneFile("120 columns with a string", module, `"${"y".repeat(118)}"`),
    oneFile("100 columns, and a URL", module, `${"y".repeat(100)}\n// http://${"y".repeat(100)}`),
    oneFile("a wide line of a document", "README.md", "y".repeat(300)),
  ],
  pathNames: [
    oneFile(
      "a file",
      "src/core/utils.ts",
      "",
      'src/core/utils.ts: "utils" in the path says nothing',
    ),
    oneFile(
      "a suffix",
      "test/csv-helpers.ts",
      "",
      'test/csv-helpers.ts: "helpers" in the path says nothing',
    ),
    oneFile(
      "a folder",
      "bench/common/a.ts",
      "",
      'bench/common/a.ts: "common" in the path says nothing',
    ),
    oneFile(
      "a test's name",
      "test/manager.test.ts",
      "",
      'test/manager.test.ts: "manager" in the path says nothing',
    ),
    oneFile("a word that holds one", "src/core/commonality.ts", ""),
  ],
  exportNames: [
    oneFile(
      "three kinds",
      module,
      "export interface ISource {}\nexport class SourceImpl {}\nexport const fileUtils = 1;",
      `${module}: ISource has an I before its name`,
      `${module}: SourceImpl is named after being an implementation`,
      `${module}: fileUtils is a grab bag`,
    ),
    oneFile(
      "a name in a list",
      module,
      "class AImpl {}\nexport { AImpl };",
      `${module}: AImpl is named after being an implementation`,
    ),
    oneFile("words of the field", module, "export type IPv4Range = 1;\nexport const Id = 1;"),
  ],
  defaultExports: [
    oneFile("a direct one", module, "export default 1;", `${module}: has a default export`),
    oneFile(
      "a renamed one",
      module,
      "const x = 1;\nexport { x as default };",
      `${module}: has a default export`,
    ),
    oneFile("a configuration", "vitest.config.ts", "export default {};"),
  ],
  headComments: [
    oneFile(
      "no comment",
      module,
      'import "./a.ts";\nconst x = 1;',
      `${module}: has no head comment that says what it is`,
    ),
    oneFile(
      "an undocumented export",
      module,
      "export const x = 1;",
      `${module}: has no head comment that says what it is`,
    ),
    oneFile(
      "a directive only",
      module,
      "// oxlint-disable no-console -- the output is here\nx;",
      `${module}: has no head comment that says what it is`,
    ),
    oneFile(
      "a comment of one word",
      module,
      "/** Stuff. */\nconst x = 1;",
      `${module}: has no head comment that says what it is`,
    ),
    oneFile(
      "a late comment",
      module,
      "const x = 1;\n/** What this file is about. */",
      `${module}: has no head comment that says what it is`,
    ),
    oneFile(
      "a docstring on the first export",
      module,
      `import "./a.ts";\n\n${docstring}export const x = 1;`,
    ),
    oneFile(
      "a head of lines",
      module,
      "// Mailbox\n//   Owns: the queue of one actor.\nconst x = 1;",
    ),
    oneFile("a test, whose titles say it", testFile, "const x = 1;"),
    oneFile(
      "a module that tests share",
      "test/core/planted.ts",
      "const x = 1;",
      "test/core/planted.ts: has no head comment that says what it is",
    ),
    oneFile(
      "a head before imports",
      module,
      '/** The shapes of columns. */\nimport "./a.ts";\nconst x = 1;',
    ),
  ],
  docstrings: [
    oneFile(
      "every kind of export without one",
      module,
      `export const a = 1;
export function b() {}
export class C {}
export type D = 1;
export interface E {}`,
      ...[
        "1: the export a",
        "2: the export b",
        "3: the export C",
        "4: the export D",
        "5: the export E",
      ].map((place) => `${module}:${place} has no docstring`),
    ),
    oneFile(
      "a list of exports",
      module,
      "const a = 1;\nexport { a };",
      `${module}:1: the export a has no docstring`,
    ),
    oneFile(
      "a line comment instead",
      module,
      "// What a column holds.\nexport const a = 1;",
      `${module}:1: the export a has no docstring`.replace(":1:", ":2:"),
    ),
    oneFile(
      "a comment of something else",
      module,
      `${docstring}const a = 1;\nexport const b = a;`,
      `${module}:3: the export b has no docstring`,
    ),
    oneFile(
      "an empty comment",
      module,
      "/** */\nexport const a = 1;",
      `${module}:2: the export a has no docstring`,
    ),
    oneFile(
      "documented, overloaded and passed on",
      module,
      `${docstring}export function a(x: 1): 1;
export function a(x: number) { return x; }
export { b } from "./b.ts";
export * from "./c.ts";`,
    ),
    oneFile(
      "with a directive between",
      module,
      `${docstring}// oxlint-disable-next-line max-params -- as the port\nexport const a = 1;`,
    ),
  ],
  holes: [
    oneFile("a breakpoint", module, "debugger;", `${module}:1: has a debugger statement`),
    oneFile("a cast", module, "const x = 1 as any;", `${module}:1: casts to any`),
    oneFile("the words in text", module, '// debugger; as any\nconst x = "as any" as unknown;'),
  ],
  unfinishedMarks: [
    oneFile("a line", module, `x; // TODO: more`, `${module}:1: says that work is unfinished`),
    oneFile("a block", module, `/**\n * FIXME\n */`, `${module}:1: says that work is unfinished`),
    oneFile(
      "a script",
      "bin/hakiri",
      `#!/bin/sh\n# XXX quoting`,
      "bin/hakiri:2: says that work is unfinished",
    ),
    oneFile("the word in a string", module, 'const x = "TODO";'),
  ],
  silencedCheckers: [
    oneFile("the compiler", module, "// @ts-ignore\nx;", `${module}:1: silences the compiler`),
    oneFile(
      "the whole file",
      module,
      "// @ts-nocheck because of reasons\nx;",
      `${module}:1: silences the compiler`,
    ),
    oneFile(
      "an error without a reason",
      testFile,
      "// @ts-expect-error\nx;",
      `${testFile}:1: expects an error without saying why`,
    ),
    oneFile(
      "a rule without a reason",
      module,
      "// oxlint-disable-next-line no-console\nx;",
      `${module}:1: ${bareDisable}`,
    ),
    oneFile(
      "the compiler, in the last line of a block",
      module,
      "/**\n * @ts-ignore\n */\nx;",
      `${module}:1: silences the compiler`,
    ),
    oneFile(
      "a rule for the whole file, with a reason",
      module,
      "/* oxlint-disable no-console -- it prints */\n// oxlint-disable max-params -- as the port\nx;",
      `${module}:1: ${bareDisable}`,
      `${module}:2: ${bareDisable}`,
    ),
    oneFile(
      "a reason without a rule",
      module,
      "// oxlint-disable-next-line -- it -- prints\nx;",
      `${module}:1: ${bareDisable}`,
    ),
    oneFile("every rule", module, "/* eslint-disable */\nx;", `${module}:1: ${bareDisable}`),
    oneFile(
      "with rule and reason",
      module,
      "// oxlint-disable-next-line max-params -- as the port\n// @ts-expect-error: a name\nx;",
    ),
  ],
  sleeps: [
    oneFile(
      "a timer",
      testFile,
      "setTimeout(done, 50);",
      `${testFile}:1: sleeps by setTimeout; move the clock, or poll with vi.waitFor`,
    ),
    oneFile(
      "arithmetic",
      testFile,
      "setTimeout(done, 2 * 1000);",
      `${testFile}:1: sleeps by setTimeout; move the clock, or poll with vi.waitFor`,
    ),
    oneFile(
      "a promise",
      testFile,
      "await sleep(10);",
      `${testFile}:1: sleeps by sleep; move the clock, or poll with vi.waitFor`,
    ),
    oneFile(
      "a method by name",
      testFile,
      "await timers.setTimeout(delayMs);",
      `${testFile}:1: sleeps by setTimeout; move the clock, or poll with vi.waitFor`,
    ),
    oneFile("the next turn, and code outside tests", testFile, "setTimeout(done, 0);"),
    oneFile("a supervisor", "src/supervisor/a.ts", "setTimeout(kill, 2000);"),
  ],
  synchronousCore: [
    oneFile(
      "an async function",
      module,
      "export async function a() {}",
      `${module}:1: is asynchronous`,
    ),
    oneFile(
      "a promise",
      "src/raft/a.ts",
      "export const a = new Promise(f);",
      "src/raft/a.ts:1: is asynchronous",
    ),
    oneFile(
      "a settled promise",
      module,
      "export const a = Promise.resolve(1);",
      `${module}:1: is asynchronous`,
    ),
    oneFile(
      "a promise by another way",
      module,
      "Array.fromAsync([]);\nconst P = Promise;\nReflect.construct(Promise, [f]);",
      `${module}:1: is asynchronous`,
      `${module}:2: is asynchronous`,
      `${module}:3: is asynchronous`,
    ),
    oneFile(
      "a port's type, and a name like it",
      module,
      "export interface A { b(): Promise<1>; Promise: 1 }\nexport const c = a.Promise;",
    ),
    oneFile("another room", "src/runtime/a.ts", "export async function a() {}"),
  ],
} satisfies Record<string, readonly Canary[]>;
