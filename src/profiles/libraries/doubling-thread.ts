/** Thread entry of the check of piscina: doubles a number. */

/** Twice the number. */
export function double(n: number): number {
  return n * 2;
}
