/** The gate that puts lines into the order of delivery. */
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  heldLinesMax,
  OrderingGate,
  type BodyEntry,
} from "../../../src/context/journal/ordering-gate.ts";
import { batch, begin, end, schemaOf, tableId } from "../fixtures.ts";

test("however batches are delivered, each partition's lines come out in order", () => {
  const partitions = fc.array(fc.nat({ max: 6 }), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(partitions, fc.array(fc.nat(), { minLength: 40, maxLength: 40 }), (sizes, keys) => {
      const gate = new OrderingGate();
      const names = sizes.map((_, index) => `p${index}`);
      for (const partition of names) gate.offer(begin("orders", partition));
      const lines: BodyEntry[] = sizes.flatMap((size, index) => {
        const partition = names[index] ?? "";
        const numbers = Array.from({ length: size }, (_, number) => batch(number, { partition }));
        return [...numbers, end(size, { partition })];
      });
      const shuffled = lines
        .map((line, index) => ({ line, key: keys[index] ?? 0 }))
        .toSorted((a, b) => a.key - b.key)
        .map(({ line }) => line);
      const out = shuffled.flatMap((line) => gate.offer(line));
      expect(gate.held).toBe(0);
      for (const partition of names) {
        const own = out.filter((line) => "partition" in line && line.partition === partition);
        expect(own).toEqual(
          lines.filter((line) => "partition" in line && line.partition === partition),
        );
      }
    }),
  );
});

test("a schema doesn't wait", () => {
  const schema: BodyEntry = { kind: "schema", tableId, schema: schemaOf(1) };
  expect(new OrderingGate().offer(schema)).toEqual([schema]);
});

test("as many lines wait as the bound allows, and not one more", () => {
  const gate = new OrderingGate();
  gate.offer(begin());
  for (let number = 1; number <= heldLinesMax; number += 1) {
    expect(gate.offer(batch(number))).toEqual([]);
  }
  expect(() => gate.offer(batch(heldLinesMax + 1))).toThrow("lines wait already");
  expect(gate.offer(batch(0))).toHaveLength(heldLinesMax + 1);
});

test.each<[string, readonly BodyEntry[], BodyEntry]>([
  ["begins twice", [begin()], begin()],
  ["hasn't begun", [], batch(0)],
  ["has ended", [begin(), end(0)], batch(0)],
  ["has this batch already", [begin(), batch(0)], batch(0)],
  ["holds this batch already", [begin(), batch(2)], batch(2)],
  ["ends before its last batch", [begin(), batch(0), batch(1)], end(1)],
  ["ends at a batch that waits", [begin(), batch(1)], end(1)],
])("a line of a partition that %s is a defect", (_, before, line) => {
  const gate = new OrderingGate();
  for (const entry of before) gate.offer(entry);
  expect(() => gate.offer(line)).toThrow("has no place in the journal");
});

test("an end before batches that wait past it is a defect", () => {
  const gate = new OrderingGate();
  gate.offer(begin());
  gate.offer(batch(2));
  gate.offer(end(1));
  expect(() => gate.offer(batch(0))).toThrow("batches wait past the end");
});

test("partitions whose names only look alike are told apart", () => {
  const gate = new OrderingGate();
  gate.offer(begin("a\nb", ""));
  expect(() => gate.offer(batch(0, { stream: "a", partition: "b" }))).toThrow("hasn't begun");
});
