/**
 * Where in a file a fault is: one message for each node that has it.
 */
import { lineAt, visitNodes, type SyntaxNode } from "../parse.ts";
import type { TreeFile } from "../tree.ts";

/** Lists `path:line: fault` for each node of the file of which `faultOf` tells a fault. */
export function placesOf(
  file: TreeFile,
  faultOf: (node: SyntaxNode) => string | undefined,
): string[] {
  const found: string[] = [];
  visitNodes(file, (node) => {
    const fault = faultOf(node);
    if (fault === undefined) return;
    found.push(`${file.path}:${String(lineAt(file.text, node.start))}: ${fault}`);
  });
  return found;
}
