/**
 * What must be said in words: a head comment on each module, a docstring on each export of `src`.
 */
import type { Comment } from "oxc-parser";
import { lineAt, parseFile, type SyntaxNode } from "../parse.ts";
import { codeFolders, isTypeScript, topFolder, type TreeFile } from "../tree.ts";
import type { Check } from "./check.ts";
import { exportedNames } from "./exported-names.ts";

/** Shorter than this a comment can't say what a file is. */
const headCharactersMin = 20;

/** A module opens by saying what it is, or goes straight to a documented export. */
export const headComments: Check = {
  claim: "each module opens with a comment that says what it is",
  floor: 40,
  looksAt: (path) =>
    isTypeScript(path) &&
    !path.endsWith(".test.ts") &&
    codeFolders.some((folder) => folder === topFolder(path)),
  find: (files) =>
    files
      .filter((file) => !opensWithComment(file) && !opensWithDocumentedExport(file))
      .map(({ path }) => `${path}: has no head comment that says what it is`),
};

function opensWithComment(file: TreeFile): boolean {
  const { statements, comments } = parseFile(file);
  const before = statements[0]?.start ?? file.text.length;
  const words = comments
    .filter((comment) => comment.end <= before && !isDirective(comment))
    .map((comment) => comment.value.replaceAll(/[*\s]+/gu, " ").trim());
  return words.join(" ").length >= headCharactersMin;
}

function opensWithDocumentedExport(file: TreeFile): boolean {
  const first = parseFile(file).statements.find(({ type }) => type !== "ImportDeclaration");
  return (
    first !== undefined &&
    first.type.startsWith("Export") &&
    docstringBefore(file, first) !== undefined
  );
}

/** A comment that speaks to a tool says nothing to a reader. */
function isDirective(comment: Comment): boolean {
  return /^(?:!|\s*(?:oxlint-|eslint-|prettier-|@ts-|\/\s*<))/u.test(comment.value);
}

/** Each export of `src` is documented where it is declared. */
export const docstrings: Check = {
  claim: "each export of src has a docstring",
  floor: 20,
  looksAt: (path) => isTypeScript(path) && topFolder(path) === "src",
  find: (files) =>
    files.flatMap((file) =>
      exportedNames(file)
        .filter(({ statement }) => docstringBefore(file, statement) === undefined)
        .map(({ name, statement }) => {
          const line = String(lineAt(file.text, statement.start));
          return `${file.path}:${line}: the export ${name} has no docstring`;
        }),
    ),
};

function docstringBefore(file: TreeFile, statement: SyntaxNode): Comment | undefined {
  return parseFile(file).comments.findLast(
    (comment) =>
      comment.type === "Block" &&
      comment.value.startsWith("*") &&
      /\w/u.test(comment.value) &&
      onlyToolsBetween(file.text.slice(comment.end, statement.start)),
  );
}

/** Between a docstring and its export only a directive to a tool may stand. */
function onlyToolsBetween(text: string): boolean {
  return text
    .split("\n")
    .map((line) => line.trim())
    .every((line) => line === "" || /^\/\/ (?:oxlint-|prettier-)/u.test(line));
}
