/** How columns are selected and named; what their values become is in the corpus. */
import { describe, expect, test } from "vitest";
import { columnPlan, type PgColumn } from "../../../../connectors/postgres/types/column-plan.ts";
import { readTypes, typesQuery } from "../../../../connectors/postgres/types/pg-type.ts";

/** As `typesQuery` answers: oid, name, schema, kind, category, item, base, its modifier, levels. */
const types = readTypes([
  ["23", "int4", "pg_catalog", "b", "N", "0", "0", "-1", "0"],
  ["1007", "_int4", "pg_catalog", "b", "A", "23", "0", "-1", "0"],
  ["1186", "interval", "pg_catalog", "b", "T", "0", "0", "-1", "0"],
  ["1187", "_interval", "pg_catalog", "b", "A", "1186", "0", "-1", "0"],
  ["1700", "numeric", "pg_catalog", "b", "N", "0", "0", "-1", "0"],
  ["90001", "price", "shop", "d", "N", "0", "1700", "786438", "0"],
  ["90002", "ring", "shop", "d", "N", "0", "90002", "-1", "0"],
]);
const settings = { numeric: "auto", arrays: "list" } as const;

function column(typeOid: number, more: Partial<PgColumn> = {}): PgColumn {
  return { name: "v", typeOid, typmod: -1, dimensions: 0, nullable: true, ...more };
}

describe("a column", () => {
  test.each([
    ["whose binary form is decoded is selected as it is", 23, '"v"'],
    ["that isn't is selected as text", 1186, '"v"::pg_catalog.text'],
    [
      "of an array whose items aren't is selected as an array of texts",
      1187,
      '"v"::pg_catalog.text[]',
    ],
    ["of a type that nobody knows is selected as text", 77_777, '"v"::pg_catalog.text'],
  ])("%s", (_, oid, selected) => {
    expect(columnPlan(column(oid), types, settings).select('"v"')).toBe(selected);
  });

  test("with arrays = json is selected as JSON", () => {
    const plan = columnPlan(column(1007), types, { ...settings, arrays: "json" });
    expect(plan.select('"v"')).toBe('pg_catalog.to_json("v")');
    expect(plan.field).toEqual({ name: "v", type: { kind: "json" }, nullable: true });
  });

  test("has its type's name as people know it", () => {
    const nameOf = (it: PgColumn): string => columnPlan(it, types, settings).typeName;
    expect(nameOf(column(1007))).toBe("int4[]");
    expect(nameOf(column(90_001))).toBe("shop.price");
    expect(nameOf(column(1700, { typmod: ((12 << 16) | 2) + 4 }))).toBe("numeric(12,2)");
    expect(nameOf(column(77_777))).toBe("oid 77777");
  });

  test("may be required", () => {
    expect(columnPlan(column(23, { nullable: false }), types, settings).field.nullable).toBe(false);
  });

  test("of a domain that is its own base is a damaged catalog", () => {
    expect(() => columnPlan(column(90_002), types, settings)).toThrow("made of fewer types");
  });
});

describe("the query for types", () => {
  test("takes numbers only", () => {
    // What a caller without types could pass.
    const oids = ["1}'); DROP TABLE t; --"] as unknown as readonly number[];
    expect(() => typesQuery(oids)).toThrow("expected an oid");
    for (const oid of [-1, 1.5, Number.NaN, 2 ** 32]) {
      expect(() => typesQuery([oid])).toThrow("expected an oid");
    }
    expect(typesQuery([0, 2 ** 32 - 1])).toContain("'{0,4294967295}'");
  });

  test("has rows that are as expected, or a defect", () => {
    expect(() => readTypes([["1", null, "s", "b", "N", "0", "0", "-1", "0"]])).toThrow("pg_type");
    expect(() => readTypes([["1", "n", "s", "x", "N", "0", "0", "-1", "0"]])).toThrow("pg_type");
  });
});
