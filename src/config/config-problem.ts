/** What is wrong with a configuration file, and the one error that says it. */
import { HakiriError } from "../core/error.ts";

/** The way from a document's root to a value: keys, and 0-based places in lists. */
export type KeyPath = readonly (string | number)[];

/** One thing that is wrong. */
export interface ConfigProblem {
  /** Last part of the error's code, as in `usage.unknown_key`. */
  readonly code: string;
  readonly path: KeyPath;
  /** What was expected and what came, as "expected ..., got ...". Never a secret's value. */
  readonly message: string;
  /** What to type instead; empty where the message says it. */
  readonly hint: string;
}

/** Where a file's problems are: the file as the user knows it, and the line of a value. */
export interface ProblemPlace {
  readonly file: string;
  /** The 1-based line where the value at a path begins; null where it can't be told. */
  readonly lineOf: (path: KeyPath) => number | null;
}

/** The rest is counted, so that a file of nonsense stays readable. */
const problemsShownMax = 10;

/**
 * The usage error of a file with at least one problem: a line for each of the first ten, as
 * `file:line: key: expected ..., got ...`, by line. Its code is that of the first; its hint too,
 * unless there are several problems, whose hints then stand in their lines.
 */
export function configError(
  place: ProblemPlace,
  problems: readonly [ConfigProblem, ...ConfigProblem[]],
): HakiriError {
  const shown = problems
    .slice(0, problemsShownMax)
    .map((problem) => ({ problem, line: place.lineOf(problem.path) }))
    .toSorted((a, b) => (a.line ?? 0) - (b.line ?? 0));
  const code = `usage.${(shown[0]?.problem ?? problems[0]).code}`;
  if (problems.length === 1) {
    const message = shown.map(({ problem, line }) => problemLine(place, problem, line)).join("");
    const hint = problems[0].hint === "" ? "change that place" : problems[0].hint;
    return new HakiriError({ kind: "Permanent", code, message, hint });
  }
  const lines = shown.map(({ problem, line }, index) => {
    const isNew = shown.findIndex((other) => other.problem.hint === problem.hint) === index;
    const hint = problem.hint === "" || !isNew ? "" : ` (${problem.hint})`;
    return problemLine(place, problem, line) + hint;
  });
  const rest = problems.length - lines.length;
  if (rest > 0) lines.push(`${place.file}: and ${rest} more`);
  const hint = `change these ${problems.length} places`;
  return new HakiriError({ kind: "Permanent", code, message: lines.join("\n"), hint });
}

function problemLine(place: ProblemPlace, problem: ConfigProblem, line: number | null): string {
  const where = line === null ? place.file : `${place.file}:${line}`;
  const key = problem.path.length === 0 ? "" : `${showPath(problem.path)}: `;
  return `${where}: ${key}${problem.message}`;
}

/** Longer keys are cut in messages. */
const keyShownMax = 60;

/** A path as a person writes it: `streams[0].primary_key`. */
export function showPath(path: KeyPath): string {
  return path
    .map((part, index) => {
      if (typeof part === "number") return `[${part}]`;
      const cut = part.slice(0, keyShownMax).toWellFormed();
      const key = /^[\w-]+$/u.test(cut) ? cut : JSON.stringify(cut);
      return index === 0 ? key : `.${key}`;
    })
    .join("");
}
