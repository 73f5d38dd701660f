/**
 * What a file imports, in every way TypeScript has to say it, and where each specifier leads.
 *
 * A specifier is relative (resolved to a file of the tree, exactly as Node would), a Node builtin,
 * or a package. Other forms are reported as unresolved: the tree has one way to name a file.
 */
import { isBuiltin } from "node:module";
import { posix } from "node:path";
import { isNode, lineAt, literalText, visitNodes, type SyntaxNode } from "./parse.ts";
import type { TreeFile } from "./tree.ts";

/**
 * How a file is named: `value` and `type` by statements, `lazy` by a call, `url` as `new URL`, and
 * `computed` by a call or a URL whose operand is neither a literal nor built from a relative path.
 */
export type ImportForm = "value" | "type" | "lazy" | "url" | "computed";

/** One import as written. `specifier` is undefined when the path is computed. */
export interface FileImport {
  readonly form: ImportForm;
  readonly specifier: string | undefined;
  readonly line: number;
}

/** Where a specifier leads. */
export type ImportTarget =
  | { readonly kind: "file"; readonly path: string }
  | { readonly kind: "builtin"; readonly name: string }
  | { readonly kind: "package"; readonly name: string }
  | { readonly kind: "unresolved"; readonly why: string };

/** Lists the imports of a file in source order. */
export function importsOf(file: TreeFile): FileImport[] {
  const found: FileImport[] = [];
  visitNodes(file, (node) => {
    const entry = importAt(node);
    if (entry !== undefined) found.push({ ...entry, line: lineAt(file.text, node.start) });
  });
  return found;
}

type FoundImport = Omit<FileImport, "line">;

function importAt(node: SyntaxNode): FoundImport | undefined {
  switch (node.type) {
    case "ImportDeclaration":
      return statementImport(node, "importKind");
    case "ExportNamedDeclaration":
    case "ExportAllDeclaration":
      return statementImport(node, "exportKind");
    case "ImportExpression":
      return calledImport(node["source"], "lazy");
    case "TSImportType":
      return { form: "type", specifier: literalText(node["source"] ?? node["argument"]) };
    case "TSExternalModuleReference":
      return { form: "value", specifier: literalText(node["expression"]) };
    case "CallExpression":
      return isLoader(node["callee"]) ? calledImport(firstArgument(node), "lazy") : undefined;
    case "NewExpression":
      return urlImport(node);
    default:
      return undefined;
  }
}

function statementImport(node: SyntaxNode, kindField: string): FoundImport | undefined {
  if (!isNode(node["source"])) return undefined;
  const form = node[kindField] === "type" ? "type" : "value";
  return { form, specifier: literalText(node["source"]) };
}

/**
 * A computed specifier is only known to leave its file when one of its parts is a relative path.
 */
function calledImport(argument: unknown, form: ImportForm): FoundImport | undefined {
  const specifier = literalText(argument);
  if (specifier !== undefined) return { form, specifier };
  return { form: mentionsRelativePath(argument) ? form : "computed", specifier: undefined };
}

function mentionsRelativePath(argument: unknown): boolean {
  return isNode(argument) && /["'`]\.{1,2}\//u.test(JSON.stringify(sourceParts(argument)));
}

function sourceParts(node: SyntaxNode): unknown[] {
  return Object.values(node).flatMap((value): unknown[] => {
    if (typeof value === "string") return [value];
    if (Array.isArray(value)) return value.filter(isNode).flatMap(sourceParts);
    if (isNode(value)) return sourceParts(value);
    return typeof value === "object" && value !== null ? Object.values(value) : [];
  });
}

/** `require(..)`, `require.resolve(..)` and `import.meta.resolve(..)`. */
function isLoader(callee: unknown): boolean {
  if (!isNode(callee)) return false;
  if (callee.type === "Identifier") return callee["name"] === "require";
  if (callee.type !== "MemberExpression" || !isNode(callee["object"])) return false;
  const owner = callee["object"];
  const isResolve = isNode(callee["property"]) && callee["property"]["name"] === "resolve";
  return isResolve && (owner.type === "MetaProperty" || owner["name"] === "require");
}

function firstArgument(node: SyntaxNode): unknown {
  const list = node["arguments"];
  return Array.isArray(list) ? list[0] : undefined;
}

/** `new URL("./worker.ts", import.meta.url)` names code only when it names a module. */
function urlImport(node: SyntaxNode): FoundImport | undefined {
  const callee = node["callee"];
  const base: unknown = Array.isArray(node["arguments"]) ? node["arguments"][1] : undefined;
  if (!isNode(callee) || callee["name"] !== "URL" || !isNode(base)) return undefined;
  if (!isNode(base["object"]) || base["object"].type !== "MetaProperty") return undefined;
  const specifier = literalText(firstArgument(node));
  if (specifier === undefined) return { form: "computed", specifier };
  return /\.[cm]?[jt]s$/u.test(specifier) ? { form: "url", specifier } : undefined;
}

/** Resolves a specifier written in `from` against the paths of the tree. */
export function resolveImport(
  from: string,
  specifier: string | undefined,
  paths: ReadonlySet<string>,
): ImportTarget {
  if (specifier === undefined) {
    return { kind: "unresolved", why: "imports a computed relative path" };
  }
  if (/^\.{1,2}(?:\/|$)/u.test(specifier)) return resolveRelative(from, specifier, paths);
  if (isBuiltin(specifier)) return { kind: "builtin", name: specifier };
  if (/^(?:[#/]|[a-z]:|file:|data:)/iu.test(specifier)) {
    return { kind: "unresolved", why: `imports ${specifier}, which is no relative path` };
  }
  return { kind: "package", name: packageName(specifier) };
}

function resolveRelative(
  from: string,
  specifier: string,
  paths: ReadonlySet<string>,
): ImportTarget {
  const path = posix.join(posix.dirname(from), specifier);
  return paths.has(path)
    ? { kind: "file", path }
    : { kind: "unresolved", why: `imports ${specifier}, which is no file` };
}

/** The package of a specifier: `@scope/name/sub` belongs to `@scope/name`. */
function packageName(specifier: string): string {
  const parts = specifier.split("/");
  return parts.slice(0, specifier.startsWith("@") ? 2 : 1).join("/");
}
