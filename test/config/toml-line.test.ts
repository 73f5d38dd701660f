/** The lines of keys in TOML. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { lineOfKey } from "../../src/config/toml-line.ts";

const text = [
  "a = 1", // 1
  "",
  "list = [", // 3
  '  "x",',
  '  "y",',
  "]",
  "[t.u] # 7",
  'v = """',
  'w = 1"""',
  "[[rows]]",
  "x = 1", // 11
  "[[rows]]",
  "y.z = 2", // 13
].join("\r\n");

test.each([
  [["a"], 1],
  [["list"], 3],
  [["list", 1], 3],
  [["t"], 7],
  [["t", "u", "v"], 8],
  [["rows", 0], 10],
  [["rows", 0, "x"], 11],
  [["rows", 1], 12],
  [["rows", 1, "y", "z"], 13],
])("%j stands where its statement begins", (path, line) => {
  expect(lineOfKey(text, path)).toBe(line);
});

test("what isn't there stands where the nearest thing above it does", () => {
  expect(lineOfKey(text, ["rows", 1, "missing"])).toBe(12);
  expect(lineOfKey(text, ["missing"])).toBeNull();
  expect(lineOfKey(text, [])).toBeNull();
  expect(lineOfKey(text, ["a", "toString"])).toBe(1);
});

test("the line of every key is found in a document of single lines", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 300 }), fc.nat(), (count, pick) => {
      const lines = Array.from({ length: count }, (_, index) => `k${index} = ${index}`);
      const index = pick % count;
      expect(lineOfKey(lines.join("\n"), [`k${index}`])).toBe(index + 1);
    }),
  );
});

test("one endless list is given up soon", () => {
  const long = `a = [\n${"1,\n".repeat(5000)}]\nb = 1`;
  expect(lineOfKey(long, ["b"])).toBeNull();
  expect(lineOfKey(`a = 1\n${"#".repeat(256 * 1024)}`, ["a"])).toBeNull();
});
