/** The names of tables as text. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { formatTableName, parseTableName, tableKey } from "../../src/core/table-name.ts";
import { caught } from "./caught.ts";

test.each<[string, string, string]>([
  ["orders", "main", "orders"],
  ["shop.orders", "shop", "orders"],
  [" shop . orders ", "shop", "orders"],
  ['"a.b"', "main", "a.b"],
  ['"a.b"."say ""hi"""', "a.b", 'say "hi"'],
  ["data/2024 🙂", "main", "data/2024 🙂"],
  ['" x "', "main", " x "],
  ["select.from", "select", "from"],
  ["e\u0301", "main", "é"],
  ["_hakiri_x.y", "_hakiri_x", "y"],
  ["x".repeat(255), "main", "x".repeat(255)],
])("%j is the table %j, %j", (text, namespace, name) => {
  expect(parseTableName(text)).toEqual({ namespace, name });
});

test.each(["", ".", "a.", ".b", "a.b.c", '"a', 'a"b', '"a"b', '""', "  ", "a\nb", "x".repeat(256)])(
  "%j is refused with a hint, as a usage error",
  (text) => {
    const error = caught(() => parseTableName(text));
    expect(error.code).toBe("usage.table_name");
    expect(error.hint).toMatch(/\w/u);
  },
);

test("a name goes to the namespace that it is parsed for", () => {
  expect(parseTableName("orders", "shop")).toEqual({ namespace: "shop", name: "orders" });
});

test("what is printed is parsed to the same name", () => {
  const part = fc
    .string({ unit: fc.constantFrom("a", "B", ".", '"', " ", "/", "é", "🙂", "'", "_") })
    .filter((text) => text.trim() !== "");
  fc.assert(
    fc.property(fc.oneof(fc.constant("main"), part), part, (namespace, name) => {
      const text = formatTableName({ namespace, name });
      expect(parseTableName(text)).toEqual({ namespace, name });
    }),
    { numRuns: 1000 },
  );
});

test("equality has no regard to case, and no dot makes two names one", () => {
  const key = (namespace: string, name: string): string => tableKey({ namespace, name });
  expect(key("Main", "Orders")).toBe(key("main", "ORDERS"));
  expect(key("a.b", "c")).not.toBe(key("a", "b.c"));
});
