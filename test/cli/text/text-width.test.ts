/** Widths of texts in terminal cells. */
import fc from "fast-check";
import { util } from "prettier";
import { describe, expect, test } from "vitest";
import { cutText, padText, textWidth } from "../../../src/cli/text/text-width.ts";

describe("a text is as wide as it is seen", () => {
  test.each([
    ["", 0],
    ["abc", 3],
    ["größe", 5],
    ["e\u0301", 1],
    ["日本語", 6],
    ["한국", 4],
    ["ＡＢ", 4],
    ["ｱ", 1],
    ["😀", 2],
    ["👩‍👩‍👧‍👦", 2],
    ["🇩🇪", 2],
    ["❤️", 2],
    ["❤", 1],
    ["1️⃣", 2],
    ["👍🏽!", 3],
    ["\u200b", 0],
    ["─│", 2],
  ])("%j takes %i cells", (text, width) => {
    expect(textWidth(text)).toBe(width);
  });

  test("one character at a time as another implementation has it, but for marks", () => {
    const assigned = fc
      .integer({ min: 0x20, max: 0x3ffff })
      .map((point) => String.fromCodePoint(point))
      // Alone, the other one takes marks and later parts of Hangul syllables for whole characters.
      .filter((character) => !/[\p{M}\p{C}\p{Z}\p{Emoji}\u1160-\u11FF]/u.test(character));
    fc.assert(
      fc.property(assigned, (character) => {
        expect(textWidth(character)).toBe(util.getStringWidth(character));
      }),
      { numRuns: 1000 },
    );
  });
});

const text = fc.string({ unit: "grapheme" }).filter((value) => !/\p{C}/u.test(value));
const charactersOf = (value: string) =>
  [...new Intl.Segmenter("en").segment(value)].map(({ segment }) => segment);
const width = fc.integer({ min: 1, max: 12 });

test("a text is cut to at most that width, marked, and never inside of a character", () => {
  fc.assert(
    fc.property(text, width, (value, widthMax) => {
      const cut = cutText(value, widthMax);
      expect(textWidth(cut)).toBeLessThanOrEqual(widthMax);
      if (textWidth(value) <= widthMax) expect(cut).toBe(value);
      else {
        expect(cut.endsWith("…")).toBe(true);
        expect(value.startsWith(cut.slice(0, -1))).toBe(true);
        const widest = Math.max(...charactersOf(value).map(textWidth));
        expect(textWidth(cut)).toBeGreaterThan(widthMax - widest);
      }
    }),
  );
  expect(cutText("日本語", 4)).toBe("日…");
  expect(cutText("日本語", 5)).toBe("日本…");
  expect(cutText("👩‍👩‍👧‍👦x", 2)).toBe("…");
  expect(cutText("abcdef", 4)).toBe("abc…");
});

test("a text is padded by its width, on the side away from its edge", () => {
  expect(padText("日", 4, "left")).toBe("日  ");
  expect(padText("日", 4, "right")).toBe("  日");
  expect(padText("long", 2, "left")).toBe("long");
});
