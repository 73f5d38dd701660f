/** What builders take and what they refuse, by type; whole rows in batches. */
import { describe, expect, test } from "vitest";
import { typeName } from "../../src/core/type-name.ts";
import type { DataType } from "../../src/core/type.ts";
import { batchBuilder } from "../../src/columns/batch-builder.ts";
import { bytesBuilder } from "../../src/columns/build/bytes-builder.ts";
import { jsonTextOf } from "../../src/columns/json-text.ts";
import { vectorBuilder } from "../../src/columns/vector-builder.ts";
import { thrownBy } from "../context/thrown.ts";

const int = (bits: 8 | 16 | 32 | 64, signed = true): DataType => ({ kind: "int", bits, signed });
const decimal: DataType = { kind: "decimal", precision: 5, scale: 2 };
const zoned: DataType = { kind: "timestamp", zoned: true };
const local: DataType = { kind: "timestamp", zoned: false };
const double: DataType = { kind: "float", bits: 64 };

/** A case, with texts for its title: a title can't hold a bigint. */
type Case = readonly [type: DataType, value: unknown, expected: string];
const titled = (cases: readonly Case[]): readonly (readonly [string, string, Case])[] =>
  cases.map((one) => [typeName(one[0]), `${typeof one[1]} ${String(one[1]).slice(0, 60)}`, one]);

describe("taken", () => {
  const cases: readonly Case[] = [
    [int(8), "+127", "127"],
    [int(64), "-9223372036854775808", "-9223372036854775808"],
    [int(64, false), 2n ** 64n - 1n, "18446744073709551615"],
    [int(64), 1e15, "1000000000000000"],
    [int(64), 2 ** 62, String(2n ** 62n)],
    [int(32), -0, "0"],
    [double, "1e3", "1000"],
    [double, ".5", "0.5"],
    [double, "-Infinity", '"-Infinity"'],
    [double, "NaN", '"NaN"'],
    [double, 2n ** 60n, String(2 ** 60)],
    [{ kind: "float", bits: 32 }, 0.1, String(Math.fround(0.1))],
    [decimal, "999.99", "999.99"],
    [decimal, "-0.1", "-0.10"],
    [decimal, "1.100", "1.10"],
    [decimal, "12e1", "120.00"],
    [decimal, "1250E-2", "12.50"],
    [decimal, ".5", "0.50"],
    [decimal, "5.", "5.00"],
    [decimal, 0.1, "0.10"],
    [decimal, 7n, "7.00"],
    [decimal, "0e999999", "0.00"],
    [{ kind: "date" }, "2000-02-29", '"2000-02-29"'],
    [{ kind: "date" }, "-000001-12-31", '"-000001-12-31"'],
    [{ kind: "date" }, "0000-01-01", '"0000-01-01"'],
    [{ kind: "date" }, "+5881580-07-10", '"+5881580-07-10"'],
    [{ kind: "time" }, "23:59", '"23:59:00"'],
    [{ kind: "time" }, "00:00:00.5", '"00:00:00.500000"'],
    [{ kind: "time" }, "00:00:00.123456000", '"00:00:00.123456"'],
    [local, "2024-05-01 10:20:30", '"2024-05-01T10:20:30"'],
    [local, "2024-05-01", '"2024-05-01T00:00:00"'],
    [zoned, "2024-05-01T10:20:30+02:00", '"2024-05-01T08:20:30Z"'],
    [zoned, "2024-05-01T10:20:30-0530", '"2024-05-01T15:50:30Z"'],
    [zoned, "1800-01-01T00:00:00+00:19:32", '"1799-12-31T23:40:28Z"'],
    [zoned, "1969-12-31t23:59:59,000001z", '"1969-12-31T23:59:59.000001Z"'],
    [zoned, "+294247-01-10T04:00:54.775806Z", '"+294247-01-10T04:00:54.775806Z"'],
    [{ kind: "text" }, "\ufeff\0", '"\ufeff\\u0000"'],
    [{ kind: "json" }, ' {"a" : 1.10}', ' {"a" : 1.10}'],
    [{ kind: "binary" }, Buffer.from([0, 255]), '"00ff"'],
  ];

  test.each(titled(cases))("into %s is %s", (_, __, [type, value, expected]) => {
    const builder = vectorBuilder(type, "c");
    builder.append(value);
    expect(jsonTextOf(builder.finish())(0)).toBe(expected);
  });
});

