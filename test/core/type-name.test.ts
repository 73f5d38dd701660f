/** The names of types, for people. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { typeName } from "../../src/core/type-name.ts";
import type { DataType } from "../../src/core/type.ts";
import { dataTypes } from "./arbitrary-type.ts";

test.each<[DataType, string]>([
  [{ kind: "int", bits: 64, signed: true }, "int64"],
  [{ kind: "int", bits: 8, signed: false }, "uint8"],
  [{ kind: "float", bits: 32 }, "float32"],
  [{ kind: "decimal", precision: 10, scale: 2 }, "decimal(10,2)"],
  [{ kind: "text" }, "text"],
  [{ kind: "text", tag: "enum" }, "text(enum)"],
  [{ kind: "timestamp", zoned: true }, "timestamp with time zone"],
  [{ kind: "timestamp", zoned: false }, "timestamp"],
  [{ kind: "list", item: { kind: "date" } }, "list<date>"],
  [
    {
      kind: "struct",
      fields: [
        { name: "a", type: { kind: "uuid" }, nullable: true },
        { name: "b", type: { kind: "list", item: { kind: "json" } }, nullable: false },
      ],
    },
    "struct<a: uuid, b: list<json>>",
  ],
])("%j is called %s", (type, name) => {
  expect(typeName(type)).toBe(name);
});

test("a name has at most 200 characters and is well-formed, however large the type", () => {
  const member = { name: "🙂".repeat(50), type: { kind: "date" }, nullable: true } as const;
  const wide: DataType = { kind: "struct", fields: Array.from({ length: 5000 }, () => member) };
  expect(typeName(wide)).toHaveLength(200);
  expect(typeName(wide).isWellFormed()).toBe(true);
  fc.assert(
    fc.property(dataTypes, (type) => {
      expect(typeName(type).length).toBeLessThanOrEqual(200);
    }),
  );
});
