/** The system's randomness, and the seeded one of the tests. */
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Random } from "../../src/core/ports/random.ts";
import { systemRandom } from "../../src/platform/system-random.ts";
import { seededRandom, withSeed } from "./seeded-random.ts";

const adapters: readonly (readonly [string, () => Random])[] = [
  ["the system's randomness", () => systemRandom],
  ["seeded randomness", () => seededRandom(1)],
];

test.each(adapters)("%s has fractions in [0, 1) that spread over it", (_, make) => {
  const random = make();
  const tenths = new Set<number>();
  for (let round = 0; round < 1000; round += 1) {
    const fraction = random.fraction();
    expect(fraction >= 0 && fraction < 1).toBe(true);
    tenths.add(Math.floor(fraction * 10));
  }
  expect(tenths.size).toBe(10);
});

test.each(adapters)("%s has as many bytes as asked for, of all values", (_, make) => {
  const random = make();
  expect(random.bytes(0)).toEqual(new Uint8Array(0));
  expect(random.bytes(16)).not.toEqual(random.bytes(16));
  const bytes = random.bytes(100_000);
  expect(bytes.byteLength).toBe(100_000);
  expect(new Set(bytes).size).toBe(256);
});

test("the same seed gives the same bits, another one others", () => {
  fc.assert(
    fc.property(fc.maxSafeInteger(), (seed) => {
      const [one, two, other] = [seededRandom(seed), seededRandom(seed), seededRandom(seed ^ 1)];
      expect(one.bytes(16)).toEqual(two.bytes(16));
      expect(one.fraction()).toBe(two.fraction());
      expect(other.bytes(16)).not.toEqual(one.bytes(16));
    }),
  );
  expect(() => seededRandom(Number.NaN)).toThrow(/expected an integer/);
});

test("a number below a count is one of them, and every one comes", () => {
  const random = seededRandom(3);
  const seen = new Set(Array.from({ length: 200 }, () => random.below(7)));
  expect(seen).toEqual(new Set([0, 1, 2, 3, 4, 5, 6]));
  expect([random.chance(0), random.chance(1)]).toEqual([false, true]);
});

test("a test that fails under a seed says which", async () => {
  await expect(
    withSeed(() => {
      throw new Error("expected a snapshot");
    }),
  ).rejects.toThrow(/^with HAKIRI_TEST_SEED=\d+: expected a snapshot$/);
});
