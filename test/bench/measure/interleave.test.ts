import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { interleave, roundOrder } from "../../../bench/measure/interleave.ts";

const names = fc.uniqueArray(fc.string(), { minLength: 1, maxLength: 6 });
const seeds = fc.nat();

describe("roundOrder", () => {
  test("it covers each subject exactly once per round", () => {
    fc.assert(
      fc.property(names, seeds, fc.nat(100), (subjects, seed, round) => {
        expect(roundOrder(subjects, { round, seed }).toSorted()).toEqual(subjects.toSorted());
      }),
    );
  });

  test("within a block of n rounds each of n subjects takes each position once", () => {
    fc.assert(
      fc.property(names, seeds, fc.nat(10), (subjects, seed, block) => {
        const first = block * subjects.length;
        const orders = subjects.map((_, index) =>
          roundOrder(subjects, { round: first + index, seed }),
        );
        for (const position of subjects.keys()) {
          expect(new Set(orders.map((order) => order[position]))).toEqual(new Set(subjects));
        }
      }),
    );
  });

  test("the same seed gives the same order, and round 0 runs in the given one", () => {
    fc.assert(
      fc.property(names, seeds, fc.nat(100), (subjects, seed, round) => {
        expect(roundOrder(subjects, { round, seed })).toEqual(
          roundOrder(subjects, { round, seed }),
        );
        expect(roundOrder(subjects, { round: 0, seed })).toEqual(subjects);
      }),
    );
  });

  test("neighbours change with the seed", () => {
    const subjects = ["a", "b", "c", "d", "e"];
    const orders = Array.from({ length: 50 }, (_, seed) =>
      roundOrder(subjects, { round: subjects.length, seed }).join(""),
    );
    expect(new Set(orders).size).toBeGreaterThan(10);
  });
});

describe("interleave", () => {
  test("each subject yields one result per counted round, and warm-up rounds yield none", async () => {
    const calls: string[] = [];
    const seen: number[] = [];
    const subject = (name: string) => async () => {
      calls.push(name);
      return calls.length;
    };
    const rounds = await interleave({
      subjects: { a: subject("a"), b: subject("b"), c: subject("c") },
      rounds: 4,
      warmupRounds: 2,
      seed: 1,
      onRound: (round) => seen.push(round),
    });
    expect(seen).toEqual([-2, -1, 0, 1, 2, 3]);
    expect(calls).toHaveLength(18);
    expect([rounds.a, rounds.b, rounds.c].map((list) => list.length)).toEqual([4, 4, 4]);
    expect(Math.min(...rounds.a, ...rounds.b, ...rounds.c)).toBe(7);
  });

  test("a subject never runs while another does", async () => {
    let running = 0;
    const alone = async (): Promise<void> => {
      running += 1;
      expect(running).toBe(1);
      await Promise.resolve();
      running -= 1;
    };
    await interleave({ subjects: { a: alone, b: alone }, rounds: 5, warmupRounds: 0, seed: 3 });
    expect(running).toBe(0);
  });

  test("no round at all is refused", async () => {
    const run = interleave({ subjects: {}, rounds: 0, warmupRounds: 1, seed: 1 });
    await expect(run).rejects.toThrow(/rounds from 1, came 0/);
  });
});
