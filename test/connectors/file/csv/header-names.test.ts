/** Names of a CSV file's columns. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { headerNames } from "../../../../connectors/file/csv/header-names.ts";

test("names are kept, and those that are missing are made of their place", () => {
  expect(headerNames(["id", " n ", ""], 4)).toEqual(["id", " n ", "column_3", "column_4"]);
  expect(headerNames(null, 2)).toEqual(["column_1", "column_2"]);
});

test("names that repeat are numbered around those that are there", () => {
  expect(headerNames(["id", "id", "id_2", "id"], 4)).toEqual(["id", "id_3", "id_2", "id_4"]);
  // Without regard to case they are told apart later, where tables name their columns.
  expect(headerNames(["Id", "id"], 2)).toEqual(["Id", "id"]);
});

test("each name is there once", () => {
  const name = fc.constantFrom("a", "a_2", "a_3", "", "column_1", "b");
  fc.assert(
    fc.property(fc.array(name, { maxLength: 12 }), fc.nat(14), (header, width) => {
      const names = headerNames(header, width);
      expect(names).toHaveLength(Math.max(header.length, width));
      expect(new Set(names).size).toBe(names.length);
    }),
  );
});

test("very many equal names take no time", () => {
  const names = headerNames(
    Array.from({ length: 20_000 }, () => "x"),
    0,
  );
  expect(names.at(-1)).toBe("x_20000");
});
