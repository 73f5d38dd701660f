/** Names that hakiri makes: of a pipeline from its source, and of a stream from its files. */
import { usageError } from "../core/error.ts";

const nameLengthMax = 63;

/** Most pipelines that may want one name. */
export const equalNamesMax = 1000;

/**
 * Words as a pipeline's name: `[a-z0-9_]`, at most 63 characters. Accents go, letters that aren't
 * Latin count as gaps. Empty where nothing is left.
 */
export function pipelineSlug(words: string): string {
  return words
    .normalize("NFKD")
    .replaceAll(/\p{M}+/gu, "")
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/gu, "_")
    .replaceAll(/^_+|_+$/gu, "")
    .slice(0, nameLengthMax)
    .replace(/_+$/u, "");
}

/**
 * The wanted name, or with the first number from 2 that makes it free: `orders_2`. Throws
 * `usage.no_free_name` where a thousand are taken.
 */
export async function freePipelineName(
  wanted: string,
  isTaken: (name: string) => Promise<boolean>,
): Promise<string> {
  for (let number = 1; number <= equalNamesMax; number += 1) {
    const ending = number === 1 ? "" : `_${number}`;
    const name = wanted.slice(0, nameLengthMax - ending.length) + ending;
    if (!(await isTaken(name))) return name;
  }
  throw usageError(
    "no_free_name",
    `expected fewer than ${equalNamesMax} pipelines named '${wanted}', got that many`,
    "write a pipeline file with a name of its own",
  );
}