describe("refused", () => {
  const cases: readonly Case[] = [
    [{ kind: "null" }, 0, "wrong_type"],
    [{ kind: "bool" }, "true", "wrong_type"],
    [{ kind: "bool" }, 1, "wrong_type"],
    [int(8), 128, "out_of_range"],
    [int(8), -129n, "out_of_range"],
    [int(8, false), -1, "out_of_range"],
    [int(64), 2n ** 63n, "out_of_range"],
    [int(64), 2 ** 63, "out_of_range"],
    [int(64), Number.NaN, "out_of_range"],
    [int(64), Number.POSITIVE_INFINITY, "out_of_range"],
    [int(32), 1.5, "inexact"],
    [int(32), "1.0", "unreadable"],
    [int(32), "", "unreadable"],
    [int(32), " 1", "unreadable"],
    [int(32), true, "wrong_type"],
    [double, "1,5", "unreadable"],
    [double, "", "unreadable"],
    [double, "0x10", "unreadable"],
    [double, "1e400", "out_of_range"],
    [double, 2n ** 60n + 1n, "inexact"],
    [{ kind: "float", bits: 32 }, 1e39, "out_of_range"],
    [decimal, Number.NaN, "not_a_decimal"],
    [decimal, "NaN", "not_a_decimal"],
    [decimal, "Infinity", "not_a_decimal"],
    [decimal, Number.NEGATIVE_INFINITY, "not_a_decimal"],
    [decimal, "1,5", "not_a_decimal"],
    [decimal, ".", "not_a_decimal"],
    [decimal, "1.001", "inexact"],
    [decimal, "1000", "out_of_range"],
    [decimal, "-999.995", "inexact"],
    [decimal, "1e300", "out_of_range"],
    [decimal, "1e999999", "out_of_range"],
    [decimal, "1e-999999", "out_of_range"],
    [decimal, "9".repeat(500), "out_of_range"],
    [decimal, {}, "wrong_type"],
    [{ kind: "uuid" }, "00000000-0000-0000-0000-00000000000", "unreadable"],
    [{ kind: "uuid" }, 1, "wrong_type"],
    [{ kind: "date" }, "2023-02-29", "unreadable"],
    [{ kind: "date" }, "1900-02-29", "unreadable"],
    [{ kind: "date" }, "2023-2-1", "unreadable"],
    [{ kind: "date" }, "-000000-01-01", "unreadable"],
    [{ kind: "date" }, "+5881580-07-11", "out_of_range"],
    [{ kind: "date" }, "-5877641-06-24", "out_of_range"],
    [{ kind: "date" }, 19_000, "wrong_type"],
    [{ kind: "time" }, "24:00:00", "unreadable"],
    [{ kind: "time" }, "10:60", "unreadable"],
    [{ kind: "time" }, "10:00:00.1234567", "inexact"],
    [zoned, "2024-05-01T10:20:30", "unreadable"],
    [zoned, "2024-05-01", "unreadable"],
    [zoned, "2024-05-01T10:20:30+24:00", "unreadable"],
    [zoned, "+294247-01-10T04:00:54.775807Z", "out_of_range"],
    [zoned, "-290308-12-21T19:59:05.224192Z", "out_of_range"],
    [local, "2024-05-01T10:20:30Z", "unreadable"],
    [local, "2024-13-01T10:20:30", "unreadable"],
    [local, "infinity", "unreadable"],
    [{ kind: "text" }, "\ud800", "not_unicode"],
    [{ kind: "text" }, 5, "wrong_type"],
    [{ kind: "json" }, "{a:1}", "not_json"],
    [{ kind: "json" }, "", "not_json"],
    [{ kind: "json" }, {}, "wrong_type"],
    [{ kind: "binary" }, "00", "wrong_type"],
    [{ kind: "list", item: int(8) }, "1", "wrong_type"],
    [{ kind: "list", item: int(8) }, [1, 300], "out_of_range"],
    [{ kind: "struct", fields: [] }, [], "wrong_type"],
    [{ kind: "struct", fields: [] }, { b: 1 }, "unexpected_member"],
  ];

  test.each(titled(cases))("by %s is %s, and the builder goes on", (_, __, given) => {
    const [type, value, fault] = given;
    const builder = vectorBuilder(type, "amount");
    builder.append(null);
    const error = thrownBy(() => builder.append(value));
    expect(error).toMatchObject({ kind: "SchemaIncompatible", code: `value.${fault}` });
    expect(error.message).toContain("column 'amount");
    expect(builder.length).toBe(1);
    builder.append(null);
    const vector = builder.finish();
    expect([vector.length, vector.nullCount]).toEqual([2, 2]);
    for (const child of vector.children) expect(child.length).toBeLessThanOrEqual(2);
  });

  test("is a struct without a member that must be there", () => {
    const fields = [
      { name: "a", type: int(8), nullable: true },
      { name: "b", type: int(8), nullable: false },
    ];
    const builder = vectorBuilder({ kind: "struct", fields }, "s");
    const error = thrownBy(() => builder.append({ a: 1 }));
    expect(error.code).toBe("value.missing");
    expect(error.message).toContain("'s.b'");
    expect(builder.finish().children.map((child) => child.length)).toEqual([0, 0]);
  });

  test("is text past the bytes of a vector, at the bound and one more", () => {
    const builder = bytesBuilder({ kind: "text" }, "c", 10);
    builder.append("12345678");
    expect(thrownBy(() => builder.append("éé")).code).toBe("value.too_large");
    builder.append("é");
    expect(thrownBy(() => builder.append("x")).code).toBe("value.too_large");
    builder.append("");
    expect(builder.finish().values.byteLength).toBe(10);
  });

  test("is told with a value that is cut", () => {
    const builder = vectorBuilder(int(8), "c");
    const error = thrownBy(() => builder.append("9".repeat(5000)));
    expect(error.message.length).toBeLessThan(400);
    expect(error.message).toContain("9".repeat(200));
  });
});

