/** The hint for a word that isn't known. */
import { nearest } from "../../core/near-miss.ts";

/** Names the known word that was probably meant; `otherwise` where none is near. */
export function didYouMean(word: string, known: readonly string[], otherwise: string): string {
  const meant = nearest(word, known);
  return meant === null ? otherwise : `did you mean '${meant}'?`;
}

/** The same for flags: the dashes that all of them share say nothing of what was meant. */
export function didYouMeanFlag(flag: string, known: readonly string[], otherwise: string): string {
  const names = known.map((other) => other.slice("--".length));
  const meant = nearest(flag.replace(/^-+/u, ""), names);
  return meant === null ? otherwise : `did you mean '--${meant}'?`;
}
