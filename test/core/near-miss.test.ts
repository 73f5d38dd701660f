/** The word that somebody may have meant. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { nearest } from "../../src/core/near-miss.ts";

const words = ["ingest", "init", "pipeline", "query", "run", "runs", "sync"];

test.each<[string, string | null]>([
  ["ignest", "ingest"],
  ["inget", "ingest"],
  ["piplines", "pipeline"],
  ["QUERY", "query"],
  ["qeury", "query"],
  ["rnu", "run"],
  ["runz", "run"],
  ["syn", "sync"],
  ["x", null],
  ["", null],
  ["destroy", null],
  ["ry", null],
])("for %j it says %j", (word, expected) => {
  expect(nearest(word, words)).toBe(expected);
});

test("of several equally near words it says the first", () => {
  expect(nearest("cat", ["bat", "hat"])).toBe("bat");
});

test("a known word is its own nearest, and one swap, slip, loss or extra letter finds it", () => {
  const known = fc.stringMatching(/^[a-z]{4,20}$/u);
  fc.assert(
    fc.property(
      known,
      fc.nat(),
      fc.constantFrom("swap", "slip", "loss", "extra"),
      (word, n, how) => {
        expect(nearest(word, ["zzzzzz", word])).toBe(word);
        const at = n % (word.length - 1);
        const [before, letter, next, after] = [
          word.slice(0, at),
          word.slice(at, at + 1),
          word.slice(at + 1, at + 2),
          word.slice(at + 2),
        ];
        const typed = {
          swap: before + next + letter + after,
          slip: `${before}0${next}${after}`,
          loss: before + next + after,
          extra: `${before}${letter}0${next}${after}`,
        };
        expect(nearest(typed[how], [word])).toBe(word);
      },
    ),
    { numRuns: 1000 },
  );
});

test("words past the bound are compared by their beginning", () => {
  const start = "x".repeat(64);
  expect(nearest(`${start}abcdefgh`.repeat(1000), [`${start}12345678`])).toBe(`${start}12345678`);
});
