import fc from "fast-check";
import { expect, test } from "vitest";
import { batchBuilder } from "../../../src/columns/batch-builder.ts";
import { batchBytes, type RecordBatch } from "../../../src/core/batch.ts";
import type { ReadCursor } from "../../../src/core/cursor.ts";
import type { ReadItem } from "../../../src/core/ports/source.ts";
import type { Field } from "../../../src/core/type.ts";
import { Coalescer, type CoalescedRows } from "../../../src/runtime/actor/coalescer.ts";

type Records = Extract<ReadItem, { kind: "records" }>;

function itemOf(number: number, rows: number, name: string): Records {
  const fields: readonly Field[] = [{ name, type: { kind: "text" }, nullable: true }];
  const builder = batchBuilder(fields);
  for (let row = 0; row < rows; row += 1) builder.append([`${number} ${row}`]);
  const stored: ReadCursor["stored"] = {
    version: 1,
    connector: "test",
    stream: "s",
    column: null,
    type: null,
    value: String(number),
    boundary: null,
  };
  return {
    kind: "records",
    schema: { fields, primaryKey: [] },
    batch: builder.finish(),
    cursor: { resume: "any", stored, boundaryLines: null },
  };
}

const sizes = fc.array(
  fc.record({ rows: fc.integer({ min: 0, max: 30 }), name: fc.constantFrom("a", "b") }),
  { maxLength: 30 },
);

function gathered(
  items: readonly Records[],
  rows: number,
  bytes: number,
): readonly CoalescedRows[] {
  const coalescer = new Coalescer(rows, bytes);
  return [...items.flatMap((item) => coalescer.push(item)), ...coalescer.flush()];
}

test("batches leave in order, none split and none lost", () => {
  fc.assert(
    fc.property(sizes, fc.integer({ min: 1, max: 50 }), (given, target) => {
      const items = given.map(({ rows, name }, index) => itemOf(index, rows, name));
      const left = gathered(items, target, 1e9).flatMap(({ batches }) => batches);
      expect(left).toEqual(items.map(({ batch }) => batch));
    }),
  );
});

test("what leaves together has one schema, its last batch's cursor, and keeps to the targets", () => {
  fc.assert(
    fc.property(
      sizes,
      fc.integer({ min: 1, max: 50 }),
      fc.integer({ min: 1, max: 2000 }),
      (given, rowsTarget, bytesTarget) => {
        const items = given.map(({ rows, name }, index) => itemOf(index, rows, name));
        const byBatch = new Map<RecordBatch, Records>(items.map((item) => [item.batch, item]));
        for (const part of gathered(items, rowsTarget, bytesTarget)) {
          const own = part.batches.flatMap((batch) => byBatch.get(batch) ?? []);
          for (const { schema } of own) expect(schema).toEqual(part.schema);
          expect(part.cursor).toBe(own.at(-1)?.cursor);
          expect(part.rows).toBe(own.reduce((sum, { batch }) => sum + batch.rows, 0));
          if (own.length === 1) continue;
          expect(part.rows).toBeLessThanOrEqual(rowsTarget);
          const bytes = own.reduce((sum, { batch }) => sum + batchBytes(batch), 0);
          expect(bytes).toBeLessThanOrEqual(bytesTarget);
        }
      },
    ),
  );
});

test("a part leaves as soon as it is full, and not before", () => {
  const coalescer = new Coalescer(10, 1e9);
  expect(coalescer.push(itemOf(0, 9, "a"))).toEqual([]);
  expect(coalescer.push(itemOf(1, 1, "a"))).toMatchObject([{ rows: 10 }]);
  expect(coalescer.push(itemOf(2, 9, "a"))).toEqual([]);
  expect(coalescer.push(itemOf(3, 2, "a"))).toMatchObject([{ rows: 9 }]);
  expect(coalescer.push(itemOf(4, 11, "a"))).toMatchObject([{ rows: 2 }, { rows: 11 }]);
  expect(coalescer.flush()).toEqual([]);
});
