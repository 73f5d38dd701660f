/** The names of columns: kept where they can be, unique, and the same for ever. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { matchColumns, type NamedColumn } from "../../src/core/column-name.ts";
import { nameKey } from "../../src/core/name-text.ts";
import type { Naming } from "../../src/core/schema.ts";

/** The columns of a table that takes in one schema after the other. */
function after(schemas: readonly (readonly string[])[], naming: Naming): readonly NamedColumn[] {
  const columns: NamedColumn[] = [];
  for (const sourceNames of schemas) {
    for (const [index, match] of matchColumns(sourceNames, [...columns], naming).entries()) {
      const sourceName = sourceNames[index] ?? "";
      if (match.kind === "new") columns.push({ name: match.name, sourceName });
    }
  }
  return columns;
}

function namesOf(sourceNames: readonly string[], naming: Naming = "source"): readonly string[] {
  return after([sourceNames], naming).map((column) => column.name);
}

function bytesOf(name: string): number {
  return new TextEncoder().encode(name).length;
}

test.each<[string, readonly string[], readonly string[]]>([
  [
    "plain names stay",
    ["id", "Größe", "a.b/c", '"q"', "select", "🙂"],
    ["id", "Größe", "a.b/c", '"q"', "select", "🙂"],
  ],
  ["case alone doesn't tell two apart", ["id", "Id", "ID"], ["id", "Id_2", "ID_3"]],
  ["a number passes over a name of the source", ["id", "Id", "id_2"], ["id", "Id_3", "id_2"]],
  ["one name many times is numbered", ["a", "a", "a"], ["a", "a_2", "a_3"]],
  ["names become NFC", ["e\u0301", "é"], ["é", "é_2"]],
  ["control characters become _", ["a\nb", "a\0b", "a\u007Fb"], ["a_b", "a_b_2", "a_b_3"]],
  ["half a surrogate pair becomes a mark", ["a\uD800"], ["a\uFFFD"]],
  ["blank names are told by their place", ["", "x", " \t"], ["column_1", "x", " _"]],
  ["a blank name doesn't take another's", ["column_2", " "], ["column_2", "column_2_2"]],
  [
    "the reserved prefix is kept for hakiri",
    ["_hakiri_run_id", "_HAKIRI_x"],
    ["source_hakiri_run_id", "source_HAKIRI_x"],
  ],
])("%s", (_, sourceNames, expected) => {
  expect(namesOf(sourceNames)).toEqual(expected);
});

test.each<[readonly string[], readonly string[]]>([
  [
    ["userId", "HTTPServer", "User ID", "user-id2"],
    ["user_id", "http_server", "user_id_2", "user_id2"],
  ],
  [
    ["_id", "id", "__v", "$price", "größeInCM"],
    ["_id", "id", "_v", "price", "größe_in_cm"],
  ],
  [
    ["!!", "_", "2ndTry", "日本"],
    ["column_1", "column_2", "2nd_try", "日本"],
  ],
  [
    ["_hakiri_file", "a\u0301B"],
    ["source_hakiri_file", "á_b"],
  ],
])("snake_case spells %j as %j", (sourceNames, expected) => {
  expect(namesOf(sourceNames, "snake_case")).toEqual(expected);
});

test("a number never makes a reserved name", () => {
  expect(namesOf(["_hakiri", "_HAKIRI"])).toEqual(["source_hakiri", "source_HAKIRI_2"]);
  expect(namesOf(["_hakiri_!", "_hakiri_"], "snake_case")).toEqual([
    "source_hakiri",
    "source_hakiri_2",
  ]);
});

test("a name of 255 bytes stays, a longer one is cut between characters and stays unique", () => {
  const longest = "x".repeat(255);
  expect(namesOf([longest])).toEqual([longest]);
  expect(namesOf([`${longest}y`, `${longest}z`])).toEqual([longest, `${"x".repeat(253)}_2`]);
  expect(namesOf([`${"x".repeat(254)}é`])).toEqual(["x".repeat(254)]);
  expect(namesOf([`${"x".repeat(252)}🙂`])).toEqual(["x".repeat(252)]);
});

describe("a column keeps its name", () => {
  test("whatever comes beside it later, and in whatever order", () => {
    const columns = after([["Id"], ["id", "ID", "Id"]], "source");
    expect(columns).toEqual([
      { sourceName: "Id", name: "Id" },
      { sourceName: "id", name: "id_2" },
      { sourceName: "ID", name: "ID_3" },
    ]);
  });

  test("while the source is without it, so that nobody else gets it", () => {
    expect(after([["Id"], ["id"], ["Id"]], "source").map(({ name }) => name)).toEqual([
      "Id",
      "id_2",
    ]);
  });

  test("and where the source repeats a name, each column by which one it is", () => {
    const existing = after([["a", "a"]], "source");
    expect(matchColumns(["a", "b", "a", "a"], existing, "source")).toEqual([
      { kind: "existing", column: { sourceName: "a", name: "a" } },
      { kind: "new", name: "b" },
      { kind: "existing", column: { sourceName: "a", name: "a_2" } },
      { kind: "new", name: "a_3" },
    ]);
  });
});

const pieces = fc.constantFrom(
  "id",
  "Id",
  "ID",
  "_2",
  "_3",
  "_hakiri_",
  "é",
  "e\u0301",
  " ",
  "\n",
  "x".repeat(130),
  "🙂",
);
const sourceNames = fc.oneof(
  fc.array(pieces, { maxLength: 3 }).map((parts) => parts.join("")),
  fc.string({ unit: "binary", maxLength: 8 }),
);

test("names are unique without case, clean, bounded and stable, whatever comes", () => {
  const histories = fc.array(fc.array(sourceNames, { maxLength: 12 }), { maxLength: 4 });
  fc.assert(
    fc.property(histories, fc.constantFrom("source", "snake_case"), (schemas, naming) => {
      const columns = after(schemas, naming);
      const names = columns.map(({ name }) => name);
      expect(new Set(names.map(nameKey)).size).toBe(names.length);
      for (const name of names) {
        expect(name).not.toMatch(/\p{Cc}/u);
        expect(name.isWellFormed() && name === name.normalize("NFC")).toBe(true);
        expect(nameKey(name).startsWith("_hakiri_")).toBe(false);
        expect(bytesOf(name)).toBeGreaterThan(0);
        expect(bytesOf(name)).toBeLessThanOrEqual(255);
      }
      for (const [index, one] of schemas.entries()) {
        const then = after(schemas.slice(0, index + 1), naming);
        expect(columns.slice(0, then.length)).toEqual(then);
        expect(matchColumns(one, columns, naming).every(({ kind }) => kind === "existing")).toBe(
          true,
        );
      }
    }),
    { numRuns: 1000 },
  );
});

test("very many equal names are numbered without a search from the start for each", () => {
  const names = namesOf(Array.from({ length: 10_000 }, () => "a"));
  expect(names.at(-1)).toBe("a_10000");
});
