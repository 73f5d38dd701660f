/** The random port from a seed: the same seed gives the same bits, on every machine. */
import type { Random } from "../../src/core/ports/random.ts";

/** The random port with what simulations choose by. */
export interface SeededRandom extends Random {
  /** Uniform in 0 to `count` - 1; `count` is 1 to 2^32. */
  below(count: number): number;
  /** True with this probability, 0 to 1. */
  chance(probability: number): boolean;
}

/** Bits from a seed, a safe integer; two seeds give unrelated bits. Never fit for secrets. */
export function seededRandom(seed: number): SeededRandom {
  if (!Number.isSafeInteger(seed)) throw new Error(`expected an integer as the seed, got ${seed}`);
  const next = sfc32(seed);
  const fraction = (): number => ((next() >>> 5) * 2 ** 26 + (next() >>> 6)) / 2 ** 53;
  return {
    fraction,
    bytes: (count) => Uint8Array.from({ length: count }, () => next() >>> 24),
    below: (count) => Math.floor(fraction() * count),
    chance: (probability) => fraction() < probability,
  };
}

/** The variable that makes a failed test draw the same bits again. */
const seedVariable = "HAKIRI_TEST_SEED";

/**
 * Runs a test with a new seed, or with the one in `HAKIRI_TEST_SEED`. A failure is thrown again
 * with the seed in its message.
 */
export async function withSeed(body: (seed: number) => Promise<void> | void): Promise<void> {
  const given = process.env[seedVariable];
  const seed = given === undefined ? Math.floor(Math.random() * 2 ** 32) : Number(given);
  try {
    await body(seed);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`with ${seedVariable}=${seed}: ${reason}`, { cause: error });
  }
}

/** Doty-Humphrey's small fast counting generator, 32 bits (PractRand, sfc32). */
function sfc32(seed: number): () => number {
  let [a, b, c, counter] = [0, seed | 0, Math.floor(seed / 2 ** 32) | 0, 1];
  const next = (): number => {
    const result = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + result) | 0;
    return result >>> 0;
  };
  // Nearby seeds part ways in a dozen rounds.
  for (let round = 0; round < 12; round += 1) next();
  return next;
}
