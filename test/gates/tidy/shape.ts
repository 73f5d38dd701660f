/**
 * The shape of the tree: its folders, the kinds of its code, and one configuration of the linter.
 */
import { topFolder } from "../tree.ts";
import type { Check } from "./check.ts";

const folders = new Set(".ci bench bin connectors docs scripts sdk src test wit".split(" "));

/** A folder in no table is one that no gate looks into. */
export const topFolders: Check = {
  claim: "the top folders of the tree are the known ones",
  floor: 50,
  looksAt: (path) => path.includes("/"),
  find: (files) => {
    const unknown = new Set(
      files.map(({ path }) => topFolder(path)).filter((folder) => !folders.has(folder)),
    );
    return [...unknown].map((folder) => `${folder}: is no known folder of the tree`);
  },
};

const otherKinds = /\.(?:[cm]?jsx?|[cm]tsx?|tsx)$/iu;

/** The gates read `.ts`; a module under any other ending would run and be seen by none of them. */
export const codeKinds: Check = {
  claim: "code is in .ts files only",
  floor: 50,
  looksAt: () => true,
  find: (files) =>
    files
      .filter(({ path }) => otherKinds.test(path) || path.endsWith(".TS"))
      .map(({ path }) => `${path}: is code in another kind of file than .ts`),
};

const linterFile = ".oxlintrc.json";
const linterNames =
  /(?:^|\/)(?:\.oxlintrc\.[^/]+|oxlint\.config\.[^/]+|\.(?:oxlint|eslint)ignore|\.eslintrc[^/]*)$/u;

/** Another one would switch rules or files off where nobody looks. */
export const oneLinter: Check = {
  claim: "the linter is configured by one file, at the root",
  floor: 1,
  looksAt: (path) => linterNames.test(path),
  find: (files) =>
    files
      .filter(({ path }) => path !== linterFile)
      .map(({ path }) => `${path}: configures the linter beside ${linterFile}`),
};