describe("a batch", () => {
  const fields = [
    { name: "id", type: int(64), nullable: false },
    { name: "note", type: { kind: "text" }, nullable: true },
  ] as const;

  test("has one vector a field and marks its tombstones", () => {
    const builder = batchBuilder(fields);
    builder.append([1, "a"]);
    builder.append([2, null], "tombstone");
    expect(builder.rows).toBe(2);
    expect(builder.sizeBytes).toBeGreaterThan(16);
    const batch = builder.finish();
    expect(batch.rows).toBe(2);
    expect(batch.tombstones).toEqual(Uint8Array.from([0, 1]));
    expect(batch.columns.map((column) => column.nullCount)).toEqual([0, 1]);
    expect(builder.finish()).toMatchObject({ rows: 0, tombstones: null });
  });

  test("takes a row whole or not at all", () => {
    const builder = batchBuilder(fields);
    builder.append([1, "a"]);
    expect(thrownBy(() => builder.append([2, 5])).code).toBe("value.wrong_type");
    expect(thrownBy(() => builder.append([null, "b"])).code).toBe("value.missing");
    builder.append([3, "c"]);
    const batch = builder.finish();
    expect(batch.columns.map((column) => column.length)).toEqual([2, 2]);
    expect(jsonTextOf(batch.columns[0] ?? never())(1)).toBe("3");
  });

  test("of rows with another number of values is a defect", () => {
    expect(() => batchBuilder(fields).append([1])).toThrow("expected 2 values");
  });
});

function never(): never {
  throw new Error("the batch has a column");
}
