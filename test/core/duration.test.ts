/** Durations and sizes as people write them. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseByteSize } from "../../src/config/byte-size.ts";
import { formatDuration, parseDuration } from "../../src/core/duration.ts";

describe("a duration", () => {
  test("is read back from what is written of it", () => {
    fc.assert(
      fc.property(fc.nat(2 ** 31 - 1), (ms) => {
        expect(parseDuration(formatDuration(ms))).toBe(ms);
      }),
    );
  });

  test.each([
    ["0s", 0],
    ["90s", 90_000],
    ["1h30m", 5_400_000],
    ["7d", 604_800_000],
    ["1m1ms", 60_001],
    ["1d2h3m4s5ms", 93_784_005],
  ])("%s is %d ms", (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  test.each(["", "1", "h", "1 h", "1.5h", "-1h", "30m1h", "1h1h", "1y", "1234567890s", "1hour"])(
    "isn't '%s'",
    (text) => {
      expect(parseDuration(text)).toBeNull();
    },
  );
});

describe("a size", () => {
  test.each([
    ["64 MiB", 67_108_864],
    ["1GiB", 1_073_741_824],
    ["512 MB", 512_000_000],
    ["1.5 kB", 1500],
    ["0.001 KiB", 1],
    ["7 B", 7],
  ])("%s is %d bytes", (text, bytes) => {
    expect(parseByteSize(text)).toBe(bytes);
  });

  test.each(["", "64", "MiB", "64 mib", "64  MiB", "-1 B", "1e3 B", "1.2345 GB", "64 MiB "])(
    "isn't '%s'",
    (text) => {
      expect(parseByteSize(text)).toBeNull();
    },
  );
});
