/**
 * Walls that neither the linter nor the compiler draws: globals under another name, and names that
 * a pure room declares into being.
 */
import { isPure } from "../layer-table.ts";
import { identifierName, lineAt, parseFile, visitNodes, type SyntaxNode } from "../parse.ts";
import { isTypeScript, type TreeFile } from "../tree.ts";
import { visitValueNames } from "../value-names.ts";
import type { Check } from "./check.ts";

/** Objects with a member that src may not use: the linter sees it as long as their name is said. */
const watched = new Set([
  "Atomics",
  "Math",
  "Reflect",
  "crypto",
  "global",
  "globalThis",
  "process",
]);

/** `const m = Math; m.random()` and `globalThis[name]` would pass the linter. */
export const watchedGlobals: Check = {
  claim: "src uses Math, process, globalThis and their like only by a member's name",
  floor: 5,
  looksAt: (path) => isTypeScript(path) && /^src\/(?!platform\/|profiles\/)/u.test(path),
  find: (files) =>
    files.flatMap((file) => {
      const found: string[] = [];
      visitValueNames(file, (name, node, parent) => {
        if (!watched.has(name) || isMemberOf(node, parent)) return;
        const place = `${file.path}:${String(lineAt(file.text, node.start))}`;
        found.push(`${place}: uses ${name} other than by a member's name`);
      });
      return found;
    }),
};

function isMemberOf(node: SyntaxNode, parent: SyntaxNode | undefined): boolean {
  return (
    parent?.type === "MemberExpression" && parent["object"] === node && parent["computed"] !== true
  );
}

const ambientFile = "src/core/ambient.d.ts";
const ambientNames = new Set(["AbortSignal", "TextEncoder", "TextDecoder"]);
const typesOnly = new Set(["TSInterfaceDeclaration", "TSTypeAliasDeclaration"]);

/** A declaration makes the compiler believe that a pure room has what the host gives it. */
export const ambientValues: Check = {
  claim: "a pure room declares no global but the three of src/core/ambient.d.ts",
  floor: 2,
  looksAt: (path) => isTypeScript(path) && isPure(path),
  find: (files) => files.flatMap((file) => ambientFaults(file)),
};

function ambientFaults(file: TreeFile): string[] {
  if (file.path === ambientFile) return strangersOf(file);
  if (file.path.endsWith(".d.ts")) return [`${file.path}: declares what only ambient.d.ts may`];
  const found: string[] = [];
  visitNodes(file, (node) => {
    const isField = node.type === "PropertyDefinition" || node.type === "AccessorProperty";
    if (node["declare"] !== true || isField || typesOnly.has(node.type)) return;
    found.push(`${file.path}:${String(lineAt(file.text, node.start))}: declares a value`);
  });
  return found;
}

function strangersOf(file: TreeFile): string[] {
  return parseFile(file).statements.flatMap((statement) => {
    const name = identifierName(statement["id"]) ?? statement.type;
    if (ambientNames.has(name)) return [];
    return [`${file.path}:${String(lineAt(file.text, statement.start))}: declares ${name}`];
  });
}
