/** What the error of a violation says. */
import { expect, test } from "vitest";
import { schemaIncompatible, type SchemaViolation } from "../../src/core/schema-violation.ts";

const violation: SchemaViolation = {
  kind: "incompatible_type",
  column: "v",
  oldType: { kind: "int", bits: 64, signed: true },
  newType: { kind: "text" },
  reason: "no type holds both int64 and text without loss",
};

test("it names the column, both types, the example and its row, also for a program", () => {
  const error = schemaIncompatible(violation, {
    table: "shop.orders",
    example: "n/a",
    primaryKey: "id=7",
  });
  expect(error.toRecord()).toMatchObject({
    kind: "SchemaIncompatible",
    code: "schema.incompatible_type",
    message:
      "expected int64 in 'v' of shop.orders, got text: no type holds both int64 and text " +
      "without loss; for example n/a in the row id=7",
    evidence: {
      table: "shop.orders",
      column: "v",
      old_type: "int64",
      new_type: "text",
      example: "n/a",
      primary_key: "id=7",
    },
  });
});

test("an example is cut at 200 bytes, and none is missed", () => {
  const place = { table: "t", primaryKey: null };
  const long = schemaIncompatible(violation, { ...place, example: "é".repeat(101) });
  expect(long.message.endsWith(`; for example ${"é".repeat(100)}...`)).toBe(true);
  const exact = schemaIncompatible(violation, { ...place, example: "é".repeat(100) });
  expect(exact.message.endsWith(`; for example ${"é".repeat(100)}`)).toBe(true);
  expect(schemaIncompatible(violation, { ...place, example: null }).message).toMatch(/loss$/u);
});

test.each<[SchemaViolation, string, string]>([
  [
    { kind: "new_table" },
    "schema.new_table",
    "expected the table t to exist, since the contract takes no new tables",
  ],
  [
    { kind: "new_column", column: "c", newType: { kind: "date" } },
    "schema.new_column",
    "expected no new columns in t, as the contract says, got 'c' (date)",
  ],
  [
    { ...violation, kind: "new_type", oldType: null, reason: "r" },
    "schema.new_type",
    "expected a type that a table can have in 'v' of t, got text: r",
  ],
  [
    { kind: "changed_key", oldKey: ["a", "b"], newKey: ["c"] },
    "schema.changed_key",
    "expected the primary key (a, b) of t, got (c)",
  ],
])("%j has the code %s and says so", (one, code, message) => {
  const error = schemaIncompatible(one, { table: "t", example: null, primaryKey: null });
  expect(error).toMatchObject({ kind: "SchemaIncompatible", code, message });
  expect(error.hint).toMatch(/\w/u);
});
