/**
 * Names that say nothing: grab-bag words in paths and exports, and Hungarian interfaces.
 */
import { isNode, parseFile, visitNodes } from "../parse.ts";
import { codeFolders, isTypeScript, topFolder, type TreeFile } from "../tree.ts";
import type { Check } from "./check.ts";
import { exportedNames } from "./exported-names.ts";

const grabBags = new Set("util utils helper helpers manager managers common misc".split(" "));

const isCode = (path: string): boolean =>
  codeFolders.some((folder) => folder === topFolder(path)) || topFolder(path) === "wit";

/** A path names its concern, in each of its words. */
export const pathNames: Check = {
  claim: "no path has a grab-bag word in it",
  floor: 40,
  looksAt: isCode,
  find: (files) =>
    files.flatMap(({ path }) => {
      const words = path.toLowerCase().split(/[/._-]/u);
      const found = words.find((word) => grabBags.has(word));
      return found === undefined ? [] : [`${path}: "${found}" in the path says nothing`];
    }),
};

/** An export is named for what it is. */
export const exportNames: Check = {
  claim: "no export is named IFoo, FooImpl or for a grab bag",
  floor: 40,
  looksAt: (path) => isCode(path) && isTypeScript(path),
  find: (files) =>
    files.flatMap((file) =>
      exportedNames(file).flatMap(({ name }) => {
        const fault = faultOfName(name);
        return fault === undefined ? [] : [`${file.path}: ${name} ${fault}`];
      }),
    ),
};

function faultOfName(name: string): string | undefined {
  // IPv4Address is a word of the field, not an interface called Pv4Address.
  if (/^I[A-Z][a-z]/u.test(name) && !name.startsWith("IPv")) return "has an I before its name";
  if (name.endsWith("Impl")) return "is named after being an implementation";
  return /(?:Utils?|Helpers?|Managers?|Common|Misc)$/u.test(name) ? "is a grab bag" : undefined;
}

/** Modules export by name, so that one thing has one name everywhere. */
export const defaultExports: Check = {
  claim: "no module has a default export but a tool's configuration",
  floor: 40,
  looksAt: (path) => isTypeScript(path) && !path.endsWith(".config.ts"),
  find: (files) =>
    files.filter(hasDefaultExport).map(({ path }) => `${path}: has a default export`),
};

function hasDefaultExport(file: TreeFile): boolean {
  const direct = parseFile(file).statements.some(({ type }) => type === "ExportDefaultDeclaration");
  let renamed = false;
  visitNodes(file, (node) => {
    if (node.type !== "ExportSpecifier" || !isNode(node["exported"])) return;
    renamed ||= node["exported"]["name"] === "default";
  });
  return direct || renamed;
}
