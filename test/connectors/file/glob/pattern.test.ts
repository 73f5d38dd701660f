/** Patterns of paths. */
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  alternativesMax,
  matchesName,
  parsePattern,
} from "../../../../connectors/file/glob/pattern.ts";

/** Whether a pattern of one segment matches a name. */
function isMatch(pattern: string, name: string): boolean {
  return parsePattern(`/x/${pattern}`).some(({ segments: [segment] }) =>
    segment === undefined ? false : matchesName(segment, name),
  );
}

test("a star is any text, a question mark any character", () => {
  expect(isMatch("a*.csv", "a.csv")).toBe(true);
  expect(isMatch("a*.csv", "abc.csv")).toBe(true);
  expect(isMatch("a*.csv", "b.csv")).toBe(false);
  expect(isMatch("*-*-*.csv", "2024-01-02.csv")).toBe(true);
  expect(isMatch("*a*b", "aab")).toBe(true);
  expect(isMatch("?.csv", "😀.csv")).toBe(true);
  expect(isMatch("?.csv", ".csv")).toBe(false);
});

test("brackets are one character of a set", () => {
  expect(isMatch("[a-c]1", "b1")).toBe(true);
  expect(isMatch("[a-c]1", "d1")).toBe(false);
  expect(isMatch("[!a-c]1", "d1")).toBe(true);
  expect(isMatch("[]x]", "]")).toBe(true);
  expect(isMatch("[a-]", "-")).toBe(true);
  expect(isMatch("a[1", "a[1")).toBe(true);
  expect(isMatch("[*]", "*")).toBe(true);
});

test("braces are one of several texts, also within each other", () => {
  expect(isMatch("a.{csv,json}", "a.json")).toBe(true);
  expect(isMatch("{a,b{1,2}}.csv", "b2.csv")).toBe(true);
  expect(isMatch("{a}.csv", "{a}.csv")).toBe(true);
  expect(isMatch("{a,}x", "x")).toBe(true);
});

test("the base is what stands before the first segment that varies", () => {
  expect(parsePattern("/a/b/*.csv").map(({ base }) => base)).toEqual(["/a/b"]);
  expect(parsePattern("/a/b.csv").map(({ base }) => base)).toEqual(["/a"]);
  expect(parsePattern("/*/b.csv").map(({ base }) => base)).toEqual(["/"]);
  expect(parsePattern("/{a,b}/*.csv").map(({ base }) => base)).toEqual(["/a", "/b"]);
});

test("a hidden name needs a dot in the pattern", () => {
  expect(isMatch("*", ".hidden")).toBe(false);
  expect(isMatch("?hidden", ".hidden")).toBe(false);
  expect(isMatch("[.]hidden", ".hidden")).toBe(false);
  expect(isMatch(".*", ".hidden")).toBe(true);
  expect(isMatch(".hidden", ".hidden")).toBe(true);
  expect(isMatch("**", ".hidden")).toBe(false);
});

test("braces make at most so many alternatives", () => {
  const list = (count: number): string =>
    `/x/{${Array.from({ length: count }, (_, index) => `a${index}`).join(",")}}*`;
  expect(parsePattern(list(alternativesMax))).toHaveLength(alternativesMax);
  expect(() => parsePattern(list(alternativesMax + 1))).toThrow(/at most 1000 alternatives/u);
  expect(() => parsePattern(`/x/${"{a,b}".repeat(30)}*`)).toThrow(/at most 1000 alternatives/u);
});

test("stars and question marks match as a regular expression of them does", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom("a", "b", "*", "?"), maxLength: 8 }),
      fc.string({ unit: fc.constantFrom("a", "b"), maxLength: 8 }),
      (pattern, name) => {
        fc.pre(pattern !== "" && pattern !== "**" && name !== "");
        const text = pattern.replaceAll("*", ".*").replaceAll("?", ".");
        expect(isMatch(pattern, name)).toBe(new RegExp(`^${text}$`, "u").test(name));
      },
    ),
  );
});

test("many stars take no more than the product of both lengths", () => {
  // A matcher that tries every split would not end.
  expect(isMatch(`${"*a".repeat(100)}b`, "a".repeat(250))).toBe(false);
});
