/** Names of a file's columns. */
import { expect, test } from "vitest";
import { uniqueNames } from "../../src/core/unique-names.ts";

test("blank names are made of their place, and names that repeat are numbered", () => {
  expect(uniqueNames(["id", " ", "id", "id_2", "Id", ""])).toEqual([
    "id",
    "column_2",
    "id_3",
    "id_2",
    "Id",
    "column_6",
  ]);
});
