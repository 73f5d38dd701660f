/** Randomness as a port: a test passes a seeded one and gets the same ids and jitter again. */

/** A source of random bits. */
export interface Random {
  /** Uniform in [0, 1), 53 bits. For jitter, not for secrets. */
  fraction(): number;
  /** That many bytes, fit for ids and secrets where the adapter is the platform's. */
  bytes(count: number): Uint8Array;
}
