import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { OutputTail } from "../../src/actors/output-tail.ts";

const encoder = new TextEncoder();

describe("the tail of an output", () => {
  test("is the last bytes of all that was written, however it was cut in chunks", () => {
    const chunks = fc.array(fc.string({ unit: "grapheme-ascii", maxLength: 40 }), {
      maxLength: 40,
    });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 64 }), chunks, (bytesMax, texts) => {
        const tail = new OutputTail(bytesMax);
        for (const text of texts) tail.add(encoder.encode(text));
        expect(tail.text()).toBe(texts.join("").slice(-bytesMax));
      }),
    );
  });

  test("is all of it at the bound, and lacks the first byte at one more", () => {
    const tail = new OutputTail(4);
    tail.add(encoder.encode("abcd"));
    expect(tail.text()).toBe("abcd");
    tail.add(encoder.encode("e"));
    expect(tail.text()).toBe("bcde");
  });

  test("is empty before anything was written", () => {
    expect(new OutputTail(4).text()).toBe("");
  });

  test("that begins within a character begins with a replacement character", () => {
    const tail = new OutputTail(4);
    tail.add(encoder.encode("ääb"));
    expect(tail.text()).toBe("\u{FFFD}äb");
  });
});
