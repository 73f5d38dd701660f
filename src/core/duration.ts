/** Lengths of time as people write them: `90s`, `1h30m`, `7d`. */

const unitsMs: readonly (readonly [unit: string, ms: number])[] = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["m", 60_000],
  ["s", 1000],
  ["ms", 1],
];

/** The form of a duration: whole numbers with units, the largest unit first, each at most once. */
export const durationPattern =
  /^(?=\d)(?:\d{1,9}d)?(?:\d{1,9}h)?(?:\d{1,9}m(?!s))?(?:\d{1,9}s)?(?:\d{1,9}ms)?$/u;

/** A duration in milliseconds; null for what isn't one. */
export function parseDuration(text: string): number | null {
  if (!durationPattern.test(text)) return null;
  const parts = text.matchAll(/(\d+)(ms|[dhms])/gu);
  const byUnit = new Map(unitsMs);
  return [...parts].reduce(
    (sum, [, count, unit]) => sum + Number(count) * (byUnit.get(unit ?? "") ?? 0),
    0,
  );
}

/** The shortest text that `parseDuration` reads as this many milliseconds, a whole number >= 0. */
export function formatDuration(ms: number): string {
  let rest = ms;
  const parts = unitsMs.flatMap(([unit, length]) => {
    const count = Math.floor(rest / length);
    rest -= count * length;
    return count === 0 ? [] : [`${count}${unit}`];
  });
  return parts.length === 0 ? "0s" : parts.join("");
}
