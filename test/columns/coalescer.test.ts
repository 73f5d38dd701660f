/** Batches of any size become written batches of the right one. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { batchBytes, type RecordBatch } from "../../src/core/batch.ts";
import { batchBuilder } from "../../src/columns/batch-builder.ts";
import { coalescer, writtenBytesMax, writtenRowsMax } from "../../src/columns/coalescer.ts";
import { jsonRowsOf } from "../../src/columns/json-text.ts";

const fields = [
  { name: "n", type: { kind: "int", bits: 64, signed: true }, nullable: false },
  { name: "t", type: { kind: "text" }, nullable: true },
] as const;

function batchOf(rows: readonly (readonly [number, string])[]): RecordBatch {
  const builder = batchBuilder(fields);
  for (const row of rows) builder.append(row, row[0] % 5 === 0 ? "tombstone" : "upsert");
  return builder.finish();
}

const told = (batches: readonly RecordBatch[]): readonly string[] =>
  batches.flatMap((batch) => {
    const row = jsonRowsOf(batch, fields);
    return Array.from(
      { length: batch.rows },
      (_, at) => `${row(at)}${batch.tombstones?.[at] === 1 ? "-" : ""}`,
    );
  });

const sizes = fc.array(fc.array(fc.nat({ max: 300 }), { maxLength: 30 }), { maxLength: 12 });

test("rows keep their order, and batches keep to both limits unless they are single rows", () => {
  const limits = { rowsMax: 10, bytesMax: 400 };
  fc.assert(
    fc.property(sizes, (lengths) => {
      let next = 0;
      const batches = lengths.map((part) =>
        batchOf(part.map((length) => [(next += 1), "x".repeat(length)] as const)),
      );
      const expected = told(batches);
      const coalesce = coalescer(limits);
      const out = batches.flatMap((batch) => coalesce.add(batch));
      const rest = coalesce.flush();
      if (rest !== null) out.push(rest);
      expect(told(out)).toEqual(expected);
      for (const batch of out) {
        expect(batch.rows).toBeGreaterThan(0);
        expect(batch.rows).toBeLessThanOrEqual(limits.rowsMax);
        if (batch.rows > 1) expect(batchBytes(batch)).toBeLessThanOrEqual(limits.bytesMax);
      }
      expect(coalesce.flush()).toBeNull();
    }),
  );
});

test("small batches are written together up to the bound of rows, and not one more", () => {
  const coalesce = coalescer({ rowsMax: 4, bytesMax: 1_000_000 });
  const one = (): RecordBatch => batchOf([[1, "a"]]);
  expect([one(), one(), one(), one()].flatMap((batch) => coalesce.add(batch))).toEqual([]);
  expect(coalesce.add(one()).map(({ rows }) => rows)).toEqual([4]);
  expect(coalesce.flush()?.rows).toBe(1);
});

test("a written batch is 64 Ki rows or 8 MiB", () => {
  expect([writtenRowsMax, writtenBytesMax]).toEqual([65_536, 8_388_608]);
  const coalesce = coalescer();
  const wide = batchOf([
    [1, "x".repeat(5_000_000)],
    [2, "x".repeat(5_000_000)],
  ]);
  expect(coalesce.add(wide).map(({ rows }) => rows)).toEqual([1]);
});
