/** Names and texts inside SQL. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { quoteIdentifier, quoteText } from "../../src/core/identifier.ts";
import { caught } from "./caught.ts";

test("a quote inside is doubled, and nothing else changes", () => {
  expect(quoteIdentifier('a"b/c\n🙂')).toBe('"a""b/c\n🙂"');
  expect(quoteText("it's \\ \"\n")).toBe("'it''s \\ \"\n'");
  expect(quoteText("")).toBe("''");
});

test("whatever is quoted can be read back, so that no text ends its quotes", () => {
  const texts = fc.string({ unit: fc.constantFrom("'", '"', "a", ";", "-", "\\"), minLength: 1 });
  fc.assert(
    fc.property(texts, (text) => {
      const identifier = quoteIdentifier(text);
      expect(identifier).toMatch(/^"(?:[^"]|"")*"$/u);
      expect(identifier.slice(1, -1).replaceAll('""', '"')).toBe(text);
      const literal = quoteText(text);
      expect(literal).toMatch(/^'(?:[^']|'')*'$/u);
      expect(literal.slice(1, -1).replaceAll("''", "'")).toBe(text);
    }),
    { numRuns: 1000 },
  );
});

test("a NUL is refused in both, and a name isn't empty", () => {
  expect(caught(() => quoteIdentifier("a\0b")).code).toBe("usage.nul_in_sql");
  expect(caught(() => quoteText("a\0b")).code).toBe("usage.nul_in_sql");
  expect(caught(() => quoteIdentifier("")).code).toBe("usage.empty_name");
});
