/** What is noticed about a store: by doctor, and while a catalog is rebuilt. */

/** Something that is not as it should be, or worth knowing. */
export interface Finding {
  /** `error`: data is lost or can't be read. `warning`: something can go wrong. `note`: neither. */
  readonly severity: "error" | "warning" | "note";
  /** Stable and dotted. */
  readonly code: string;
  /** Relative to `.hakiri/`; null where it isn't about one file. */
  readonly path: string | null;
  /** What was expected, and what is there. */
  readonly message: string;
  /** What to type or do; empty where nothing helps. */
  readonly hint: string;
}

/** Most findings of one code that are told one by one. */
export const findingsPerCodeMax = 100;

const ranks = { error: 0, warning: 1, note: 2 };

/** Errors first; at most `findingsPerCodeMax` of a code, and one more that counts the others. */
export function sortedFindings(findings: readonly Finding[]): readonly Finding[] {
  const sorted = findings.toSorted((a, b) => ranks[a.severity] - ranks[b.severity]);
  const byCode = Map.groupBy(sorted, ({ code, severity }) => `${severity} ${code}`);
  return [...byCode.values()].flatMap((same) => {
    const [first] = same;
    const beyond = same.length - findingsPerCodeMax;
    if (first === undefined || beyond <= 0) return same;
    const message = `${beyond} more of this kind`;
    return [...same.slice(0, findingsPerCodeMax), { ...first, path: null, message }];
  });
}
