/**
 * Where promises and waiting don't belong: sleeps in tests, asynchronous code in the pure core.
 */
import { identifierName, isNode, lineAt, visitNodes, type SyntaxNode } from "../parse.ts";
import { isTypeScript, topFolder, type TreeFile } from "../tree.ts";
import { visitValueNames } from "../value-names.ts";
import type { Check } from "./check.ts";

const sleepers = new Set(["setTimeout", "sleep", "delay", "wait"]);

/** A test moves the clock or waits for a condition with a deadline; it never hopes for the best. */
export const sleeps: Check = {
  claim: "no test sleeps",
  floor: 8,
  looksAt: (path) => isTypeScript(path) && topFolder(path) === "test",
  find: (files) => files.flatMap((file) => callsThat(file, sleepFault)),
};

function sleepFault(call: SyntaxNode): string | undefined {
  const callee = call["callee"];
  const method = isNode(callee) && callee.type === "MemberExpression" ? callee["property"] : callee;
  const name = identifierName(method) ?? "";
  const list: unknown = call["arguments"];
  const sleepsAtAll = sleepers.has(name) && Array.isArray(list) && list.some(isDuration);
  return sleepsAtAll ? `sleeps by ${name}; move the clock, or poll with vi.waitFor` : undefined;
}

/** A positive number, arithmetic with one, or a name that says it is one: `sleep(delayMs)`. */
function isDuration(argument: unknown): boolean {
  if (!isNode(argument)) return false;
  if (argument.type === "BinaryExpression") {
    return isDuration(argument["left"]) || isDuration(argument["right"]);
  }
  if (argument.type === "Literal")
    return typeof argument["value"] === "number" && argument["value"] > 0;
  return /(?:ms|seconds|millis|delay|timeout|interval)$/iu.test(identifierName(argument) ?? "");
}

function callsThat(file: TreeFile, faultOf: (call: SyntaxNode) => string | undefined): string[] {
  const found: string[] = [];
  visitNodes(file, (node) => {
    const fault = node.type === "CallExpression" ? faultOf(node) : undefined;
    if (fault !== undefined)
      found.push(`${file.path}:${String(lineAt(file.text, node.start))}: ${fault}`);
  });
  return found;
}

/** The domain and the consensus core are plain functions; only their ports speak of promises. */
export const synchronousCore: Check = {
  claim: "core and raft have no asynchronous code",
  floor: 1,
  looksAt: (path) => isTypeScript(path) && /^src\/(?:core|raft)\//u.test(path),
  find: (files) =>
    files.flatMap((file) => {
      const found: string[] = [];
      const report = (node: SyntaxNode): void => {
        found.push(`${file.path}:${String(lineAt(file.text, node.start))}: is asynchronous`);
      };
      visitNodes(file, (node) => {
        if (isAsynchronous(node)) report(node);
      });
      // By any way to it: new, a method, Reflect.construct or another name.
      visitValueNames(file, (name, node) => {
        if (name === "Promise") report(node);
      });
      return found;
    }),
};

function isAsynchronous(node: SyntaxNode): boolean {
  return (
    node.type === "AwaitExpression" ||
    node["async"] === true ||
    node["await"] === true ||
    (node.type === "MemberExpression" && identifierName(node["property"]) === "fromAsync")
  );
}
