/** Sizes as people write them: `64 MiB`, `1.5 GB`. */

const unitBytes: ReadonlyMap<string, number> = new Map([
  ["B", 1],
  ["kB", 1e3],
  ["MB", 1e6],
  ["GB", 1e9],
  ["TB", 1e12],
  ["KiB", 2 ** 10],
  ["MiB", 2 ** 20],
  ["GiB", 2 ** 30],
  ["TiB", 2 ** 40],
]);

/** The form of a size: a number, maybe with a fraction, and a unit; `i` means powers of 1024. */
export const byteSizePattern = /^\d{1,9}(?:\.\d{1,3})? ?(?:B|kB|MB|GB|TB|KiB|MiB|GiB|TiB)$/u;

/** A size in whole bytes, a fraction of one rounded down; null for what isn't a size. */
export function parseByteSize(text: string): number | null {
  if (!byteSizePattern.test(text)) return null;
  const [, number = "", unit = ""] = /^([\d.]+) ?(\w+)$/u.exec(text) ?? [];
  return Math.floor(Number(number) * (unitBytes.get(unit) ?? 0));
}
