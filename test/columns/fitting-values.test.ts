/** Which values of a column another type holds, each by itself. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fittingValues } from "../../src/columns/fitting-values.ts";
import { jsonTextOf } from "../../src/columns/json-text.ts";
import { vectorBuilder } from "../../src/columns/vector-builder.ts";
import type { DataType } from "../../src/core/type.ts";

const text: DataType = { kind: "text" };
const json: DataType = { kind: "json" };
const int64: DataType = { kind: "int", bits: 64, signed: true };
const int8: DataType = { kind: "int", bits: 8, signed: true };
const float64: DataType = { kind: "float", bits: 64 };
const price: DataType = { kind: "decimal", precision: 6, scale: 2 };

type Case = readonly [string, DataType, DataType, readonly unknown[], string];

/** The values that are kept, as JSON; `-` for one that is refused. */
function kept(from: DataType, to: DataType, values: readonly unknown[]): readonly string[] {
  const builder = vectorBuilder(from, "v");
  for (const value of values) builder.append(value);
  const { vector, refused } = fittingValues(builder.finish(), to, "v");
  expect(vector.type).toEqual(to);
  const read = jsonTextOf(vector);
  return values.map((_, row) => {
    if (refused[row] === 1) expect(read(row)).toBe("null");
    return refused[row] === 1 ? "-" : read(row);
  });
}

describe("what is kept", () => {
  test.each<Case>([
    [
      "of texts",
      text,
      int64,
      ["3", "007", "+3", "x", "", "-4", "1.0", null],
      "3 - - - - -4 - null",
    ],
    [
      "of digits past 64 bits",
      text,
      int64,
      ["9223372036854775807", "9223372036854775808"],
      "9223372036854775807 -",
    ],
    [
      "of JSON",
      json,
      int64,
      ['"x"', "3", "9007199254740993.5", "2.5", "9007199254740993", '"7"', "true", "[1]"],
      "- 3 - - 9007199254740993 7 - -",
    ],
    ["of wider integers", int64, int8, [1n, 127n, 128n, -129n], "1 127 - -"],
    ["of floats", float64, int64, [1, 2.5, 1e21, NaN, -3], "1 - - - -3"],
    ["of decimals", price, int64, ["3.00", "3.10", "-120"], "3 - -120"],
    ["as decimals", text, price, ["1.5", "1.234", "01.5", "99999"], "1.50 - - -"],
    ["as floats", text, float64, ["1.5", "1234567890123456", "x", "1e3"], "1.5 - - 1000"],
    ["as booleans", text, { kind: "bool" }, ["true", "False", "1"], "true false -"],
    ["as texts", int64, text, [1n], "-"],
    ["as texts of JSON", json, text, ['"a"', "1"], '"a" -'],
    ["as dates", text, { kind: "date" }, ["2024-02-29", "2023-02-29", "x"], '"2024-02-29" - -'],
    [
      "of moments as dates",
      { kind: "timestamp", zoned: false },
      { kind: "date" },
      ["2024-01-02T00:00:00", "2024-01-02T00:00:01"],
      '"2024-01-02" -',
    ],
    ["as a tagged text", text, { kind: "text", tag: "numeric" }, ["1"], "-"],
    ["as JSON", text, json, ["1", "x"], '"1" "x"'],
  ])("%s", (...[, from, to, values, expected]) => {
    expect(kept(from, to, values).join(" ")).toBe(expected);
  });

  test("of objects and lists is what is the same after, members without a value aside", () => {
    const point: DataType = {
      kind: "struct",
      fields: [
        { name: "a", type: int64, nullable: true },
        { name: "b", type: { kind: "list", item: price }, nullable: true },
      ],
    };
    const values = ['{"b":[1.1],"a":1}', '{"a":null}', '{"a":1.5}', '{"c":1}', '{"a":"x"}', "7"];
    expect(kept(json, point, values)).toEqual([
      '{"a":1,"b":[1.10]}',
      '{"a":null,"b":null}',
      "-",
      "-",
      "-",
      "-",
    ]);
  });

  test("is every integer by its own digits", () => {
    fc.assert(
      fc.property(fc.array(fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n })), (values) => {
        const fits = (value: bigint): boolean => BigInt.asIntN(64, value) === value;
        const expected = values.map((value) => (fits(value) ? String(value) : "-"));
        expect(kept(text, int64, values.map(String))).toEqual(expected);
        expect(kept(json, int64, values.map(String))).toEqual(expected);
      }),
    );
  });
});
