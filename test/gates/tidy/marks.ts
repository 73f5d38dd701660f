/**
 * What must not be left behind: breakpoints, type holes, unfinished work, and silenced checkers.
 */
import { isNode, lineAt, parseFile } from "../parse.ts";
import { isTypeScript, type TreeFile } from "../tree.ts";
import type { Check } from "./check.ts";
import { placesOf } from "./places.ts";

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
  // The compiler also reads the last line of a block, and skips stars and slashes before its word.
  const lines = comment.split("\n").map((line) => line.replace(/^[\s*/]+/u, ""));
  if (lines.some((line) => /^@ts-(?:ignore|nocheck)\b/u.test(line))) {
    return "silences the compiler";
  }
  if (lines.some((line) => /^@ts-expect-error\s*$/u.test(line))) {
    return "expects an error without saying why";
  }
  const [first = ""] = lines;
  if (!/^(?:oxlint|eslint)-disable/u.test(first)) return undefined;
  return /^oxlint-disable(?:-next-line|-line) [\w@].* -- \S/u.test(first)
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
