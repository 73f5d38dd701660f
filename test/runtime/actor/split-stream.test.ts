import { expect, test } from "vitest";
import { checkedPartitions, partitionsMax } from "../../../src/runtime/actor/split-stream.ts";
import { caught } from "../../core/caught.ts";

const offered = (...ids: readonly string[]) => ids.map((id) => ({ id, token: id }));
const begun = (...ids: readonly string[]) => ids.map((partition) => ({ partition }));
const many = (count: number) =>
  offered(...Array.from({ length: count }, (_, index) => `p${index}`));

test("none and one partition are a whole read", () => {
  expect(checkedPartitions("s", [], [])).toEqual([null]);
  expect(checkedPartitions("s", offered("a"), [])).toEqual([null]);
  expect(checkedPartitions("s", offered("a", "b"), [])).toHaveLength(2);
});

test("those that were begun have to be among those that are offered", () => {
  expect(checkedPartitions("s", offered("a", "b", "c"), begun("c", "a"))).toHaveLength(3);
  for (const now of [offered("a", "b"), offered("c"), []]) {
    expect(caught(() => checkedPartitions("s", now, begun("c")))).toMatchObject({
      kind: "Transient",
      code: "source.partitions_changed",
    });
  }
});

test("there are at most as many as may be, and no two of one id", () => {
  expect(checkedPartitions("s", many(partitionsMax), [])).toHaveLength(partitionsMax);
  expect(() => checkedPartitions("s", many(partitionsMax + 1), [])).toThrow("1025 partitions");
  expect(() => checkedPartitions("s", offered("a", "a"), [])).toThrow("one id");
  expect(checkedPartitions("s", offered("a".repeat(40), "del-1", "del-"), [])).toHaveLength(3);
  for (const id of ["del", "", "A", "a".repeat(41), "a/b"]) {
    expect(() => checkedPartitions("s", offered("a", id), [])).toThrow("not 'del'");
  }
});
