/** Columns: built, cut, joined, filtered and cast, against plain arrays of the same values. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { batchBuffers, type RecordBatch, type Vector } from "../../src/core/batch.ts";
import type { DataType } from "../../src/core/type.ts";
import { castVector } from "../../src/columns/cast-vector.ts";
import { concatBatches } from "../../src/columns/concat-vectors.ts";
import {
  boolVector,
  constantText,
  constantTimestamp,
  missingVector,
} from "../../src/columns/constant-vector.ts";
import { integerBoundsOf } from "../../src/columns/integer-bounds.ts";
import { jsonTextOf } from "../../src/columns/json-text.ts";
import { sliceBatch, sliceVector } from "../../src/columns/slice-vector.ts";
import { takeRows } from "../../src/columns/take-rows.ts";
import { vectorBuilder } from "../../src/columns/vector-builder.ts";
import { samplesOf, typedSamples, type Sample } from "./arbitrary-values.ts";

function built(type: DataType, samples: readonly Sample[]): Vector {
  const builder = vectorBuilder(type, "c");
  for (const { value } of samples) builder.append(value);
  return builder.finish();
}

const told = (vector: Vector): readonly string[] =>
  Array.from({ length: vector.length }, (_, row) => jsonTextOf(vector)(row));

const texts = (samples: readonly Sample[]): readonly string[] => samples.map(({ json }) => json);

const batchOf = (columns: readonly Vector[], tombstones: Uint8Array | null): RecordBatch => ({
  rows: columns[0]?.length ?? 0,
  columns,
  tombstones,
});

test("whatever is appended is told again", () => {
  fc.assert(
    fc.property(typedSamples, ({ type, samples }) => {
      const vector = built(type, samples);
      expect(told(vector)).toEqual(texts(samples));
      expect(vector.nullCount).toBe(
        samples.filter(({ json, value }) => json === "null" && value === null).length,
      );
      expect(vector.validity === null).toBe(vector.nullCount === 0 || type.kind === "null");
    }),
  );
});

test("rows that are forgotten leave no trace", () => {
  fc.assert(
    fc.property(typedSamples, fc.nat(), ({ type, samples }, at) => {
      const length = samples.length === 0 ? 0 : at % samples.length;
      const builder = vectorBuilder(type, "c");
      for (const { value } of samples) builder.append(value);
      builder.truncate(length);
      for (const { value } of samples) builder.append(value);
      expect(builder.length).toBe(length + samples.length);
      const expected = [...samples.slice(0, length), ...samples];
      expect(builder.finish()).toEqual(built(type, expected));
    }),
  );
});

test("a builder starts anew after it gave its vector", () => {
  fc.assert(
    fc.property(typedSamples, ({ type, samples }) => {
      const builder = vectorBuilder(type, "c");
      for (const { value } of samples) builder.append(value);
      builder.finish();
      expect(builder.length).toBe(0);
      for (const { value } of samples) builder.append(value);
      expect(told(builder.finish())).toEqual(texts(samples));
    }),
  );
});

test("any slice tells its rows, in buffers of its own", () => {
  fc.assert(
    fc.property(typedSamples, fc.nat(), fc.nat(), ({ type, samples }, a, b) => {
      const [from, to] = [a, b].map((n) => n % (samples.length + 1)).toSorted((x, y) => x - y);
      const vector = built(type, samples);
      const slice = sliceVector(vector, from ?? 0, to ?? 0);
      expect(told(slice)).toEqual(texts(samples.slice(from, to)));
      expect(slice).toEqual(built(type, samples.slice(from, to)));
      const own = new Set(batchBuffers(batchOf([slice], null)));
      const shared = batchBuffers(batchOf([vector], null)).filter((buffer) => own.has(buffer));
      expect(shared).toEqual([]);
    }),
  );
});

const parts = typedSamples.chain(({ type }) =>
  fc.record({
    type: fc.constant(type),
    parts: fc.array(fc.array(samplesOf(type), { maxLength: 20 }), { minLength: 1, maxLength: 5 }),
  }),
);

test("batches in a row tell the rows of all, tombstones with them", () => {
  fc.assert(
    fc.property(parts, fc.integer({ min: 0, max: 5 }), ({ type, parts: samples }, marked) => {
      const batches = samples.map((part, index) =>
        batchOf([built(type, part)], index === marked ? new Uint8Array(part.length).fill(1) : null),
      );
      const whole = concatBatches(batches);
      const marks = samples.map((part, index) => part.map(() => (index === marked ? 1 : 0)));
      expect(whole.rows).toBe(samples.flat().length);
      expect(whole.columns[0]).toEqual(built(type, samples.flat()));
      expect([...(whole.tombstones ?? new Uint8Array(whole.rows))]).toEqual(marks.flat());
    }),
  );
});

test("rows are taken by their marks, in order", () => {
  fc.assert(
    fc.property(
      typedSamples,
      fc.array(fc.boolean(), { minLength: 40, maxLength: 40 }),
      (given, marks) => {
        const { type, samples } = given;
        const keep = Uint8Array.from(samples, (_, row) => (marks[row] === true ? 1 : 0));
        const taken = takeRows(batchOf([built(type, samples)], null), keep);
        const expected = samples.filter((_, row) => keep[row] === 1);
        expect(taken.rows).toBe(expected.length);
        expect(taken.columns[0]).toEqual(built(type, expected));
      },
    ),
  );
});

test("a slice without a tombstone needs no marks", () => {
  const vector = built(
    { kind: "bool" },
    [true, false, true].map((value) => ({ value, json: "" })),
  );
  const batch = batchOf([vector], Uint8Array.from([0, 1, 0]));
  expect(sliceBatch(batch, 0, 1).tombstones).toBeNull();
  expect(sliceBatch(batch, 1, 3).tombstones).toEqual(Uint8Array.from([1, 0]));
});

test("a missing vector tells nothing in each row, whatever its type", () => {
  fc.assert(
    fc.property(typedSamples, fc.nat({ max: 40 }), ({ type }, rows) => {
      const expected = Array.from({ length: rows }, (): Sample => ({ value: null, json: "null" }));
      expect(missingVector(type, rows)).toEqual(built(type, expected));
    }),
  );
});

test("constant columns say the same in each row", () => {
  expect(told(constantText("é", 3))).toEqual(['"é"', '"é"', '"é"']);
  expect(told(constantText("x", 0))).toEqual([]);
  expect(told(constantTimestamp(-1n, 2))).toEqual(Array(2).fill('"1969-12-31T23:59:59.999999Z"'));
  expect(told(boolVector(Uint8Array.from([1, 0, 1]), 3))).toEqual(["true", "false", "true"]);
  expect(told(boolVector(null, 2))).toEqual(["false", "false"]);
});

const int = (bits: 8 | 16 | 32 | 64, signed = true): DataType => ({ kind: "int", bits, signed });
const decimal = (precision: number, scale: number): DataType => ({
  kind: "decimal",
  precision,
  scale,
});

test.each<[DataType, DataType]>([
  [int(8), int(16)],
  [int(8), int(64)],
  [int(16), int(32)],
  [int(32), int(64)],
  [int(8, false), int(16)],
  [int(8, false), int(64, false)],
  [int(32, false), int(64)],
  [int(8), decimal(3, 0)],
  [decimal(10, 0), decimal(38, 0)],
  [decimal(10, 2), decimal(12, 2)],
  [{ kind: "text", tag: "enum" }, { kind: "text" }],
  [
    { kind: "list", item: int(8) },
    { kind: "list", item: int(64) },
  ],
])("values keep their text through the promotion from %j to %j", (from, to) => {
  fc.assert(
    fc.property(fc.array(samplesOf(from), { maxLength: 20 }), (samples) => {
      const cast = castVector(built(from, samples), to, "c");
      expect(cast.type).toEqual(to);
      expect(told(cast)).toEqual(texts(samples));
    }),
  );
});

test.each<[DataType, unknown, DataType, string]>([
  [int(8), -128, decimal(10, 4), "-128.0000"],
  [int(64, false), 2n ** 64n - 1n, decimal(20, 0), "18446744073709551615"],
  [decimal(10, 2), "-1.25", decimal(38, 10), "-1.2500000000"],
  [int(64), 2 ** 53, { kind: "float", bits: 64 }, "9007199254740992"],
  [decimal(15, 0), "-12", { kind: "float", bits: 64 }, "-12"],
  [{ kind: "float", bits: 32 }, 0.5, { kind: "float", bits: 64 }, "0.5"],
  [{ kind: "date" }, "1969-12-31", { kind: "timestamp", zoned: false }, '"1969-12-31T00:00:00"'],
])("a value of %j, %s, becomes one of %j", (from, value, to, expected) => {
  const cast = castVector(
    built(from, [
      { value, json: "" },
      { value: null, json: "" },
    ]),
    to,
    "c",
  );
  expect(told(cast)).toEqual([expected, "null"]);
});

test("members are cast by name, those that are new have no value", () => {
  const field = (name: string, type: DataType) => ({ name, type, nullable: true });
  const from: DataType = { kind: "struct", fields: [field("b", int(8)), field("a", int(8))] };
  const to: DataType = {
    kind: "struct",
    fields: [field("a", int(16)), field("n", { kind: "text" }), field("b", int(64))],
  };
  const vector = built(from, [
    { value: { a: 1, b: 2 }, json: "" },
    { value: null, json: "" },
  ]);
  expect(told(castVector(vector, to, "c"))).toEqual(['{"a":1,"n":null,"b":2}', "null"]);
  expect(() => castVector(built(to, []), from, "c")).toThrow("would lose the member n");
});

test("anything becomes json of the same text", () => {
  fc.assert(
    fc.property(typedSamples, ({ type, samples }) => {
      const cast = castVector(built(type, samples), { kind: "json" }, "c");
      expect(cast.type).toEqual({ kind: "json" });
      expect(told(cast)).toEqual(texts(samples));
      for (const text of told(cast)) expect(() => JSON.parse(text) as unknown).not.toThrow();
    }),
  );
});

test("nothing becomes a column of any type", () => {
  fc.assert(
    fc.property(typedSamples, ({ type }) => {
      const nothing = built({ kind: "null" }, [{ value: null, json: "null" }]);
      expect(castVector(nothing, type, "c")).toEqual(missingVector(type, 1));
    }),
  );
});

test.each<[DataType, DataType]>([
  [int(64), int(32)],
  [int(32), int(32, false)],
  [int(8), int(16, false)],
  [decimal(10, 2), int(64)],
  [decimal(10, 2), { kind: "float", bits: 64 }],
  [decimal(10, 4), decimal(20, 2)],
  [
    { kind: "float", bits: 64 },
    { kind: "float", bits: 32 },
  ],
  [{ kind: "date" }, { kind: "timestamp", zoned: true }],
  [{ kind: "text" }, int(64)],
  [{ kind: "json" }, { kind: "text" }],
])("there is no cast from %j to %j", (from, to) => {
  const value = from.kind === "text" || from.kind === "json" ? "1" : null;
  expect(() => castVector(built(from, [{ value, json: "" }]), to, "c")).toThrow("no cast");
});

test("a value that a promotion doesn't hold is told with its column", () => {
  const large = built(int(64), [{ value: 2n ** 53n + 1n, json: "" }]);
  expect(() => castVector(large, { kind: "float", bits: 64 }, "amount")).toThrow(
    /float64 in column 'amount', got "9007199254740993"/u,
  );
  const wide = built(int(64), [{ value: 1000, json: "" }]);
  expect(() => castVector(wide, decimal(3, 0), "amount")).toThrow("decimal(3,0)");
  const late = built({ kind: "date" }, [{ value: "+999999-01-01", json: "" }]);
  expect(() => castVector(late, { kind: "timestamp", zoned: false }, "at")).toThrow("timestamp");
});

test("the bounds of integers are their smallest and largest", () => {
  const values = [3n, -(2n ** 63n), 2n ** 63n - 1n];
  const samples = [...values, null].map((value): Sample => ({ value, json: "" }));
  expect(integerBoundsOf(built(int(64), samples))).toEqual({
    min: -(2n ** 63n),
    max: 2n ** 63n - 1n,
  });
  expect(integerBoundsOf(built(int(8, false), [{ value: 255, json: "" }]))).toEqual({
    min: 255n,
    max: 255n,
  });
  expect(integerBoundsOf(built(decimal(38, 0), [{ value: "-7", json: "" }]))).toEqual({
    min: -7n,
    max: -7n,
  });
  expect(integerBoundsOf(built(int(32), [{ value: null, json: "" }]))).toBeNull();
  expect(integerBoundsOf(built(decimal(3, 1), []))).toBeUndefined();
  expect(integerBoundsOf(built({ kind: "text" }, []))).toBeUndefined();
});
