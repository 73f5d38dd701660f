/** Numbers as people read them. */
import { expect, test } from "vitest";
import { bytesText, countText, durationText, rateText } from "../../../src/cli/text/figures.ts";

test.each([
  [0, "0"],
  [999, "999"],
  [1000, "1,000"],
  [1_234_567.4, "1,234,567"],
])("%d rows are %s", (count, text) => {
  expect(countText(count)).toBe(text);
});

test.each([
  [0, "0 B"],
  [999, "999 B"],
  [1000, "1.0 kB"],
  [999_949, "999.9 kB"],
  [999_950, "1.0 MB"],
  [12_345_678, "12.3 MB"],
  [5e12, "5.0 TB"],
  [5e18, "5000.0 PB"],
])("%d bytes are %s", (bytes, text) => {
  expect(bytesText(bytes)).toBe(text);
});

test.each([
  [0, "0 s"],
  [59_999, "59 s"],
  [60_000, "1 min 0 s"],
  [3_599_999, "59 min 59 s"],
  [3_720_000, "1 h 2 min"],
])("%d ms are %s", (ms, text) => {
  expect(durationText(ms)).toBe(text);
});

test("a rate needs a time to be divided by", () => {
  expect(rateText(100, 0)).toBe("");
  expect(rateText(3000, 1500)).toBe("2,000 rows/s");
});
