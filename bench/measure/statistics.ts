// Robust statistics over a handful of rounds: medians, since one round that another program
// disturbed must not move a figure.

/** How far the rounds lie apart, in the unit of the values. */
export type Spread = {
  readonly min: number;
  readonly max: number;
  /** Median absolute deviation from the median. */
  readonly mad: number;
};

/** Returns the middle value, or the mean of the two middle ones. Throws RangeError when empty. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)];
  const lower = sorted[Math.floor((sorted.length - 1) / 2)];
  if (upper === undefined || lower === undefined) {
    throw new RangeError("bench: expected at least one value for a median, came none");
  }
  return lower + (upper - lower) / 2;
}

/** Returns smallest and largest value and the median absolute deviation. RangeError when empty. */
export function spread(values: readonly number[]): Spread {
  const middle = median(values);
  return {
    min: Math.min(...values),
    max: Math.max(...values),
    mad: median(values.map((value) => Math.abs(value - middle))),
  };
}

/**
 * Divides round by round: machines drift, so only values of one round are compared. The figure is
 * then the median of these ratios, which differs from the ratio of the medians.
 *
 * Throws RangeError when the lengths differ or a divisor isn't above 0.
 */
export function pairedRatios(
  values: readonly number[],
  divisors: readonly number[],
): readonly number[] {
  if (values.length !== divisors.length) {
    throw new RangeError(
      `bench: expected a pair per round, came ${values.length} values and ${divisors.length} divisors`,
    );
  }
  return values.map((value, round) => {
    const divisor = divisors[round] ?? 0;
    if (!(divisor > 0)) {
      throw new RangeError(`bench: expected a divisor above 0, came ${divisor} in round ${round}`);
    }
    return value / divisor;
  });
}
