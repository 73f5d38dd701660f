/**
 * Tests that don't run: singled out, skipped or left to do in any spelling, or under a condition.
 */
import { identifierName, isNode, literalText, visitNodes, type SyntaxNode } from "../parse.ts";
import { isTypeScript, type TreeFile } from "../tree.ts";
import type { Check } from "./check.ts";
import { placesOf } from "./places.ts";

const narrowings = new Set(["only", "skip", "todo", "fails"]);
const conditions = new Set(["skipIf", "runIf"]);
const suites = new Set(["test", "it", "describe", "suite", "bench"]);

/** The whole suite runs, always. */
export const narrowedTests: Check = {
  claim: "no test is singled out, skipped, left to do or expected to fail",
  floor: 40,
  looksAt: isTypeScript,
  find: (files) =>
    files.flatMap((file) => {
      const contexts = contextNames(file);
      return placesOf(file, (node) => narrowingOf(node, contexts));
    }),
};

/** A test that can't run somewhere is an exception of the tree, with its reason. */
export const conditionalTests: Check = {
  claim: "no test runs under a condition",
  floor: 40,
  looksAt: isTypeScript,
  find: (files) =>
    files.flatMap((file) =>
      placesOf(file, (node) => {
        const word = memberOf(node);
        return word !== undefined && conditions.has(word) && isSuite(node["object"])
          ? `runs under ${word}`
          : undefined;
      }),
    ),
};

/** `test.skip`, `test["skip"]`, `context.skip`, `{ skip: true }`, and a suite's other name. */
function narrowingOf(node: SyntaxNode, contexts: ReadonlySet<string>): string | undefined {
  const word = memberOf(node);
  if (word !== undefined && narrowings.has(word)) {
    const isContext = contexts.has(identifierName(node["object"]) ?? "");
    return isSuite(node["object"]) || isContext ? `has a stray .${word}` : undefined;
  }
  if (node.type === "VariableDeclarator" && isSuite(node["init"])) {
    const init = node["init"];
    return isNode(init) && init.type === "CallExpression" ? undefined : "gives a suite a name";
  }
  if (node.type === "ImportSpecifier") return renamedSuite(node);
  if (node.type !== "CallExpression" || !isSuite(node["callee"])) return undefined;
  const found = listOf(node["arguments"]).flatMap(narrowingKeys)[0];
  return found === undefined ? undefined : `has a stray { ${found} }`;
}

function renamedSuite(node: SyntaxNode): string | undefined {
  const imported = identifierName(node["imported"]) ?? "";
  const isRenamed = suites.has(imported) && identifierName(node["local"]) !== imported;
  return isRenamed ? "gives a suite a name" : undefined;
}

/** The narrowing keys of an options object, or those a test's function takes from its context. */
function narrowingKeys(argument: SyntaxNode): string[] {
  if (argument.type === "ObjectExpression") return keysOf(argument);
  return paramsOf(argument)
    .filter(({ type }) => type === "ObjectPattern")
    .flatMap(keysOf);
}

function keysOf(object: SyntaxNode): string[] {
  return listOf(object["properties"])
    .map(({ key }) => identifierName(key) ?? literalText(key) ?? "")
    .filter((key) => narrowings.has(key));
}

/** What the functions given to tests call their context, and what `test.extend(..)` is kept as. */
function contextNames(file: TreeFile): ReadonlySet<string> {
  const names = new Set<string>();
  visitNodes(file, (node) => {
    if (node.type === "VariableDeclarator" && isSuite(node["init"])) {
      names.add(identifierName(node["id"]) ?? "");
    }
    if (node.type !== "CallExpression" || !isSuite(node["callee"])) return;
    for (const param of listOf(node["arguments"]).flatMap(paramsOf)) {
      names.add(identifierName(param) ?? "");
    }
  });
  return names;
}

function paramsOf(node: SyntaxNode): SyntaxNode[] {
  return node.type.includes("Function") ? listOf(node["params"]) : [];
}

function listOf(value: unknown): SyntaxNode[] {
  return Array.isArray(value) ? value.filter(isNode) : [];
}

/** The name of a member access, also of `test["skip"]`. */
function memberOf(node: SyntaxNode): string | undefined {
  if (node.type !== "MemberExpression") return undefined;
  const property = node["property"];
  return node["computed"] === true ? literalText(property) : identifierName(property);
}

/** Whether a value comes from a suite's name: `test`, `vitest.test.concurrent`, `it.each(rows)`. */
function isSuite(value: unknown): boolean {
  let node = value;
  while (isNode(node)) {
    if (suites.has(identifierName(node) ?? memberOf(node) ?? "")) return true;
    if (node.type === "MemberExpression") node = node["object"];
    else if (node.type === "CallExpression") node = node["callee"];
    else if (node.type === "TaggedTemplateExpression") node = node["tag"];
    else return false;
  }
  return false;
}
