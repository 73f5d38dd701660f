/** Which names of a file are another spelling of names that are known. */
import { expect, test } from "vitest";
import { respell } from "../../src/core/respell.ts";

test.each<readonly [readonly string[], readonly string[], readonly string[]]>([
  [
    ["ID", "V"],
    ["id", "v"],
    ["id", "v"],
  ],
  [
    ["v", "id"],
    ["id", "v"],
    ["v", "id"],
  ],
  [["ÄHRE", "x"], ["ähre"], ["ähre", "x"]],
  [["ID"], [], ["ID"]],
  [["ID", "id"], ["id"], ["ID", "id"]],
  [["ID", "Id"], ["id"], ["ID", "Id"]],
  [["ID"], ["id", "Id"], ["ID"]],
  [["id"], ["id", "Id"], ["id"]],
])("%j beside %j is %j", (names, known, expected) => {
  expect(respell(names, known)).toEqual(expected);
});
