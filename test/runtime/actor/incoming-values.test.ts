import fc from "fast-check";
import { expect, test } from "vitest";
import { batchBuilder } from "../../../src/columns/batch-builder.ts";
import type { Field } from "../../../src/core/type.ts";
import { unionOf, valuesOfRecords } from "../../../src/runtime/actor/incoming-values.ts";

const fieldOf = (signed: boolean): Field => ({
  name: "n",
  type: { kind: "int", bits: 64, signed },
  nullable: true,
});

const batchesOf = (field: Field, batches: readonly (readonly (bigint | null)[])[]) =>
  batches.map((values) => {
    const builder = batchBuilder([field]);
    for (const value of values) builder.append([value]);
    return builder.finish();
  });

test("rough bounds hold every integer, and exact ones are its least and largest", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.boolean().chain((signed) => {
        const integer = signed
          ? fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n)
          : fc.bigInt(0n, 2n ** 64n - 1n);
        const small = fc.bigInt(0n, 100n);
        const value = fc.option(fc.oneof(integer, small));
        return fc.record({ signed: fc.constant(signed), batches: fc.array(fc.array(value)) });
      }),
      async ({ signed, batches }) => {
        const field = fieldOf(signed);
        const values = valuesOfRecords([field], batchesOf(field, batches));
        const all = batches.flat().filter((value) => value !== null);
        const rough = values.rough.get("n") ?? null;
        for (const value of all) {
          expect(rough !== null && rough.min <= value && value <= rough.max).toBe(true);
        }
        const sorted = all.toSorted((a, b) => (a < b ? -1 : 1));
        const [min, max] = [sorted[0], sorted.at(-1)];
        expect((await values.exact(["n"])).get("n")).toEqual(
          min === undefined || max === undefined ? null : { min, max },
        );
      },
    ),
  );
});

test("bounds that aren't known are absent, and none is no integer", async () => {
  const field: Field = { name: "t", type: { kind: "text" }, nullable: true };
  const values = valuesOfRecords([field], batchesOf(field, []));
  expect(values.rough.size).toBe(0);
  expect(unionOf([])).toBeNull();
  expect(unionOf([null, { min: 1n, max: 2n }, undefined, { min: 0n, max: 1n }])).toEqual({
    min: 0n,
    max: 2n,
  });
});

test("the example is the first value there is, with its row's key", async () => {
  const field = fieldOf(true);
  const key: Field = { name: "k", type: { kind: "text" }, nullable: false };
  const builder = batchBuilder([field, key]);
  builder.append([null, "a"]);
  builder.append([7n, "b"]);
  const values = valuesOfRecords([field, key], [builder.finish()]);
  const wanted = { name: "n", key: ["k"], oldType: null };
  expect(await values.example(wanted)).toEqual({ example: "7", primaryKey: '"b"' });
  const absent = { ...wanted, name: "absent" };
  expect(await values.example(absent)).toEqual({ example: null, primaryKey: null });
});

test("the example is one that isn't of the old type, where there is one", async () => {
  const field: Field = { name: "n", type: { kind: "text" }, nullable: true };
  const builder = batchBuilder([field]);
  for (const value of ["7", null, "x", "8"]) builder.append([value]);
  const values = valuesOfRecords([field], [builder.finish()]);
  const example = async (oldType: Field["type"]): Promise<string | null> =>
    (await values.example({ name: "n", key: [], oldType })).example;
  expect(await example({ kind: "int", bits: 64, signed: true })).toBe('"x"');
  expect(await example({ kind: "json" })).toBe('"7"');
});
