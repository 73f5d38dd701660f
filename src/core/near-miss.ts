/** The known word that somebody may have meant, for "did you mean". */

/** Longer words are compared by their beginning: nobody mistypes more, and time is quadratic. */
const lengthMax = 64;

/** At most this part of the longer word's letters may be wrong. */
const wrongShareMax = 1 / 3;

/**
 * The known word with the fewest letters wrong, missing, extra or swapped with their neighbour,
 * without regard to case; of several the first. Null where at least a third would be wrong, but for
 * one wrong letter in words of two or three.
 */
export function nearest(word: string, known: readonly string[]): string | null {
  const letters = lettersOf(word);
  let best: { readonly word: string; readonly distance: number } | null = null;
  for (const candidate of known) {
    const others = lettersOf(candidate);
    const length = Math.max(letters.length, others.length);
    const allowed = length < 2 ? 0 : Math.max(1, Math.floor(length * wrongShareMax));
    const distanceMax = best === null ? allowed : Math.min(allowed, best.distance - 1);
    if (Math.abs(letters.length - others.length) > distanceMax) continue;
    const distance = editDistance(letters, others);
    if (distance <= distanceMax) best = { word: candidate, distance };
  }
  return best?.word ?? null;
}

function lettersOf(word: string): readonly string[] {
  return Array.from(word.slice(0, lengthMax).toLowerCase());
}

/**
 * Damerau's distance with each letter changed at most once (optimal string alignment): the number
 * of insertions, deletions, substitutions and swaps of neighbours.
 */
function editDistance(a: readonly string[], b: readonly string[]): number {
  let beforeLast: readonly number[] = [];
  let last: readonly number[] = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (const [row, letter] of a.entries()) {
    const current = [row + 1];
    for (const [column, other] of b.entries()) {
      const substituted = at(last, column) + (letter === other ? 0 : 1);
      let cost = Math.min(substituted, at(last, column + 1) + 1, at(current, column) + 1);
      const isSwapped = row > 0 && column > 0 && letter === b[column - 1] && a[row - 1] === other;
      if (isSwapped) cost = Math.min(cost, at(beforeLast, column - 1) + 1);
      current.push(cost);
    }
    beforeLast = last;
    last = current;
  }
  return at(last, b.length);
}

/** Every index that the loops above make is inside its row. */
function at(row: readonly number[], index: number): number {
  return row[index] ?? Number.POSITIVE_INFINITY;
}
