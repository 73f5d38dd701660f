/**
 * The names a file exports by declaring them, with the statement that declares each.
 *
 * Re-exports from another file are left out: they are named and documented where they are declared.
 */
import { identifierName, isNode, parseFile, type SyntaxNode } from "../parse.ts";
import type { TreeFile } from "../tree.ts";

/** One exported name. `statement` is where its docstring must stand. */
export interface ExportedName {
  readonly name: string;
  readonly statement: SyntaxNode;
}

/**
 * Lists the declared exports of a file in source order; an overloaded function once, at its first.
 */
export function exportedNames(file: TreeFile): ExportedName[] {
  const { statements } = parseFile(file);
  const byName = new Map<string, ExportedName>();
  for (const statement of statements) {
    for (const entry of exportsOf(statement, statements)) {
      if (!byName.has(entry.name)) byName.set(entry.name, entry);
    }
  }
  return [...byName.values()];
}

function exportsOf(statement: SyntaxNode, statements: readonly SyntaxNode[]): ExportedName[] {
  if (statement.type !== "ExportNamedDeclaration" || isNode(statement["source"])) return [];
  if (isNode(statement["declaration"])) {
    return declaredNames(statement["declaration"]).map((name) => ({ name, statement }));
  }
  return localNames(statement).flatMap((name) => {
    const declaring = statements.find((other) => declaredNames(other).includes(name));
    // An imported name that is exported again is documented where it comes from.
    return declaring === undefined ? [] : [{ name, statement: declaring }];
  });
}

function localNames(statement: SyntaxNode): string[] {
  const specifiers: unknown = statement["specifiers"];
  if (!Array.isArray(specifiers)) return [];
  return specifiers.filter(isNode).flatMap((specifier) => identifierName(specifier["local"]) ?? []);
}

function declaredNames(declaration: SyntaxNode): string[] {
  const declarators: unknown = declaration["declarations"];
  if (declaration.type !== "VariableDeclaration" || !Array.isArray(declarators)) {
    return identifierName(declaration["id"]) === undefined ? [] : [nameOf(declaration["id"])];
  }
  return declarators.filter(isNode).map((declarator) => nameOf(declarator["id"]));
}

/** A destructuring pattern has no one name: it is called by what it is. */
function nameOf(id: unknown): string {
  return identifierName(id) ?? "(pattern)";
}
