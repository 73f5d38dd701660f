// Rounds in which every subject runs once, in an order that changes by round.
//
// Order: `n` rounds of `n` subjects make a block. Within a block each subject takes each position
// once (a rotation), so that position favours nobody; the first block rotates the given order, each
// later one a shuffle drawn from the seed, so that neighbours change as well.

/** How often and in which order to run. */
export type InterleaveOptions<Name extends string, Result> = {
  /** What one run of each subject does; it runs alone. */
  readonly subjects: Readonly<Record<Name, () => Promise<Result>>>;
  /** Counted rounds, at least 1. */
  readonly rounds: number;
  /** Rounds before them whose results are dropped: they fill page cache and compile cache. */
  readonly warmupRounds: number;
  /** Seed of the order; print it beside the figures. */
  readonly seed: number;
  /** Called before each round with its 0-based index, negative in warm-up rounds, and its order. */
  readonly onRound?: (round: number, order: readonly Name[]) => void;
};

/** Results by subject; element i of every list comes from round i. */
export type Rounds<Name extends string, Result> = Readonly<Record<Name, readonly Result[]>>;

/** Runs all subjects for the given rounds, one at a time. The first failure ends it. */
export async function interleave<Name extends string, Result>(
  options: InterleaveOptions<Name, Result>,
): Promise<Rounds<Name, Result>> {
  const { subjects, rounds, warmupRounds, seed } = options;
  if (!(Number.isInteger(rounds) && rounds >= 1)) {
    throw new RangeError(`bench: expected a whole number of rounds from 1, came ${rounds}`);
  }
  // Object.keys loses the key type; the keys of a Record<Name, ...> are Names.
  const names = Object.keys(subjects) as Name[];
  // Filled for every name on the next line.
  const results = {} as Record<Name, Result[]>;
  for (const name of names) results[name] = [];
  for (let round = -warmupRounds; round < rounds; round++) {
    const order = roundOrder(names, { round: Math.max(round, 0), seed });
    options.onRound?.(round, order);
    for (const name of order) {
      const result = await subjects[name]();
      if (round >= 0) results[name].push(result);
    }
  }
  return results;
}

/** The order of the subjects in one 0-based round: a permutation of `names`. Pure. */
export function roundOrder<Name extends string>(
  names: readonly Name[],
  at: { readonly round: number; readonly seed: number },
): readonly Name[] {
  if (names.length === 0) return [];
  const block = Math.floor(at.round / names.length);
  const base = block === 0 ? names : shuffle(names, at.seed + block);
  const first = at.round % names.length;
  return [...base.slice(first), ...base.slice(0, first)];
}

/** Fisher-Yates. */
function shuffle<Item>(items: readonly Item[], seed: number): readonly Item[] {
  const random = mulberry32(seed);
  const pool = [...items];
  const shuffled: Item[] = [];
  while (pool.length > 0) shuffled.push(...pool.splice(Math.floor(random() * pool.length), 1));
  return shuffled;
}

/** Tommy Ettinger's mulberry32: numbers in [0, 1) from a 32-bit seed; good enough for an order. */
function mulberry32(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
