/**
 * What a canary of a tidy check is: a planted tree, and what the check must say about it.
 */

/** A planted tree as texts by path. An empty `says` means that the tree is in order. */
export interface Canary {
  readonly about: string;
  readonly tree: Readonly<Record<string, string>>;
  readonly says: readonly string[];
}

/** A canary of one file. */
export function oneFile(about: string, path: string, text: string, ...says: string[]): Canary {
  return { about, tree: { [path]: text }, says };
}
