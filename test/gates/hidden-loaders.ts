/**
 * Ways to load a module that no list of imports shows: a `require` made at run time, a builtin
 * asked for by name, and `import.meta` used as a whole.
 */
import { isNode, lineAt, literalText, visitNodes, type SyntaxNode } from "./parse.ts";
import type { TreeFile } from "./tree.ts";

const loaders = new Set(["createRequire", "getBuiltinModule"]);

/** Finds them as `path:line: fault`, by name, whatever they are called on. */
export function findHiddenLoaders(file: TreeFile): string[] {
  const faults = new Set<string>();
  const owners = new Set<number>();
  visitNodes(file, (node) => {
    if (node.type === "MemberExpression" && node["computed"] !== true && isNode(node["object"])) {
      owners.add(node["object"].start);
    }
    const fault = faultAt(node, owners);
    if (fault !== undefined) {
      faults.add(`${file.path}:${String(lineAt(file.text, node.start))}: ${fault}`);
    }
  });
  return [...faults];
}

function faultAt(node: SyntaxNode, owners: ReadonlySet<number>): string | undefined {
  if (node.type === "MetaProperty" && isImportMeta(node) && !owners.has(node.start)) {
    return "uses import.meta as a whole";
  }
  const word = node.type === "Identifier" ? node["name"] : literalText(node);
  return typeof word === "string" && loaders.has(word) ? `uses ${word}` : undefined;
}

function isImportMeta(node: SyntaxNode): boolean {
  return isNode(node["meta"]) && node["meta"]["name"] === "import";
}
