/** The random port on the system's generator. */
import { randomFillSync } from "node:crypto";
import type { Random } from "../core/ports/random.ts";

/** Randomness that nobody can foresee: fit for ids and secrets. */
export const systemRandom: Random = { fraction, bytes };

function fraction(): number {
  const [high = 0, low = 0] = randomFillSync(new Uint32Array(2));
  // 27 + 26 bits: all that a double in [0, 1) holds at this spacing.
  return ((high >>> 5) * 2 ** 26 + (low >>> 6)) / 2 ** 53;
}

function bytes(count: number): Uint8Array {
  return randomFillSync(new Uint8Array(count));
}
