/**
 * What must not be left behind: narrowed test runs, unfinished work, and silenced checkers.
 */
import { identifierName, isNode, lineAt, parseFile, visitNodes } from "../parse.ts";
import { isTypeScript, type TreeFile } from "../tree.ts";
import type { Check } from "./check.ts";

const narrowings = new Set(["only", "skip", "todo", "fails"]);
const suites = new Set(["test", "it", "describe", "suite", "bench"]);

/** The whole suite runs, always: a test that can't run somewhere says so by a condition. */
export const narrowedTests: Check = {
  claim: "no test is singled out, skipped, left to do or expected to fail",
  floor: 40,
  looksAt: isTypeScript,
  find: (files) =>
    files.flatMap((file) =>
      placesOf(file, (node) => {
        if (node.type !== "MemberExpression") return undefined;
        const word = identifierName(node["property"]) ?? "";
        const isSuite = suites.has(rootName(node["object"]));
        return isSuite && narrowings.has(word) ? `has a stray .${word}` : undefined;
      }),
    ),
};

/** The first name of `test.concurrent.each`. */
function rootName(value: unknown): string {
  let node = value;
  while (isNode(node) && node.type === "MemberExpression") node = node["object"];
  return identifierName(node) ?? "";
}

/** Nobody left a breakpoint or a type hole. */
export const holes: Check = {
  claim: "no module has a debugger statement or a cast to any",
  floor: 40,
  looksAt: isTypeScript,
  find: (files) =>
    files.flatMap((file) =>
      placesOf(file, (node) => {
        if (node.type === "DebuggerStatement") return "has a debugger statement";
        const target = node["typeAnnotation"];
        const isCast = node.type === "TSAsExpression" || node.type === "TSTypeAssertion";
        const isAny = isNode(target) && target.type === "TSAnyKeyword";
        return isCast && isAny ? "casts to any" : undefined;
      }),
    ),
};

function placesOf(
  file: TreeFile,
  faultOf: (node: Parameters<Parameters<typeof visitNodes>[1]>[0]) => string | undefined,
): string[] {
  const found: string[] = [];
  visitNodes(file, (node) => {
    const fault = faultOf(node);
    if (fault === undefined) return;
    found.push(`${file.path}:${String(lineAt(file.text, node.start))}: ${fault}`);
  });
  return found;
}

const unfinished = /\b(?:TODO|FIXME|XXX)\b/u;

/** Unfinished work is in an issue or a decision, not in a comment. */
export const unfinishedMarks: Check = {
  claim: "no comment says that work is unfinished",
  floor: 40,
  looksAt: (path) => isTypeScript(path) || /\.(?:sh|wit|toml|yml|yaml)$|^bin\//u.test(path),
  find: (files) =>
    files.flatMap((file) =>
      commentsOf(file)
        .filter(({ text }) => unfinished.test(text))
        .map(({ line }) => `${file.path}:${String(line)}: says that work is unfinished`),
    ),
};

/** A checker is silenced for one place, one rule and a reason, or not at all. */
export const silencedCheckers: Check = {
  claim: "no comment silences a checker without naming the rule and the reason",
  floor: 40,
  looksAt: isTypeScript,
  find: (files) =>
    files.flatMap((file) =>
      commentsOf(file).flatMap(({ text, line }) => {
        const fault = silencingFault(text.trim());
        return fault === undefined ? [] : [`${file.path}:${String(line)}: ${fault}`];
      }),
    ),
};

function silencingFault(comment: string): string | undefined {
  if (/^@ts-(?:ignore|nocheck)\b/u.test(comment)) return "silences the compiler";
  if (/^@ts-expect-error\s*$/u.test(comment)) return "expects an error without saying why";
  if (!/^(?:oxlint|eslint)-disable/u.test(comment)) return undefined;
  return /^oxlint-disable(?:-next-line|-line)? \S.* -- \S/u.test(comment)
    ? undefined
    : "disables the linter without the form `oxlint-disable-next-line RULE -- REASON`";
}

/** TypeScript's comments come from the parser, so that a string about a mark is none. */
function commentsOf(file: TreeFile): { readonly text: string; readonly line: number }[] {
  if (!isTypeScript(file.path)) {
    return file.text.split("\n").map((text, index) => ({ text, line: index + 1 }));
  }
  return parseFile(file).comments.map((comment) => ({
    text: comment.value,
    line: lineAt(file.text, comment.start),
  }));
}
