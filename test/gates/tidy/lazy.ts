/**
 * How libraries are loaded late: by our own modules, never by `import()` of a package.
 */
import { resolveImport } from "../imports.ts";
import { lineAt, literalText, visitNodes } from "../parse.ts";
import { topFolder, type TreeFile } from "../tree.ts";
import type { Check } from "./check.ts";

/**
 * Bundled CommonJS that is loaded by `import()` has a default export only, so a release fails where
 * a checkout works. A module of ours that imports the package at its top is loaded instead.
 */
export const lazyPackages: Check = {
  claim: "no source loads a package by import(), only modules of ours",
  floor: 20,
  looksAt: (path) => path.endsWith(".ts") && ["src", "connectors"].includes(topFolder(path)),
  find: (files, tree) => {
    const paths = new Set(tree.map((file) => file.path));
    return files.flatMap((file) =>
      importCalls(file).flatMap(({ specifier, line }) => {
        const target = resolveImport(file.path, specifier, paths);
        if (target.kind !== "package") return [];
        return [`${file.path}:${String(line)}: loads ${target.name} by import()`];
      }),
    );
  },
};

const portBuiltin = /^(?:node:)?(?:crypto|os|perf_hooks|process|timers|timers\/promises)$/u;

/** The linter judges which names a statement imports; `import()` gets them all. */
export const lazyBuiltins: Check = {
  claim: "no source but platform and profiles loads a clock or chance by import()",
  floor: 5,
  looksAt: (path) => path.endsWith(".ts") && /^src\/(?!platform\/|profiles\/)/u.test(path),
  find: (files) =>
    files.flatMap((file) =>
      importCalls(file)
        .filter(({ specifier }) => portBuiltin.test(specifier ?? ""))
        .map(({ specifier, line }) => {
          return `${file.path}:${String(line)}: loads ${specifier ?? ""} by import()`;
        }),
    ),
};

function importCalls(file: TreeFile): { specifier: string | undefined; line: number }[] {
  const calls: { specifier: string | undefined; line: number }[] = [];
  visitNodes(file, (node) => {
    if (node.type !== "ImportExpression") return;
    const line = lineAt(file.text, node.start);
    calls.push({ specifier: literalText(node["source"]), line });
  });
  return calls;
}
