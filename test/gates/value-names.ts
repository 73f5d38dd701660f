/**
 * Which identifiers of a file stand for a value: neither a property's name nor a part of a type.
 */
import { identifierName, visitNodes, type SyntaxNode } from "./parse.ts";
import type { TreeFile } from "./tree.ts";

const typeParents = new Set([
  "TSTypeReference",
  "TSQualifiedName",
  "TSTypeQuery",
  "TSInterfaceHeritage",
  "TSClassImplements",
]);

/** Visits the identifiers that stand for a value, with the node around each. */
export function visitValueNames(
  file: TreeFile,
  visit: (name: string, node: SyntaxNode, parent: SyntaxNode | undefined) => void,
): void {
  visitNodes(file, (node, parent) => {
    const name = identifierName(node);
    if (name !== undefined && (parent === undefined || isValue(node, parent))) {
      visit(name, node, parent);
    }
  });
}

function isValue(node: SyntaxNode, parent: SyntaxNode): boolean {
  if (typeParents.has(parent.type)) return false;
  const isName = parent["property"] === node || parent["key"] === node;
  if (isName) return parent["computed"] === true;
  return parent["imported"] !== node && parent["exported"] !== node;
}
