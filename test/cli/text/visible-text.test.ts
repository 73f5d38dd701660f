/** What untrusted text may do to a terminal: nothing. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { visibleLines, visibleText } from "../../../src/cli/text/visible-text.ts";

test.each([
  ["a\tb\r\nc", String.raw`a\tb\r\nc`],
  ["\u001b[31mred", String.raw`\x1b[31mred`],
  ["\u009b31m", String.raw`\x9b31m`],
  ["\u0000\u007f", String.raw`\x00\x7f`],
  ["abc\u202etxt.exe", String.raw`abc\u202etxt.exe`],
  ["\ufeffid", String.raw`\ufeffid`],
  ["\ud800", String.raw`\ud800`],
  ["größe 日本 👩‍👩‍👧‍👦", "größe 日本 👩‍👩‍👧‍👦"],
])("%j is shown as %j", (text, shown) => {
  expect(visibleText(text)).toBe(shown);
});

test("no control survives in any text, and line feeds only where lines are asked for", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      expect(visibleText(text)).not.toMatch(/[\p{Cc}\p{Cs}\u2028\u2029\u202A-\u202E]/u);
      expect(visibleLines(text)).not.toMatch(/(?!\n)\p{Cc}/u);
      expect(visibleLines(text).split("\n")).toHaveLength(text.split("\n").length);
    }),
  );
});
