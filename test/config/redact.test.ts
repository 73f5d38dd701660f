/** Secrets come out of texts. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { maskUri, redact } from "../../src/config/redact.ts";

describe("redacting", () => {
  test("leaves no secret, plain, percent-encoded or escaped as in JSON", () => {
    const secret = fc.string({ unit: "grapheme", minLength: 3 }).filter((s) => !s.includes("*"));
    fc.assert(
      fc.property(fc.uniqueArray(secret, { minLength: 1 }), fc.string(), (secrets, text) => {
        const said = secrets
          .map((one) => `${text}${one} ${encodeURIComponent(one)} ${JSON.stringify(one)}`)
          .join("");
        const redacted = redact(said, secrets);
        for (const one of secrets) expect(redacted).not.toContain(one);
      }),
    );
  });

  test.each(["p%40ss%2F%C3%BC%22", "p%40ss%2f%c3%bc%22", 'p@ss/ü\\"'])(
    "finds a secret that is written as %s",
    (form) => {
      expect(redact(`a ${form} b`, ['p@ss/ü"'])).toBe("a *** b");
    },
  );

  test("masks the longer of two secrets that begin alike", () => {
    expect(redact("abcdef abc", ["abc", "abcdef"])).toBe("*** ***");
  });

  test("takes signs of patterns as they are, and an empty secret as none", () => {
    expect(redact("a.c abc $&", ["a.c", "$&", ""])).toBe("*** abc ***");
    expect(redact("abc", [""])).toBe("abc");
  });
});

describe("masking what may be a URI", () => {
  test.each([
    ["postgres://me:p@ss/w@host/db", "postgres://***@host/db"],
    ["postgres//me:pw@host/db", "postgres//***@host/db"],
    ["postgres:me:pw@host/db", "postgres:***@host/db"],
    ["x://h/?password=pw&page=2;api_key=k#f", "x://h/?password=***&page=2;api_key=***#f"],
    ["data/orders.csv", "data/orders.csv"],
  ])("%s becomes %s", (text, masked) => {
    expect(maskUri(text)).toBe(masked);
  });
});
