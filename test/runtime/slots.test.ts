import fc from "fast-check";
import { expect, test } from "vitest";
import { Slots } from "../../src/runtime/slots.ts";

test("as many are taken as there are places, and one more waits", async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 8 }), async (places) => {
      const slots = new Slots(places);
      const free = await Promise.all(Array.from({ length: places }, () => slots.take()));
      expect(slots.taken).toBe(places);
      let isIn = false;
      const next = slots.take().then((release) => {
        isIn = true;
        return release;
      });
      await Promise.resolve();
      expect(isIn).toBe(false);
      free[0]?.();
      // A second call frees nothing.
      free[0]?.();
      const release = await next;
      expect(slots.taken).toBe(places);
      release();
      for (const one of free) one();
      expect(slots.taken).toBe(0);
    }),
  );
});

test("who waited longest comes first, and nobody slips in", async () => {
  const slots = new Slots(1);
  const order: number[] = [];
  const free = await slots.take();
  const waiting = [1, 2, 3].map(async (number) => {
    const release = await slots.take();
    order.push(number);
    release();
  });
  free();
  const last = slots.take();
  await Promise.all([...waiting, last]);
  expect(order).toEqual([1, 2, 3]);
  (await last)();
  expect(slots.taken).toBe(0);
});

test("a place is freed by work that throws", async () => {
  const slots = new Slots(1);
  await expect(slots.within(() => Promise.reject(new Error("no")))).rejects.toThrow("no");
  expect(await slots.within(async () => slots.taken)).toBe(1);
  expect(slots.taken).toBe(0);
});

test.each([0, -1, 1.5, Number.NaN])("there are never %s places", (places) => {
  expect(() => new Slots(places)).toThrow(RangeError);
});
