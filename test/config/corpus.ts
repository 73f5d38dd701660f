/** The pipeline files that tests of config read: those that are good, and those that aren't. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { ConfigText } from "../../src/config/document.ts";

/**
 * `valid` is good; `broken` the published JSON Schema refuses as well; `refused` only the parser
 * does, since JSON Schema can't say what is wrong.
 */
export type CorpusFolder = "valid" | "broken" | "refused";

const root = join(import.meta.dirname, "files");

/** The files of a folder, without what is expected of them. */
export function corpusOf(folder: CorpusFolder): readonly ConfigText[] {
  const files = readdirSync(join(root, folder)).filter((file) => /\.(?:toml|json)$/u.test(file));
  return files.toSorted().map((file) => ({
    file,
    format: file.endsWith(".toml") ? "toml" : "json",
    text: readFileSync(join(root, folder, file), "utf8"),
  }));
}

/** Where what is expected of a file stands. */
export function expectedPath(folder: CorpusFolder, file: string): string {
  return join(root, folder, `${file}.expected.txt`);
}
