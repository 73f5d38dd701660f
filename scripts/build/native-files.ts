/**
 * The esbuild plugins for what a bundler can't read: native addons, WASM files, and thread entries.
 * Each library finds its own files in its own way; here they all end in `lib/native`, this
 * platform's only, and a library that has changed its way fails the build rather than the user.
 */
import { readFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { OnLoadResult, Plugin, PluginBuild } from "esbuild";

/** A file to be copied beside the bundle: its name in `lib/native` and where it is now. */
export type NativeFiles = Map<string, string>;

/** Where a build is for, in Node's words, such as `linux` and `x64`. */
export interface Target {
  readonly platform: string;
  readonly arch: string;
}

/**
 * Addons for one target: each library's own loader is replaced by one `require` of the target's
 * file, which is collected into `files`.
 */
export function targetAddons(target: Target, files: NativeFiles): Plugin {
  return { name: "target-addons", setup: (build) => addons(build, target, files) };
}

/**
 * Files that are the same on every platform: WASM, collected into `files`, and thread entries.
 * `entryOf` answers the output name of a source that is started by URL, or undefined where the
 * profile has no such entry.
 */
export function portableFiles(
  files: NativeFiles,
  entryOf: (sourceFile: string) => string | undefined,
): Plugin {
  return {
    name: "portable-files",
    setup(build) {
      wasm(build, files);
      ownSources(build, files, entryOf);
      withoutMinifier(build);
    },
  };
}

function addons(build: PluginBuild, target: Target, files: NativeFiles): void {
  const { platform, arch } = target;
  build.onResolve({ filter: /^better-sqlite3$/ }, () =>
    build.resolve(`better-sqlite3/${platform}-${arch}`, at(".")),
  );
  build.onResolve({ filter: /^hakiri-native:/ }, ({ path }) => ({
    path: `./native/${path.slice("hakiri-native:".length)}`,
    external: true,
  }));
  build.onLoad({ filter: /\.node$/ }, ({ path }) => {
    const name = addonName(path);
    files.set(name, path);
    return { contents: `module.exports = require("hakiri-native:${name}")`, loader: "js" };
  });
  build.onLoad({ filter: /@duckdb\/node-bindings\/duckdb\.js$/ }, async ({ path }) => {
    const addon = `@duckdb/node-bindings-${platform}-${arch}/duckdb.node`;
    const found = await build.resolve(addon, { kind: "require-call", resolveDir: dirname(path) });
    const library = platform === "darwin" ? "libduckdb.dylib" : "libduckdb.so";
    files.set(library, join(dirname(found.path), library));
    return { contents: `module.exports = require(${JSON.stringify(addon)})`, loader: "js" };
  });
  build.onLoad({ filter: /usearch\/javascript\/dist\/esm\/usearch\.js$/ }, ({ path }) => {
    const folder = platform === "darwin" ? "darwin-arm64+x64" : `${platform}-${arch}`;
    return replacing(path, [
      [/^import build from "node-gyp-build";$/m, 'import { createRequire } from "node:module";'],
      [/^import \{ getFileName, getRoot \} from "bindings";$/m, ""],
      [
        "const compiled = build(getBuildDir(getDirName()));",
        `import compiled from "../../../prebuilds/${folder}/usearch.node";`,
      ],
    ]);
  });
}

/** `better-sqlite3/prebuilds/linux-x64.node` says nothing once it stands alone. */
function addonName(path: string): string {
  const folder = /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? "";
  return folder === "better-sqlite3" ? "better_sqlite3.node" : basename(path);
}

/** Jco imports its minifier, a native library of 3 MB, at load, and hakiri never asks for it. */
function withoutMinifier(build: PluginBuild): void {
  build.onResolve({ filter: /^oxc-minify$/ }, () => ({ path: "oxc-minify", namespace: "absent" }));
  build.onLoad({ filter: /.*/, namespace: "absent" }, ({ path }) => ({
    contents: `export function minify() { throw new Error("this build carries no ${path}"); }`,
    loader: "js",
  }));
}

/** WASM of packages: by URL beside their code, or as a module whose imports are another module. */
function wasm(build: PluginBuild, files: NativeFiles): void {
  build.onLoad({ filter: /jco-transpile\/vendor\/.*\.js$/ }, async ({ path }) => {
    const byUrl = /new URL\('\.\/([\w.-]+\.wasm)', import\.meta\.url\)/g;
    const text = await readFile(path, "utf8");
    if (text.search(byUrl) < 0) throw new Error(`expected ${path} to load WASM by its URL`);
    const contents = text.replaceAll(byUrl, (_, name: string) =>
      copied(files, join(dirname(path), name)),
    );
    return { contents, loader: "js" };
  });
  build.onLoad({ filter: /\.wasm$/ }, async ({ path }) => {
    const url = copied(files, path);
    return {
      contents: wasmModule(url, await WebAssembly.compile(await readFile(path))),
      loader: "js",
    };
  });
}

/** Collects a file and answers the expression of its URL in the bundle. */
function copied(files: NativeFiles, path: string): string {
  files.set(basename(path), path);
  return `new URL("./native/${basename(path)}", import.meta.url)`;
}

/** A module that instantiates the file with its JavaScript imports and exports what it exports. */
function wasmModule(url: string, module: object): string {
  const sources = [...new Set(WebAssembly.Module.imports(module).map((i) => i.module))];
  const exported = WebAssembly.Module.exports(module).map((e) => e.name);
  return [
    'import { readFileSync } from "node:fs";',
    ...sources.map((source, i) => `import * as i${i} from ${JSON.stringify(source)};`),
    `const bytes = readFileSync(${url});`,
    `const imports = {${sources.map((source, i) => `${JSON.stringify(source)}: i${i}`).join(",")}};`,
    "const made = new WebAssembly.Instance(new WebAssembly.Module(bytes), imports).exports;",
    ...exported.map((e, i) => `const e${i} = made[${JSON.stringify(e)}]; export {e${i} as ${e}};`),
  ].join("\n");
}

/** Our own sources: WASM that they name by package, and files that they start by URL. */
function ownSources(
  build: PluginBuild,
  files: NativeFiles,
  entryOf: (sourceFile: string) => string | undefined,
): void {
  build.onLoad({ filter: /\/src\/.*\.ts$/ }, async ({ path }) => {
    const text = await readFile(path, "utf8");
    const contents = text
      .replaceAll(
        /import\.meta\.resolve\("([\w@./-]+\.wasm)"\)/g,
        (_, name: string) => `${copied(files, join("node_modules", name))}.href`,
      )
      .replaceAll(/new URL\("(\.\.?\/[\w./-]+\.ts)", import\.meta\.url\)/g, (_, source: string) => {
        const entry = entryOf(join(dirname(path), source));
        if (entry === undefined) throw new Error(`${path} starts ${source}, which is no entry`);
        return `new URL("./${entry}.js", import.meta.url)`;
      });
    return { contents, loader: "ts" };
  });
}

async function replacing(
  path: string,
  changes: readonly (readonly [pattern: string | RegExp, by: string])[],
): Promise<OnLoadResult> {
  let contents = await readFile(path, "utf8");
  for (const [pattern, by] of changes) {
    const changed = contents.replace(pattern, by);
    if (changed === contents) throw new Error(`expected ${path} to contain ${String(pattern)}`);
    contents = changed;
  }
  return { contents, loader: "js" };
}

const at = (resolveDir: string): { kind: "require-call"; resolveDir: string } => ({
  kind: "require-call",
  resolveDir,
});
