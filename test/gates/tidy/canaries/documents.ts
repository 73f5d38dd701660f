/**
 * The canaries of the checks that look at documents, decisions and files as such.
 */
import { oneFile, type Canary } from "./canary.ts";

const record = "docs/adr/0002-dependencies.md";
const manifest =
  '{"version":"0.2.0","dependencies":{"zod":"4.0.0"},"devDependencies":{"vitest":"5.0.0"}}';
const header =
  "| package | why | size | licence | cost of leaving |\n| --- | --- | --- | --- | --- |\n";
const full = (name: string): string => `| \`${name}\` | why | 1 MB | MIT | a day |\n`;
const sections = "# T\n## Context\n## Decision\n## Rejected, and why\n## Consequences\n";
const registryHost = ["registry", "npmjs", "org"].join(".");
const windowsHome = ["C:", "Users", "someone"].join("\\");
const home = ["", "home", "someone", "x"].join("/");

/** The canaries by the name of their check. */
export const documentCanaries = {
  blobs: [
    oneFile(
      "one byte too much",
      "test/a.bin",
      "x".repeat(512 * 1024 + 1),
      "test/a.bin: has 524289 bytes",
    ),
    oneFile("just small enough", "test/a.bin", "x".repeat(512 * 1024)),
  ],
  deadFiles: [
    {
      about: "two that import each other, and one imported by a test",
      tree: {
        "src/core/a.ts": 'import "./b.ts";',
        "src/core/b.ts": 'import "./a.ts";',
        "src/core/c.ts": "",
        "test/core/c.test.ts": 'import "../../src/core/c.ts";',
      },
      says: [
        "src/core/a.ts: nothing that runs imports it",
        "src/core/b.ts: nothing that runs imports it",
      ],
    },
    oneFile(
      "a part of a script",
      "scripts/build/a.ts",
      "",
      "scripts/build/a.ts: nothing that runs imports it",
    ),
    {
      about: "entries, and what they reach by import, type, URL and name",
      tree: {
        "src/profiles/core.ts": 'import type {} from "../core/a.ts";\nimport("../core/b.ts");',
        "src/core/a.ts": "",
        "src/core/b.ts": 'export const x = new URL("./c.ts", import.meta.url);',
        "src/core/c.ts": 'export const x = join(here, "d.ts");',
        "src/core/d.ts": "",
        "bench/main.ts": "",
        "bench/lanes/start.ts": "",
        "scripts/build.ts": "",
      },
      says: [],
    },
  ],
  registryHosts: [
    oneFile(
      "in a lock file",
      "package-lock.json",
      `{\n"a": "https://${registryHost}/a"}`,
      `package-lock.json:2: names a package registry (${registryHost})`,
    ),
    oneFile(
      "a domain that only ends like one",
      "README.md",
      "https://mypypi.organic and crates in io",
    ),
  ],
  machinePaths: [
    oneFile(
      "a home",
      "README.md",
      `cd ${home}`,
      `README.md:1: names a machine's folder (${["", "home", "someone", ""].join("/")})`,
    ),
    oneFile(
      "the administrator's",
      "a.json",
      `"${["", "root", "x"].join("/")}"`,
      `a.json:1: names a machine's folder (${["", "root", ""].join("/")})`,
    ),
    oneFile(
      "a home on Windows",
      "a.json",
      `"${windowsHome}\\\\x"\n"${windowsHome.replaceAll("\\", "/")}"`,
      `a.json:1: names a machine's folder (${windowsHome})`,
      `a.json:2: names a machine's folder (${windowsHome.replaceAll("\\", "/")})`,
    ),
    oneFile("a drive, and a key with a colon", "a.md", "C:\\Windows, a:Users/x"),
    oneFile(
      "the same words inside a path",
      "README.md",
      "see docs/work/a, ~/work/b and node/home/c",
    ),
  ],
  headings: [
    oneFile(
      "no H1",
      "docs/a.md",
      "text\n## A",
      "docs/a.md:1: has 0 H1 headings, not one",
      'docs/a.md:2: "A" skips a level',
    ),
    oneFile("two", "docs/a.md", "# A\n# B", "docs/a.md:1: has 2 H1 headings, not one"),
    oneFile("a skipped level", "docs/a.md", "# A\n### B", 'docs/a.md:2: "B" skips a level'),
    oneFile(
      "steps, and hashes in code",
      "docs/a.md",
      "# A\n## B\n### C\n## D\n```sh\n# not a heading\n```",
    ),
  ],
  links: [
    oneFile("no file", "docs/a.md", "# A\n[b](b.md)", "docs/a.md:2: b.md leads to no file"),
    oneFile("a definition", "docs/a.md", "[b]: ../b.md", "docs/a.md:1: ../b.md leads to no file"),
    oneFile("no heading", "docs/a.md", "# A\n[b](#b)", "docs/a.md:2: #b leads to no heading"),
    {
      about: "a file, a folder, an anchor, the outside, and code",
      tree: {
        "docs/a.md":
          "# A b, C\n[1](../src/b.ts) [2](../src) [3](#a-b-c) [4](https://example.org/x) `[5](no.md)`",
        "src/b.ts": "",
      },
      says: [],
    },
  ],
  changelog: [
    {
      about: "none",
      tree: { "package.json": manifest },
      says: ["CHANGELOG.md: does not exist"],
    },
    oneFile("nothing in it", "CHANGELOG.md", "# Changes", "CHANGELOG.md: has no version as an H2"),
    oneFile(
      "oldest first",
      "CHANGELOG.md",
      "# C\n## 0.1.0\n## 0.10.0",
      'CHANGELOG.md: "0.10.0" stands under an older version',
    ),
    oneFile(
      "a word",
      "CHANGELOG.md",
      "# C\n## Soon",
      'CHANGELOG.md: "Soon" is neither a version nor Unreleased, first',
    ),
    {
      about: "behind package.json",
      tree: { "CHANGELOG.md": "# C\n## 0.1.0", "package.json": manifest },
      says: ["CHANGELOG.md: has neither Unreleased nor 0.2.0"],
    },
    oneFile("newest first", "CHANGELOG.md", "# C\n## Unreleased\n## [0.10.0] 2026-11-01\n## 0.9.0"),
  ],
  recordNumbers: [
    {
      about: "a gap",
      tree: { "docs/adr/0001-a.md": "", "docs/adr/0003-c.md": "" },
      says: ["docs/adr/0003-c.md: stands where 0002 belongs"],
    },
    oneFile(
      "a name without a number",
      "docs/adr/walls.md",
      "",
      "docs/adr/walls.md: is not named NNNN-title.md",
    ),
    {
      about: "in order",
      tree: { "docs/adr/0001-a.md": "", "docs/adr/0002-b.md": "", "docs/adr/README.md": "" },
      says: [],
    },
  ],
  recordSections: [
    oneFile(
      "two missing",
      record,
      "# T\n## Context\n## Decision",
      `${record}: has no section "Rejected"`,
      `${record}: has no section "Consequences"`,
    ),
    oneFile("all there", record, sections),
  ],
  dependencyRows: [
    {
      about: "one missing, one partial, one stale",
      tree: {
        "package.json": manifest,
        [record]: `${header}| \`zod\` | why | | MIT | a day |\n${full("left-pad")}`,
      },
      says: [
        `${record}: has no row for \`vitest\``,
        `${record}:3: lacks why, size, licence or cost of leaving`,
        `${record}:4: \`left-pad\` is no longer a dependency`,
      ],
    },
    { about: "no record", tree: { "package.json": manifest }, says: [`${record}: does not exist`] },
    {
      about: "a full table",
      tree: { "package.json": manifest, [record]: header + full("zod") + full("vitest") },
      says: [],
    },
  ],
} satisfies Record<string, readonly Canary[]>;
