/** Work on many things, a few at a time. */
import { expect, test } from "vitest";
import { mapParallel, parallelFilesMax } from "../../../connectors/file/map-parallel.ts";

test("answers come in order, and no more is under way than may be", async () => {
  let underWay = 0;
  let most = 0;
  const items = Array.from({ length: 50 }, (_, index) => index);
  const answers = await mapParallel(items, async (item) => {
    underWay += 1;
    most = Math.max(most, underWay);
    await Promise.resolve();
    underWay -= 1;
    return item * 2;
  });
  expect(answers).toEqual(items.map((item) => item * 2));
  expect(most).toBe(parallelFilesMax);
});

test("the first failure in order is thrown, after what was begun has ended", async () => {
  const ended: number[] = [];
  const failing = mapParallel([0, 1, 2, 3], async (item) => {
    await Promise.resolve();
    ended.push(item);
    if (item > 0) throw new Error(`item ${item}`);
  });
  await expect(failing).rejects.toThrow("item 1");
  expect(new Set(ended)).toEqual(new Set([0, 1, 2, 3]));
  expect(await mapParallel([], () => Promise.resolve(1))).toEqual([]);
});
