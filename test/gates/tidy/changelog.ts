/**
 * The changelog: written by hand, newest version first, up to the version of package.json.
 */
import type { TreeFile } from "../tree.ts";
import type { Check } from "./check.ts";
import { headingsOf } from "./markdown.ts";

const file = "CHANGELOG.md";

/** A reader finds what is new at the top. */
export const changelog: Check = {
  claim: "the changelog exists, is newest first and knows the current version",
  floor: 1,
  looksAt: (path) => path === file,
  find: ([document], tree) => {
    if (document === undefined) return [`${file}: does not exist`];
    return faultsOf(document, tree).map((fault) => `${file}: ${fault}`);
  },
};

function faultsOf(document: TreeFile, tree: readonly TreeFile[]): string[] {
  const titles = headingsOf(document.text)
    .filter(({ level }) => level === 2)
    .map(({ title }) => title);
  if (titles.length === 0) return ["has no version as an H2"];
  const isOpen = /^\[?Unreleased\]?/u.test(titles[0] ?? "");
  const released = isOpen ? titles.slice(1) : titles;
  const versions = released.map(versionOf);
  const unknown = released.filter((_, index) => versions[index] === undefined);
  if (unknown.length > 0)
    return unknown.map((title) => `"${title}" is neither a version nor Unreleased, first`);
  const order = versions.flatMap((version, index) => {
    const above = versions[index - 1];
    const isOlder = above === undefined || version === undefined || compare(version, above) < 0;
    return isOlder ? [] : [`"${released[index] ?? ""}" stands under an older version`];
  });
  const current = currentVersion(tree);
  const isKnown =
    isOpen || current === undefined || released.some((title) => title.includes(current));
  return isKnown ? order : [...order, `has neither Unreleased nor ${current}`];
}

type Version = readonly [number, number, number];

function versionOf(title: string): Version | undefined {
  const match = /^\[?v?(\d+)\.(\d+)\.(\d+)\]?(?:\s|$)/u.exec(title);
  return match === null ? undefined : [Number(match[1]), Number(match[2]), Number(match[3])];
}

function compare(left: Version, right: Version): number {
  return left[0] - right[0] || left[1] - right[1] || left[2] - right[2];
}

function currentVersion(tree: readonly TreeFile[]): string | undefined {
  const manifest = tree.find(({ path }) => path === "package.json");
  return /"version":\s*"([^"]+)"/u.exec(manifest?.text ?? "")?.[1];
}
