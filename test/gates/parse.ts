/**
 * Parsing for the gates. TypeScript 7 has no compiler API, so oxc-parser gives the syntax tree;
 * a file that does not parse is an error here, never an empty answer.
 */
import { parseSync, visitorKeys, type Comment, type Program } from "oxc-parser";
import type { TreeFile } from "./tree.ts";

/** A node of the syntax tree, read by field name: the gates look at few kinds of node each. */
export interface SyntaxNode {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [field: string]: unknown;
}

/** A parsed file: its statements, and its comments in order. */
export interface ParsedFile {
  readonly statements: readonly SyntaxNode[];
  readonly comments: readonly Comment[];
  readonly program: Program;
}

const cache = new WeakMap<TreeFile, ParsedFile>();

/** Parses a file once. Throws when it has a syntax error, so that no gate skips it. */
export function parseFile(file: TreeFile): ParsedFile {
  const known = cache.get(file);
  if (known !== undefined) return known;
  const result = parseSync(file.path, file.text, { sourceType: "module" });
  const [failure] = result.errors;
  if (failure !== undefined) throw new SyntaxError(`${file.path}: ${failure.message}`);
  const parsed: ParsedFile = {
    // The generated types name every kind of node; a gate reads fields by name instead.
    statements: result.program.body as unknown as readonly SyntaxNode[],
    comments: result.comments,
    program: result.program,
  };
  cache.set(file, parsed);
  return parsed;
}

/** Visits every node of a file, parents before children; a statement of the file has no parent. */
export function visitNodes(
  file: TreeFile,
  visit: (node: SyntaxNode, parent: SyntaxNode | undefined) => void,
): void {
  const pending: [SyntaxNode, SyntaxNode | undefined][] = parseFile(file)
    .statements.map((node): [SyntaxNode, undefined] => [node, undefined])
    .toReversed();
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const [node, parent] = next;
    visit(node, parent);
    for (const child of childrenOf(node).toReversed()) pending.push([child, node]);
  }
}

function childrenOf(node: SyntaxNode): SyntaxNode[] {
  return (visitorKeys[node.type] ?? []).flatMap((key) => {
    const child = node[key];
    return (Array.isArray(child) ? child : [child]).filter(isNode);
  });
}

/** Whether a field of a node holds another node. */
export function isNode(value: unknown): value is SyntaxNode {
  return typeof value === "object" && value !== null && "type" in value && "start" in value;
}

/** The text of a string literal, or of a template without placeholders; otherwise undefined. */
export function literalText(value: unknown): string | undefined {
  if (!isNode(value)) return undefined;
  if (value.type === "Literal") {
    return typeof value["value"] === "string" ? value["value"] : undefined;
  }
  const quasis = value["quasis"];
  if (value.type !== "TemplateLiteral" || !Array.isArray(quasis) || quasis.length !== 1)
    return undefined;
  const only: unknown = quasis[0];
  const cooked = isNode(only) ? only["value"] : undefined;
  return typeof cooked === "object" && cooked !== null && "cooked" in cooked
    ? String(cooked.cooked)
    : undefined;
}

/** The name of an identifier node, or undefined. */
export function identifierName(value: unknown): string | undefined {
  if (!isNode(value) || value.type !== "Identifier") return undefined;
  return typeof value["name"] === "string" ? value["name"] : undefined;
}

/** The 1-based line of an offset. */
export function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split("\n").length;
}
