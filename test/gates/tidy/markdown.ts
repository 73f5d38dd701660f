/**
 * The shape of the documents: one title each, headings in steps, relative links that lead
 * somewhere.
 */
import { posix } from "node:path";
import type { TreeFile } from "../tree.ts";
import type { Check } from "./check.ts";

/** A heading of a document: `level` counts the hashes. */
export interface Heading {
  readonly level: number;
  readonly title: string;
  readonly line: number;
}

/** Whether a path is a document of the project; corpora that tests read are not its own words. */
export function isDocument(path: string): boolean {
  return (
    path.endsWith(".md") && !/\/(?:corpus|vectors|raft-vectors|golden|fixtures|files)\//u.test(path)
  );
}

/** Lists the lines of a document that are outside its code fences, with 1-based numbers. */
export function proseLines(text: string): { readonly text: string; readonly line: number }[] {
  let fence: string | undefined;
  return text.split("\n").flatMap((content, index) => {
    const mark = /^\s*(```+|~~~+)/u.exec(content)?.[1];
    if (fence !== undefined) {
      if (mark?.startsWith(fence) === true) fence = undefined;
      return [];
    }
    fence = mark;
    return mark === undefined ? [{ text: content, line: index + 1 }] : [];
  });
}

/** Lists the headings of a document in order. */
export function headingsOf(text: string): Heading[] {
  return proseLines(text).flatMap(({ text: content, line }) => {
    const match = /^(#{1,6})\s+(.*?)\s*#*$/u.exec(content);
    return match === null ? [] : [{ level: match[1]?.length ?? 0, title: match[2] ?? "", line }];
  });
}

/** A document has one title, and a reader can fold it by its headings. */
export const headings: Check = {
  claim: "each document has one H1, first, and its headings skip no level",
  floor: 5,
  looksAt: isDocument,
  find: (files) =>
    files.flatMap(({ path, text }) => headingFaults(text).map((fault) => `${path}:${fault}`)),
};

function headingFaults(text: string): string[] {
  const all = headingsOf(text);
  const titles = all.filter(({ level }) => level === 1).length;
  const faults = titles === 1 ? [] : [`1: has ${String(titles)} H1 headings, not one`];
  const skips = all.flatMap(({ level, line, title }, index) =>
    level > (all[index - 1]?.level ?? 0) + 1 ? [`${String(line)}: "${title}" skips a level`] : [],
  );
  return [...faults, ...skips];
}

/** A relative link names a file or folder of the tree, and an anchor a heading of its document. */
export const links: Check = {
  claim: "each relative link of a document leads somewhere",
  floor: 5,
  looksAt: isDocument,
  find: (files, tree) => {
    const documents = new Map(tree.map((file) => [file.path, file]));
    const folders = new Set(tree.flatMap((file) => foldersOf(file.path)));
    return files.flatMap((file) =>
      linksOf(file).flatMap(({ target, line }) => {
        const fault = linkFault({ from: file, target, documents, folders });
        return fault === undefined ? [] : [`${file.path}:${String(line)}: ${target} ${fault}`];
      }),
    );
  },
};

function foldersOf(path: string): string[] {
  const parts = path.split("/").slice(0, -1);
  return parts.map((_, index) => parts.slice(0, index + 1).join("/"));
}

function linksOf(file: TreeFile): { readonly target: string; readonly line: number }[] {
  return proseLines(file.text).flatMap(({ text, line }) => {
    const prose = text.replaceAll(/`[^`]*`/gu, "");
    const inline = [...prose.matchAll(/\]\(<?([^)>\s]+)>?(?:\s+"[^"]*")?\)/gu)];
    const reference = [...prose.matchAll(/^\s*\[[^\]]+\]:\s+<?([^>\s]+)/gu)];
    return [...inline, ...reference]
      .map((match) => ({ target: match[1] ?? "", line }))
      .filter(({ target }) => !/^(?:[a-z][a-z+.-]*:|\/\/)/iu.test(target));
  });
}

interface LinkPlace {
  readonly from: TreeFile;
  readonly target: string;
  readonly documents: ReadonlyMap<string, TreeFile>;
  readonly folders: ReadonlySet<string>;
}

function linkFault({ from, target, documents, folders }: LinkPlace): string | undefined {
  const [path = "", anchor] = decodeURI(target).split("#");
  const resolved =
    path === "" ? from.path : posix.join(posix.dirname(from.path), path).replace(/\/$/u, "");
  if (resolved === "." || folders.has(resolved)) return undefined;
  const document = documents.get(resolved);
  if (document === undefined) return "leads to no file";
  if (anchor === undefined || !resolved.endsWith(".md")) return undefined;
  return anchorsOf(document.text).has(anchor) ? undefined : "leads to no heading";
}

/** The anchors that code hosts give to headings; a repeated heading gets a number. */
function anchorsOf(text: string): ReadonlySet<string> {
  const counts = new Map<string, number>();
  return new Set(
    headingsOf(text).map(({ title }) => {
      const slug = title
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
        .replaceAll(/\s/gu, "-");
      const count = counts.get(slug) ?? 0;
      counts.set(slug, count + 1);
      return count === 0 ? slug : `${slug}-${String(count)}`;
    }),
  );
}
