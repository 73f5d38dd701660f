/**
 * How long files and lines may be. How long a function may be is the linter's to say.
 */
import { isTypeScript, topFolder } from "../tree.ts";
import type { Check } from "./check.ts";

const linesMaxByFolder: Readonly<Record<string, number>> = {
  src: 400,
  connectors: 400,
  sdk: 400,
  test: 600,
  scripts: 600,
  bench: 600,
};
const columnsMax = 100;
/** The formatter breaks no string, so a line that holds one may be this wide. */
const columnsWithStringMax = 120;

/** Files end before they are two ideas. */
export const fileLength: Check = {
  claim: "no file is longer than its folder allows",
  floor: 40,
  looksAt: (path) => isTypeScript(path) && topFolder(path) in linesMaxByFolder,
  find: (files) =>
    files.flatMap(({ path, text }) => {
      const lines = text.trimEnd().split("\n").length;
      const linesMax = linesMaxByFolder[topFolder(path)] ?? 0;
      return lines > linesMax
        ? [`${path}: has ${String(lines)} lines, at most ${String(linesMax)} are allowed`]
        : [];
    }),
};

/** Lines fit beside each other in a review; a string has some room, and a URL all it needs. */
export const lineLength: Check = {
  claim: `no line of code is wider than ${String(columnsMax)} columns`,
  floor: 40,
  looksAt: isTypeScript,
  find: (files) =>
    files.flatMap(({ path, text }) =>
      text
        .split("\n")
        .flatMap((line, index) =>
          line.length > columnsMaxOf(line)
            ? [`${path}:${String(index + 1)}: is ${String(line.length)} columns wide`]
            : [],
        ),
    ),
};

function columnsMaxOf(line: string): number {
  if (line.includes("://")) return Number.POSITIVE_INFINITY;
  const isComment = /^\s*(?:\/\/|\/?\*)/u.test(line);
  return !isComment && /["'`]/u.test(line) ? columnsWithStringMax : columnsMax;
}
