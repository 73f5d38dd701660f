/** What to say where a path or pattern leads to no file. */
import { readdir } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { nearest, usageError, type HakiriError } from "../../../src/connector.ts";
import { systemCode } from "../file-error.ts";

/** Most names of a folder that are looked at. */
const namesMax = 10_000;
/** Names that a hint shows. */
const shownMax = 3;

/** The error of a file that was named and isn't there. */
export async function missingFile(path: string): Promise<HakiriError> {
  const near = nearest(basename(path), await filesIn(dirname(path)));
  return usageError(
    "missing_file",
    `expected a file at '${path}', got nothing there`,
    near === null ? "check the path" : `did you mean '${join(dirname(path), near)}'?`,
  );
}

/** The error of patterns that match nothing at all. */
export async function noMatch(project: string, globs: readonly string[]): Promise<HakiriError> {
  const patterns = globs.map((glob) => resolve(project, glob));
  const [first = project] = patterns;
  const names = await filesIn(dirname(first));
  const near = names.filter((name) => isLike(name, basename(first))).slice(0, shownMax);
  const shown = (near.length > 0 ? near : names.slice(0, shownMax)).map((name) => `'${name}'`);
  return usageError(
    "no_match",
    `expected files at '${patterns.join("' or '")}', got none`,
    shown.length === 0
      ? "check the pattern; quote it, so that the shell leaves it alone"
      : `change the pattern: beside it there is ${shown.join(", ")}`,
  );
}

/** Whether a name has the ending or the beginning of a pattern, or nearly so. */
function isLike(name: string, pattern: string): boolean {
  const [, beginning = "", ending = ""] = /^([^*?[{]*).*?([^*?\]}]*)$/su.exec(pattern) ?? [];
  const hasBeginning = beginning !== "" && name.startsWith(beginning);
  const hasEnding = ending !== "" && name.toLowerCase().endsWith(ending.toLowerCase());
  return hasBeginning || hasEnding || nearest(pattern, [name]) !== null;
}

async function filesIn(folder: string): Promise<readonly string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    const files = entries.filter((entry) => !entry.isDirectory() && !entry.name.startsWith("."));
    return files
      .slice(0, namesMax)
      .map(({ name }) => name)
      .toSorted();
  } catch (error) {
    // The hint is a courtesy; the folder may not exist, or be a pattern itself.
    if (systemCode(error) !== null) return [];
    throw error;
  }
}
