/** Paths for DuckDB's readers, which take every path for a pattern. */

/** The path as a pattern that matches it and nothing else. */
export function literalPath(path: string): string {
  return path.replaceAll(/[*?[]/gu, (character) => `[${character}]`);
}
